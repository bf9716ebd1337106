// Decides what the promotion screens know: the list, one promotion with its history, which till holds which book.

import { answer, type Schemas } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api } from '../../api.ts'
import { onLive } from '../../shell/useLive.ts'
import type { Limits, Terms } from './terms.ts'

export type Shown = Schemas['PromotionShown']
export type Whole = Schemas['PromotionWhole']
export type Till = Schemas['TillHears']

const ASKED_AGAIN = { waiting: 2_000, quiet: 15_000 }

export const termsOf = (row: { terms: Record<string, unknown> }): Terms => row.terms as unknown as Terms
export const limitsOf = (row: { limits: Record<string, unknown> }): Limits => row.limits as Limits

export function usePromotionList() {
  const query = useQuery({ queryKey: ['promotions'], queryFn: ({ signal }) => answer(api.GET('/api/promotions', { signal })), staleTime: 0 })
  onLive(['promotions.changed', 'promotion.used'], () => void query.refetch())
  return query
}

/** Which book every till holds; asked often while one that is on line has not got the newest. */
export function useConfirmations(placeIds: MaybeRefOrGetter<readonly string[] | null | undefined> = null) {
  const query = useQuery({
    queryKey: ['promotion-confirmations'],
    queryFn: ({ signal }) => answer(api.GET('/api/promotions/confirmations', { signal })),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.tills.some((till) => !holds(till, state.data!.promo_version)) ? ASKED_AGAIN.waiting : ASKED_AGAIN.quiet),
  })
  onLive(['promotions.changed'], () => void query.refetch())
  const tills = computed(() => {
    const places = toValue(placeIds)
    return (query.data.value?.tills ?? []).filter(({ location_id: id }) => !places?.length || places.includes(id))
  })
  const version = computed(() => query.data.value?.promo_version ?? 0)
  const having = computed(() => tills.value.filter((till) => holds(till, version.value)))
  return { query, tills, version, having }
}

export const holds = (till: Till, version: number): boolean => (till.promo_version ?? -1) >= version
