// Decides what the matrix shows: the filters of the address, pages of styles, and every change the stream brings.

import { answer } from '@placket/api'
import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { refThrottled } from '@vueuse/core'
import { computed, nextTick, shallowReactive, shallowRef, type Ref } from 'vue'
import { api } from '../../api.ts'
import { onLive, onMissed } from '../../shell/useLive.ts'
import { Board, matrixOf, rowsOf, summary } from './board.ts'

const PULSE_MS = 1_400
/** Styles of the first page, more than any screen shows at once, and of those behind it. */
const FIRST = 12
const MORE = 40

export interface MatrixFilters {
  q: Ref<string>
  category: Ref<string>
  season: Ref<string>
  only: Ref<string>
}

export function useMatrix(filters: MatrixFilters, placeIds: Ref<readonly string[]>) {
  const wanted = computed(() => ({
    q: filters.q.value || undefined,
    category_id: filters.category.value || undefined,
    season_id: filters.season.value || undefined,
    only: (filters.only.value || 'all') as 'all' | 'low' | 'zero',
  }))

  const query = useInfiniteQuery({
    queryKey: ['stock', 'matrix', wanted],
    queryFn: async ({ pageParam, signal }) => matrixOf(await answer(api.GET('/api/stock/matrix', { params: { query: { ...wanted.value, limit: pageParam === undefined ? FIRST : MORE, cursor: pageParam } }, signal }))),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
    structuralSharing: false,
  })

  const references = useQuery({
    queryKey: ['catalogue', 'references'],
    queryFn: () => answer(api.GET('/api/catalogue/references')),
    staleTime: 5 * 60_000,
  })

  const board = new Board()
  /** Rises with every batch of changes; what depends on it is painted anew. */
  const tick = shallowRef(0)
  const pulses = shallowReactive(new Set<string>())

  onLive(['stock.changed'], (events) => {
    const changed = board.hear(events)
    if (changed.length === 0) return
    tick.value += 1
    for (const key of changed) pulses.add(key)
    setTimeout(() => {
      for (const key of changed) pulses.delete(key)
    }, PULSE_MS)
    void nextTick(() => requestAnimationFrame(() => performance.mark('ws:painted')))
  })
  onMissed(() => board.forget())

  const pages = computed(() => query.data.value?.pages ?? [])
  const styles = computed(() => pages.value.flatMap((page) => page.items))
  const places = computed(() => {
    const all = pages.value[0]?.locations ?? []
    return placeIds.value.length === 0 ? all : all.filter((place) => placeIds.value.includes(place.id))
  })
  /** On the way: no branch and no depot, so it stands beside them and is part of no total. Shown for the whole chain only. */
  const transitId = computed(() => (placeIds.value.length === 0 ? pages.value[0]?.transit_id : undefined))
  const rows = computed(() => rowsOf(styles.value))
  const calm = refThrottled(tick, 500)
  const totals = computed(() => {
    void calm.value
    return summary(board, styles.value, places.value)
  })

  /** Everything the filters let through, also what has not been scrolled to. */
  async function loadAll(): Promise<void> {
    while (query.hasNextPage.value) await query.fetchNextPage()
  }

  return { query, references, board, tick, pulses, styles, places, transitId, rows, totals, loadAll }
}
