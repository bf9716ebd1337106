// Decides what the payments page shows and does: credits, requests, providers, accounts, settlements.

import { answer, type Schemas } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { api } from '../../api.ts'
import { onLive } from '../../shell/useLive.ts'

export type Credit = Schemas['CreditShown']
export type Listed = Schemas['RequestListed']
export type Account = Schemas['AccountOf']

export function useCredits(which: 'open' | 'surplus' | 'all') {
  const query = useQuery({
    queryKey: ['credits', which],
    queryFn: ({ signal }) => answer(api.GET('/api/bank/credits', { params: { query: { which } }, signal })),
    staleTime: 0,
  })
  onLive(['credit.changed', 'payment.changed'], () => void query.refetch())
  return query
}

export function useRequests() {
  const query = useQuery({ queryKey: ['payment-requests'], queryFn: ({ signal }) => answer(api.GET('/api/bank/requests', { signal })), staleTime: 0 })
  onLive(['payment.changed'], () => void query.refetch())
  return query
}

export function useReturns() {
  const query = useQuery({ queryKey: ['payment-returns'], queryFn: ({ signal }) => answer(api.GET('/api/bank/returns', { signal })), staleTime: 0 })
  onLive(['payment.changed'], () => void query.refetch())
  return query
}

export function useProviders() {
  const query = useQuery({ queryKey: ['providers'], queryFn: ({ signal }) => answer(api.GET('/api/bank/providers', { signal })), refetchInterval: 20_000 })
  onLive(['credit.changed'], () => void query.refetch())
  return query
}

/** Whether a guess can be matched as it stands; else the money goes back. */
export function fits({ guess }: Credit): boolean {
  return guess !== null && (guess.sale_id !== null || guess.state === 'waiting' || (guess.state === 'received' && guess.why === 'amount'))
}

export async function match(credit: Credit): Promise<void> {
  const { guess } = credit
  if (guess === null) return
  const body = { request_id: guess.request_id, sale_id: guess.sale_id, reason: null }
  await api.POST('/api/bank/credits/{credit_id}/match', { params: { path: { credit_id: credit.id } }, body })
}

/** A credit, or a transfer that a till has received, has been paid back. */
export async function payBack(of: { credit: string } | { payment: string }, reason: string): Promise<void> {
  if ('credit' in of) await api.POST('/api/bank/credits/{credit_id}/return', { params: { path: { credit_id: of.credit } }, body: { reason } })
  else await api.POST('/api/bank/returns/{payment_id}', { params: { path: { payment_id: of.payment } }, body: { reason } })
}
