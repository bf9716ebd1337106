// The language of the office: Vietnamese first, English second, remembered on this device.

import { uiMessages, type Language } from '@placket/ui'
import { createI18n } from 'vue-i18n'
import { en } from './en.ts'
import { vi } from './vi.ts'

const KEY = 'placket.language'

export const i18n = createI18n({
  legacy: false,
  locale: localStorage.getItem(KEY) === 'en' ? 'en' : 'vi',
  fallbackLocale: 'vi',
  messages: { vi: { ...vi, ui: uiMessages.vi }, en: { ...en, ui: uiMessages.en } },
})

export const language = (): Language => i18n.global.locale.value as Language

/** Choose, and remember the choice. */
export function setLanguage(chosen: Language): void {
  i18n.global.locale.value = chosen
  localStorage.setItem(KEY, chosen)
  document.documentElement.lang = chosen
}
document.documentElement.lang = language()
