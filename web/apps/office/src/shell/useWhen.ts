// How long ago something was, as people say it; absolute when it is longer than a day.

import { date, dateTime, time } from '@placket/ui'
import { useI18n } from 'vue-i18n'

export function useWhen() {
  const { t } = useI18n()

  function ago(at: string | null | undefined, now: number): string {
    if (!at) return t('common.never')
    const minutes = Math.floor((now - Date.parse(at)) / 60_000)
    if (minutes < 1) return t('common.now')
    if (minutes < 60) return t('common.minutes_ago', { n: minutes })
    if (date(at) === date(now)) return t('common.today_at', { time: time(at) })
    return dateTime(at)
  }
  return { ago }
}
