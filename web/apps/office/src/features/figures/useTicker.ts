// The last receipts as they are made, and which branches have just sold.

import { answer } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { useThrottleFn } from '@vueuse/core'
import { computed, ref } from 'vue'
import { api } from '../../api.ts'
import { onLive } from '../../shell/useLive.ts'

const SHOWN = 8
const AT_MOST_EVERY_MS = 700
const LIT_MS = 1_500

export function useTicker() {
  const list = useQuery({
    queryKey: ['sales', 'last'],
    queryFn: ({ signal }) => answer(api.GET('/api/sales', { params: { query: { limit: SHOWN, state: 'posted' } }, signal })),
    staleTime: 0,
  })
  const sold = ref<ReadonlySet<string>>(new Set())
  const refresh = useThrottleFn(() => void list.refetch(), AT_MOST_EVERY_MS, true)
  onLive(['sale.completed', 'sale.voided'], (events) => {
    void refresh()
    const places = events.filter((event) => event.topic === 'sale.completed').map((event) => String(event.payload['location_id']))
    sold.value = new Set([...sold.value, ...places])
    setTimeout(() => (sold.value = new Set([...sold.value].filter((place) => !places.includes(place)))), LIT_MS)
  })
  return { sales: computed(() => list.data.value?.items ?? []), sold }
}
