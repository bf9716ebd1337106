// The rules of points and tiers as they were, are and are planned; planning one, seeing what it comes to, taking it back.

import { answer, type Schemas } from '@placket/api'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api } from '../../api.ts'

export type TierSet = Schemas['TierSetShown']
export type PointsRule = Schemas['PointsRuleShown']
export type PointsText = Schemas['PointsRuleText']
export type TierText = Schemas['TierText']

export function useLoyalty() {
  const client = useQueryClient()
  const query = useQuery({ queryKey: ['loyalty'], queryFn: ({ signal }) => answer(api.GET('/api/loyalty/terms', { signal })) })
  const inForce = <T extends { state: string }>(rows: readonly T[] | undefined) => rows?.find(({ state }) => state === 'in_force')
  const changed = { onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: ['loyalty'] }), client.invalidateQueries({ queryKey: ['tiers'] })]) }
  const on = (valid_from: string) => ({ params: { path: { valid_from } } })
  return {
    query,
    tiers: computed(() => inForce(query.data.value?.tiers)),
    points: computed(() => inForce(query.data.value?.points)),
    planTiers: useMutation({ mutationFn: ({ from, tiers }: { from: string; tiers: TierText[] }) => answer(api.PUT('/api/loyalty/tiers/{valid_from}', { ...on(from), body: { tiers } })), ...changed }),
    planPoints: useMutation({ mutationFn: ({ from, rule }: { from: string; rule: PointsText }) => answer(api.PUT('/api/loyalty/points/{valid_from}', { ...on(from), body: rule })), ...changed }),
    dropTiers: useMutation({ mutationFn: (from: string) => answer(api.DELETE('/api/loyalty/tiers/{valid_from}', on(from))), ...changed }),
    dropPoints: useMutation({ mutationFn: (from: string) => answer(api.DELETE('/api/loyalty/points/{valid_from}', on(from))), ...changed }),
  }
}
