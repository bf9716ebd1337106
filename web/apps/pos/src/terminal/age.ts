// How long ago something was, in a word or two; it grows older on the screen by itself.

import { useI18n } from 'vue-i18n'
import { moment } from './clock'

const MINUTE_MS = 60_000
const HOUR = 60
const DAY = 1_440

export function useAge(): (at: string) => string {
  const { t } = useI18n()
  return (at) => {
    const minutes = Math.max(0, Math.floor((moment.value - Date.parse(at)) / MINUTE_MS))
    if (minutes < 1) return t('counter.parked.age.now')
    if (minutes < HOUR) return t('counter.parked.age.minutes', { count: minutes })
    if (minutes < DAY) return t('counter.parked.age.hours', { count: Math.floor(minutes / HOUR) })
    return t('counter.parked.age.days', { count: Math.floor(minutes / DAY) })
  }
}
