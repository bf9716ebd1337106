// Whether the books agree, on every screen the same: as the server last proved them, and as it tells of changes.

import { answer } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api } from '../api.ts'
import { useClock } from './useClock.ts'
import { onLive } from './useLive.ts'
import { useMe } from './useSession.ts'

const REFRESH_MS = 30_000
/** The watch looks every 15 seconds; without a look for this long nobody can say that the books are right. */
const LATE_MS = 120_000

export type BooksState = 'right' | 'wrong' | 'unwatched'

export function useBooks() {
  const { may } = useMe()
  const books = useQuery({
    queryKey: ['books'],
    queryFn: ({ signal }) => answer(api.GET('/api/books', { signal })),
    enabled: () => may('audit.read'),
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  })
  onLive(['books.changed'], () => void books.refetch())
  const now = useClock(10_000)
  const late = computed(() => {
    const at = books.data.value?.looked_at
    return at == null || now.value - Date.parse(at) > LATE_MS
  })
  const state = computed<BooksState | undefined>(() => {
    if (!books.data.value) return undefined
    if (books.data.value.items.length) return 'wrong'
    return late.value ? 'unwatched' : 'right'
  })
  return { books, state, late }
}
