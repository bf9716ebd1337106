// How many styles the text means, and whom it meets there: asked whenever what it says of goods, place or time changes.

import { answer } from '@placket/api'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { refDebounced } from '@vueuse/core'
import { computed } from 'vue'
import { api } from '../../api.ts'
import { tidy, type Terms } from './terms.ts'

export function useReach(id: string, terms: () => Terms | undefined) {
  const asked = computed(() => {
    const now = terms()
    return now === undefined ? undefined : JSON.stringify(tidy(now))
  })
  const settled = refDebounced(asked, 250)
  return useQuery({
    queryKey: computed(() => ['reach', id, settled.value]),
    queryFn: ({ signal }) => answer(api.POST('/api/promotions/reach', { body: { promotion_id: id, terms: JSON.parse(settled.value ?? '{}') as Record<string, unknown> }, signal })),
    enabled: computed(() => settled.value !== undefined),
    placeholderData: keepPreviousData,
    retry: false,
  })
}
