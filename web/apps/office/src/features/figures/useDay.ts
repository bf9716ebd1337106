// Decides what the dashboard shows: a day, beside which other, at which place; as it is now and as every sale changes it.

import { answer } from '@placket/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { useThrottleFn } from '@vueuse/core'
import { computed, type Ref } from 'vue'
import { api } from '../../api.ts'
import { onLive } from '../../shell/useLive.ts'
import type { By, Compare } from './figures.ts'

/** A busy chain sells several times a second; nobody reads figures that change more often than this. */
const AT_MOST_EVERY_MS = 2_000
const REFRESH_MS = 60_000

export function useDay(on: Ref<string>, compare: Ref<Compare>, placeId: Ref<string>, today: Ref<string>) {
  const wanted = computed(() => ({ on: on.value, compare: compare.value, location_id: placeId.value || undefined }))
  const every = { placeholderData: keepPreviousData, refetchInterval: REFRESH_MS }
  const day = useQuery({
    queryKey: ['dashboard', wanted],
    queryFn: ({ signal }) => answer(api.GET('/api/dashboard', { params: { query: wanted.value }, signal })),
    ...every,
  })
  const report = (by: By, from: Ref<string>) =>
    useQuery({
      queryKey: ['report', by, from, wanted],
      queryFn: ({ signal }) => {
        const { compare: beside, location_id } = wanted.value
        const query = { from_on: from.value, to_on: on.value, by, compare: beside, location_id }
        return answer(api.GET('/api/reports/sales', { params: { query }, signal }))
      },
      ...every,
    })
  const weekBefore = computed(() => new Date(Date.parse(on.value) - 6 * 86_400_000).toISOString().slice(0, 10))
  const [staff, categories, week] = [report('staff', on), report('category', on), report('day', weekBefore)]
  const refresh = useThrottleFn(() => void Promise.all([day, staff, categories].map((one) => one.refetch())), AT_MOST_EVERY_MS, true)
  onLive(['sale.completed', 'sale.voided'], () => {
    if (on.value === today.value) void refresh()
  })
  return { day, staff, categories, week }
}
