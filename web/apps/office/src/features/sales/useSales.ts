// Decides which sales are listed: the filters of the address, and every new receipt as it is written.

import { answer, type Schemas } from '@placket/api'
import { computed, type Ref } from 'vue'
import { api } from '../../api.ts'
import { onLive } from '../../shell/useLive.ts'
import { usePages } from '../../shell/usePages.ts'

export type Sale = Schemas['SaleListed']
export type SaleFilters = Record<'q' | 'from' | 'to' | 'state' | 'channel', Ref<string>>

export function useSales(filters: SaleFilters, placeId: Ref<string>) {
  const wanted = computed(() => ({
    location_id: placeId.value || undefined,
    q: filters.q.value || undefined,
    from_on: filters.from.value || undefined,
    to_on: filters.to.value || undefined,
    state: (filters.state.value || undefined) as 'posted' | 'void' | undefined,
    channel: (filters.channel.value || undefined) as 'store' | 'web' | undefined,
  }))
  const list = usePages<Sale>({
    key: () => ['sales', wanted.value],
    fetch: (cursor, signal) => answer(api.GET('/api/sales', { params: { query: { ...wanted.value, limit: 60, cursor } }, signal })),
    idOf: (sale) => sale.id,
  })
  onLive(['sale.completed', 'sale.voided'], () => void list.refreshHead())
  return list
}
