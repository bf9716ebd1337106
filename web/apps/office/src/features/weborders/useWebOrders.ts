// Decides which online orders are listed, and does to them what somebody may.

import { answer, type Schemas } from '@placket/api'
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import type { MaybeRefOrGetter, Ref } from 'vue'
import { computed, toValue } from 'vue'
import { api } from '../../api.ts'
import { onLive } from '../../shell/useLive.ts'
import { usePages } from '../../shell/usePages.ts'

export const VIEWS = ['to_do', 'to_collect', 'on_its_way', 'payment_trouble', 'open', 'all'] as const
export type View = (typeof VIEWS)[number]
export type Listed = Schemas['OrderListed']
export type Order = Schemas['ShopOrder']
export type Whole = Omit<Schemas['OrderWhole'], 'seen'> & { seen: Order }

export const TONES = { asking: 'info', held: 'info', confirmed: 'accent', done: 'ok', refused: 'neutral', expired: 'neutral', cancelled: 'neutral' } as const
export const toneOf = (state: string) => TONES[state as keyof typeof TONES] ?? 'neutral'

export function useWebOrders(view: Ref<View>, q: Ref<string>) {
  const wanted = computed(() => ({ view: view.value, q: q.value || undefined }))
  const list = usePages<Listed>({
    key: () => ['weborders', wanted.value],
    fetch: (cursor, signal) => answer(api.GET('/api/web-orders', { params: { query: { ...wanted.value, limit: 60, cursor } }, signal })),
    idOf: (order) => order.id,
  })
  const counts = useQuery({ queryKey: ['weborders', 'counts'], queryFn: ({ signal }) => answer(api.GET('/api/web-orders/counts', { signal })) })
  onLive(['order.changed'], () => {
    void list.refreshHead()
    void counts.refetch()
  })
  return { ...list, counts }
}

/** One order whole. The server tells of `seen` as of any JSON; it is the order as its customer sees it. */
export function useWebOrder(orderId: MaybeRefOrGetter<string>) {
  const client = useQueryClient()
  const key = computed(() => ['weborder', toValue(orderId)] as const)
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await answer(api.GET('/api/web-orders/{order_id}', { params: { path: { order_id: toValue(orderId) } }, signal }))) as unknown as Whole,
  })
  onLive(['order.changed'], (events) => {
    if (events.some((event) => event.key === toValue(orderId))) void client.invalidateQueries({ queryKey: key.value })
  })
  return query
}

export const cancelOrder = (orderId: string, reason: string) => answer(api.POST('/api/web-orders/{order_id}/cancel', { params: { path: { order_id: orderId } }, body: { reason } }))
