// What categories, branches and tiers are called in a segment's sentence, and what there is to choose from.

import { answer } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api } from '../../api.ts'
import { language } from '../../i18n/index.ts'
import { usePlaces } from '../../shell/useSession.ts'

const FRESH = 5 * 60_000
const named = (item: { name_vi: string; name_en: string }): string => (language() === 'vi' ? item.name_vi : item.name_en)

export const useTiers = () => useQuery({ queryKey: ['tiers'], queryFn: () => answer(api.GET('/api/tiers')), staleTime: FRESH })

export function useSegmentNames() {
  const { branches } = usePlaces()
  const references = useQuery({ queryKey: ['catalogue', 'references'], queryFn: () => answer(api.GET('/api/catalogue/references')), staleTime: FRESH })
  const ranks = useTiers()
  const options = computed(() => ({
    category: (references.data.value?.categories ?? []).map((item) => ({ value: item.id, label: named(item) })),
    branch: branches.value.map(({ id, name }) => ({ value: id, label: name })),
    tier: (ranks.data.value ?? []).map((item) => ({ value: item.tier, label: named(item) })),
  }))
  const nameOf = (kind: 'category' | 'branch' | 'tier', id: string): string | undefined => options.value[kind].find(({ value }) => value === id)?.label
  return { options, nameOf }
}
