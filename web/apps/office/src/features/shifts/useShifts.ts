// Decides which shifts are listed: the filters of the address, and every shift as it opens, moves cash or closes.

import { answer, type Schemas } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api } from '../../api.ts'
import { onLive } from '../../shell/useLive.ts'
import { usePages } from '../../shell/usePages.ts'

export type Shift = Schemas['ShiftListed']
export type Variance = Schemas['Variance']

export function useShifts(filters: Record<'from' | 'to', Ref<string>>, placeId: Ref<string>) {
  const wanted = computed(() => ({
    location_id: placeId.value || undefined,
    from_on: filters.from.value || undefined,
    to_on: filters.to.value || undefined,
  }))
  const list = usePages<Shift>({
    key: () => ['shifts', wanted.value],
    fetch: (cursor, signal) => answer(api.GET('/api/shifts', { params: { query: { ...wanted.value, limit: 60, cursor } }, signal })),
    idOf: (shift) => shift.id,
  })
  const off = useQuery({
    queryKey: ['variances', wanted],
    queryFn: ({ signal }) => answer(api.GET('/api/shifts/variances', { params: { query: wanted.value }, signal })),
  })
  // A late sale changes a shift too: it is announced as a sale.
  onLive(['shift.changed', 'sale.completed'], () => {
    void list.refreshHead()
    void off.refetch()
  })
  return { ...list, off }
}
