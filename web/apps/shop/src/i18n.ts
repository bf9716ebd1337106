// The language of the page is the language of its address; the server has chosen the rest of the page by it too.

import { createI18n } from 'vue-i18n'
import { en, vi } from './words/index.ts'

export type Language = 'vi' | 'en'

export const language = (): Language => (globalThis.document?.documentElement.lang === 'en' ? 'en' : 'vi')

export const i18n = createI18n({
  legacy: false,
  locale: language(),
  fallbackLocale: 'vi',
  messages: { vi, en },
})

export const say = i18n.global.t

/** An address of the shop in the language of the page. */
export const at = (path: string): string => (language() === 'en' ? `/en${path}` : path)

/** The name of a thing in the language of the page. */
export const named = (one: { name_vi: string; name_en: string }): string => (language() === 'en' ? one.name_en : one.name_vi)
