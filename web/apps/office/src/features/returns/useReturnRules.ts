// Decides what the rules of returns show, and plans or drops one.

import { answer, type Schemas } from '@placket/api'
import { useMutation, useQuery } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import { api } from '../../api.ts'
import { newId } from '../../shell/newId.ts'

export type Policy = Schemas['PolicyRule']
export type TenderRule = Schemas['TenderRule']
export type Form = Schemas['PolicyWish']['forms'][number]
export type BackBy = Schemas['TenderWish']['back_by'][number]

export const FORMS: readonly Form[] = ['original', 'store_credit', 'exchange']
export const BACK_BY: readonly BackBy[] = ['cash', 'card', 'transfer', 'store_credit']

export function useReturnRules() {
  const query = useQuery({ queryKey: ['return-rules'], queryFn: ({ signal }) => answer(api.GET('/api/return-rules', { signal })), staleTime: 0 })
  const older = ref(false)
  const shown = <T extends { state: string }>(rows: readonly T[]): T[] => rows.filter(({ state }) => older.value || state !== 'replaced')
  const dropped = { onSuccess: () => void query.refetch() }
  return {
    query, older,
    today: computed(() => query.data.value?.today ?? ''),
    policies: computed(() => shown(query.data.value?.policies ?? [])),
    tenders: computed(() => shown(query.data.value?.tenders ?? [])),
    writePolicy: useMutation({
      mutationFn: (body: Schemas['PolicyWish']) => api.PUT('/api/return-rules/policies/{policy_id}', { params: { path: { policy_id: newId() } }, body }),
      ...dropped,
    }),
    writeTender: useMutation({
      mutationFn: ({ kind, body }: { kind: string; body: Schemas['TenderWish'] }) =>
        api.PUT('/api/return-rules/tenders/{kind}', { params: { path: { kind: kind as 'cash' } }, body }),
      ...dropped,
    }),
    dropPolicy: useMutation({
      mutationFn: ({ id }: Policy) => api.DELETE('/api/return-rules/policies/{policy_id}', { params: { path: { policy_id: id } } }), ...dropped,
    }),
    dropTender: useMutation({
      mutationFn: ({ kind, valid_from: from }: TenderRule) =>
        api.DELETE('/api/return-rules/tenders/{kind}/{valid_from}', { params: { path: { kind: kind as 'cash', valid_from: from } } }),
      ...dropped,
    }),
  }
}
