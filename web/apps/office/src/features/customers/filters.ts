// What the list of customers can be narrowed by, and what the tiers are called.

import { answer } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api } from '../../api.ts'
import { language } from '../../i18n/index.ts'

export const AGREES = ['email', 'sms', 'zalo', 'push', 'none'] as const

const FRESH = 5 * 60_000

export function useTierNames() {
  const ranks = useQuery({ queryKey: ['tiers'], queryFn: () => answer(api.GET('/api/tiers')), staleTime: FRESH })
  const tiers = computed(() => (ranks.data.value ?? []).map((item) => ({ value: item.tier, label: language() === 'vi' ? item.name_vi : item.name_en })))
  const tierOf = (tier: string): string => tiers.value.find(({ value }) => value === tier)?.label ?? ''
  return { tiers, tierOf }
}
