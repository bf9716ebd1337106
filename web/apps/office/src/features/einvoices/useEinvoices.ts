// Decides which e-invoices are listed, and does to them what somebody may.

import { answer, type Schemas } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import type { MaybeRefOrGetter, Ref } from 'vue'
import { computed, toValue } from 'vue'
import { api } from '../../api.ts'
import { usePages } from '../../shell/usePages.ts'

export const STATES = ['waiting', 'rejected', 'accepted', 'replaced'] as const
export type State = (typeof STATES)[number]
export type Listed = Schemas['EinvoiceListed']
export type Whole = Schemas['EinvoiceWhole']
export type TermsWish = Schemas['EinvoiceTermsWritten']
export type BuyerWish = Schemas['BuyerCorrected']

export const TONES = { waiting: 'info', accepted: 'ok', rejected: 'danger', replaced: 'neutral' } as const
const EVERY_MS = 15_000

export const numberOf = (one: Pick<Listed, 'form' | 'serial' | 'number'>) => `${String(one.form)}${one.serial} ${String(one.number).padStart(8, '0')}`

export function useEinvoices(state: Ref<State | ''>, q: Ref<string>) {
  const wanted = computed(() => ({ state: state.value || undefined, q: q.value || undefined }))
  const list = usePages<Listed>({
    key: () => ['einvoices', wanted.value],
    fetch: (cursor, signal) => answer(api.GET('/api/einvoices', { params: { query: { ...wanted.value, limit: 60, cursor } }, signal })),
    idOf: (one) => one.id,
  })
  const counts = useQuery({ queryKey: ['einvoices', 'counts'], queryFn: ({ signal }) => answer(api.GET('/api/einvoices/counts', { signal })), refetchInterval: EVERY_MS })
  return { ...list, counts }
}

export const useEinvoice = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => ['einvoice', toValue(id)] as const),
    queryFn: ({ signal }) => answer(api.GET('/api/einvoices/{einvoice_id}', { params: { path: { einvoice_id: toValue(id) } }, signal })),
  })

export const useTerms = () => useQuery({ queryKey: ['einvoices', 'terms'], queryFn: ({ signal }) => answer(api.GET('/api/einvoices/terms', { signal })) })

const path = (id: string) => ({ params: { path: { einvoice_id: id } } })
export const retryEinvoice = (id: string) => answer(api.POST('/api/einvoices/{einvoice_id}/retry', path(id)))
export const replaceEinvoice = (id: string, body: BuyerWish) => answer(api.POST('/api/einvoices/{einvoice_id}/replace', { ...path(id), body }))
export const writeTerms = (body: TermsWish) => answer(api.POST('/api/einvoices/terms', { body }))
