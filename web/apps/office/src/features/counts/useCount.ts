// Decides what happens to one count: its steps, its lines as somebody filters them, and what is said of them.

import { answer, Refusal, type Schemas } from '@placket/api'
import { toast } from '@placket/ui'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { useThrottleFn } from '@vueuse/core'
import { computed, ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, sentenceOf } from '../../api.ts'
import { nameOfCount } from '../../shell/codeOf.ts'
import { newId } from '../../shell/newId.ts'
import { onLive } from '../../shell/useLive.ts'
import type { Goods } from '../../shell/useGoods.ts'
import { isReviewed, type Count, type Filter, type Line, type Reason } from './count.ts'

const PAGES_MAX = 200

export function useCount(countId: () => string, filter: Ref<Filter>) {
  const { t } = useI18n()
  const client = useQueryClient()
  const path = () => ({ params: { path: { count_id: countId() } } })
  const query = useQuery({ queryKey: computed(() => ['count', countId()]), queryFn: ({ signal }) => answer(api.GET('/api/counts/{count_id}', { ...path(), signal })) })
  const count = computed<Count | undefined>(() => query.data.value)
  const pages = ref(1)
  const page = (cursor: string | undefined, which: Filter, signal?: AbortSignal) =>
    answer(api.GET('/api/counts/{count_id}/lines', { params: { path: { count_id: countId() }, query: { which, cursor } }, ...(signal ? { signal } : {}) }))
  const lines = useQuery({
    queryKey: computed(() => ['count', countId(), 'lines', filter.value, pages.value]),
    queryFn: async ({ signal }) => {
      const first = await page(undefined, filter.value, signal)
      const items = [...first.items]
      let cursor = first.next_cursor
      for (let no = 1; no < pages.value && cursor !== null; no += 1) {
        const next = await page(cursor, filter.value, signal)
        items.push(...next.items)
        cursor = next.next_cursor
      }
      return { sums: first.sums, items, more: cursor !== null }
    },
    placeholderData: keepPreviousData,
    // A line said of under one filter changes what every other filter shows.
    staleTime: 0,
    enabled: computed(() => count.value !== undefined && count.value.state !== 'planned'),
  })

  const refetch = useThrottleFn(() => void Promise.all([query.refetch(), lines.refetch()]), 500, true, true)
  onLive(['count.changed'], (events) => {
    if (events.some((event) => event.key === countId())) void refetch()
  })

  const trouble = ref('')
  const failed = (error: unknown): void => {
    trouble.value = sentenceOf(error, t)
    if (error instanceof Refusal) void refetch()
  }
  const took = (now: Count): void => {
    trouble.value = ''
    client.setQueryData(['count', countId()], now)
    void client.invalidateQueries({ queryKey: ['count', countId(), 'lines'] })
  }
  const step = (act: 'open' | 'close' | 'cancel' | 'post') =>
    useMutation({
      mutationFn: () => answer(api.POST(`/api/counts/{count_id}/${act}`, path())),
      onSuccess: (now) => {
        took(now)
        if (act === 'cancel') toast(t('counts.cancelled_done', { name: nameOfCount(now.number) }))
      },
      onError: failed,
    })

  const said = { onSuccess: took, onError: failed }
  const decide = useMutation({
    mutationFn: (body: { lines: readonly Line[]; decision?: 'zero' | 'keep' | 'post'; reason?: Reason }) =>
      answer(api.POST('/api/counts/{count_id}/decide', { ...path(), body: { variant_ids: body.lines.map((line) => line.variant_id), decision: body.decision ?? null, reason: body.reason ?? null } })),
    ...said,
  })
  const again = useMutation({
    mutationFn: (some: readonly Line[]) => answer(api.POST('/api/counts/{count_id}/recount', { ...path(), body: { variant_ids: some.map((line) => line.variant_id) } })),
    ...said,
  })
  const merge = useMutation({
    mutationFn: (body: { line: Line; zone: number; staffId?: string; deviceId?: string }) =>
      answer(api.POST('/api/counts/{count_id}/merge', { ...path(), body: { zone_no: body.zone, variant_ids: [body.line.variant_id], staff_id: body.staffId ?? null, device_id: body.deviceId ?? null } })),
    ...said,
  })

  /** A piece counted here, at the office's own screen: scans wait for one another. */
  let waiting: Promise<unknown> = Promise.resolve()
  const scanned = ref<{ sku: string; qty: number }>()
  function scan(goods: Goods, qty: number, zone: number): void {
    const at = new Date().toISOString()
    const round = lines.data.value?.items.find((line) => line.variant_id === goods.id)?.round ?? 1
    waiting = enter(waiting, goods, qty, { id: newId(), zone_no: zone, lines: [{ variant_id: goods.id, qty, first_at: at, last_at: at, round }], unknown: [] })
  }
  async function enter(before: Promise<unknown>, goods: Goods, qty: number, body: Schemas['Entering']): Promise<void> {
    await before
    try {
      took(await answer(api.POST('/api/counts/{count_id}/entries', { ...path(), body })))
      scanned.value = { sku: goods.sku, qty: (scanned.value?.sku === goods.sku ? scanned.value.qty : 0) + qty }
    } catch (error) {
      failed(error)
    }
  }

  /** Every line as it is filtered, for a file. */
  async function everyLine(): Promise<Line[]> {
    const found: Line[] = []
    let cursor: string | undefined
    for (let no = 0; no < PAGES_MAX; no += 1) {
      const next = await page(cursor, filter.value)
      found.push(...next.items)
      if (next.next_cursor === null) break
      cursor = next.next_cursor
    }
    return found
  }

  return {
    query, count, lines, trouble, scanned, scan, decide, again, merge, everyLine,
    open: step('open'), close: step('close'), cancel: step('cancel'), post: step('post'),
    more: () => void (pages.value += 1),
    reviewing: computed(() => count.value !== undefined && isReviewed(count.value)),
  }
}
