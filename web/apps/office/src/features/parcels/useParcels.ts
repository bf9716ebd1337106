// Parcels that come back to a depot, and taking one in: done twice it changes nothing.

import { answer, type Schemas } from '@placket/api'
import { money, toast } from '@placket/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { api } from '../../api.ts'

export type Listed = Schemas['BackListed']
export type Back = Schemas['BackShown']
export type Condition = Schemas['LineCame']['condition']
export interface Came { line_no: number; qty: number; condition: Condition }

const KEY = ['courier-returns'] as const
const LOOK_MS = 15_000

export const useParcels = () => useQuery({ queryKey: KEY, queryFn: ({ signal }) => answer(api.GET('/api/courier-returns', { signal })), refetchInterval: LOOK_MS })

export function useParcel(id: MaybeRefOrGetter<string>) {
  const { t } = useI18n()
  const client = useQueryClient()
  const key = computed(() => [...KEY, toValue(id)])
  const query = useQuery({ queryKey: key, queryFn: ({ signal }) => answer(api.GET('/api/courier-returns/{return_id}', { params: { path: { return_id: toValue(id) } }, signal })) })
  const take = useMutation({
    mutationFn: (lines: Came[]) => answer(api.POST('/api/courier-returns/{return_id}/receive', { params: { path: { return_id: toValue(id) } }, body: { lines } })),
    onSuccess: (back) => toast(t('parcels.taken', { code: back.code, vnd: money(back.refund_vnd) })),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  })
  return { query, take }
}

/** Where a parcel is, in one word: with its carrier while it travels, else how the return stands. */
export const stateOf = (state: Listed['state'], parcel: string | null | undefined): string => (state === 'booked' && parcel ? parcel : state)
export const hasArrived = ({ state, parcel_state: parcel }: Listed): boolean => state === 'booked' && (parcel === 'delivered' || parcel === 'returned')
