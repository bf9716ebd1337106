// The period a list is filtered by: the ready-made ones, which of them is chosen, and how it reads.

import { date, day } from '@placket/ui'
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { periods } from './periods.ts'
import { useClock } from './useClock.ts'

const NAMES = ['today', 'yesterday', 'week'] as const

export function usePeriod({ from, to }: Record<'from' | 'to', Ref<string>>) {
  const { t } = useI18n()
  const now = useClock(60_000)
  const ready = computed(() => periods(day(now.value)))
  const chosen = computed(() => NAMES.find((name) => ready.value[name].from === from.value && ready.value[name].to === to.value))
  const period = computed(() => {
    if (chosen.value) return t(`sales.${chosen.value}`)
    if (from.value && to.value) return t('sales.day_range', { from: date(from.value), to: date(to.value) })
    return from.value ? t('sales.since', { from: date(from.value) }) : to.value ? t('sales.until', { to: date(to.value) }) : ''
  })
  const others = computed(() => NAMES.filter((name) => name !== chosen.value).map((name) => ({ name, ...ready.value[name] })))
  return { period, others }
}
