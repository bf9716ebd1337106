// A list that is paged by cursor and whose newest rows arrive by themselves: the head is asked for again when the stream
// says that something happened, and what is new is put on top without moving what somebody is reading.

import { useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/vue-query'
import { useThrottleFn } from '@vueuse/core'
import { computed, shallowRef, toValue, type MaybeRefOrGetter } from 'vue'

export interface PageOf<T> {
  items: T[]
  next_cursor: string | null
}

const FRESH_MS = 2_000

/** The head of a list as it is now, before what was known: present rows replaced, new ones on top. */
export function mergeHead<T>(known: readonly T[], head: readonly T[], idOf: (row: T) => string): { items: T[]; added: string[] } {
  const now = new Map(head.map((row) => [idOf(row), row]))
  const before = new Set(known.map(idOf))
  const added = head.filter((row) => !before.has(idOf(row)))
  return { items: [...added, ...known.map((row) => now.get(idOf(row)) ?? row)], added: added.map(idOf) }
}

export function usePages<T extends object>(options: {
  key: MaybeRefOrGetter<readonly unknown[]>
  fetch: (cursor: string | undefined, signal?: AbortSignal) => Promise<PageOf<T>>
  idOf: (row: T) => string
  enabled?: MaybeRefOrGetter<boolean>
}) {
  const client = useQueryClient()
  const key = computed(() => toValue(options.key))
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => options.fetch(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: PageOf<T>) => page.next_cursor ?? undefined,
    enabled: options.enabled ?? true,
    staleTime: 0,
  })
  const rows = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  const fresh = shallowRef<ReadonlySet<string>>(new Set())

  /** A head that was asked for while something else wrote the list may be older than that, and is asked for again. */
  async function ask(): Promise<void> {
    const asked = key.value
    const list = client.getQueryCache().find<InfiniteData<PageOf<T>, string | undefined>>({ queryKey: asked, exact: true })
    await list?.promise?.catch(() => undefined)
    const writes = list?.state.dataUpdateCount
    const head = await options.fetch(undefined).catch(() => undefined)
    const data = list?.state.data
    // Without network the stamp says so; the rows stay.
    if (head === undefined || data === undefined) return
    if (list?.state.fetchStatus !== 'idle' || list.state.dataUpdateCount !== writes) return ask()
    const [first, ...rest] = data.pages
    if (first === undefined) return
    const known = new Set(rest.flatMap((page) => page.items.map(options.idOf)))
    const merged = mergeHead(first.items, head.items.filter((row) => !known.has(options.idOf(row))), options.idOf)
    client.setQueryData(asked, { ...data, pages: [{ ...first, items: merged.items }, ...rest] })
    fresh.value = new Set(merged.added)
    setTimeout(() => (fresh.value = new Set()), FRESH_MS)
  }
  const refreshHead = useThrottleFn(ask, 700, true, true)

  return { query, rows, fresh, refreshHead, more: () => query.isFetchingNextPage.value || query.fetchNextPage() }
}
