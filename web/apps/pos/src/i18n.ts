// The languages of the till. Vietnamese is the first; English has the same keys, checked by the type.

import { uiMessages } from '@placket/ui'
import { createI18n } from 'vue-i18n'
import { tokens } from './terminal/server'
import { en } from './words/en'
import { vi } from './words/vi'

const KEY = 'placket.language'

export type Language = 'vi' | 'en'

export const i18n = createI18n({
  legacy: false,
  locale: localStorage.getItem(KEY) === 'en' ? 'en' : 'vi',
  fallbackLocale: 'vi',
  messages: { vi: { ...vi, ui: uiMessages.vi }, en: { ...en, ui: uiMessages.en } },
})

/** Speak a language from now on, here and in what the server answers. */
export function speak(language: Language): void {
  i18n.global.locale.value = language
  localStorage.setItem(KEY, language)
  apply()
}

export function apply(): void {
  tokens.language = i18n.global.locale.value
  document.documentElement.lang = i18n.global.locale.value
}
