// Decides what waits for a person: exceptions, doubts, entries in quarantine and money nobody has matched as one list, the urgent first, then the oldest.

import { answer, type Schemas } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { RouteLocationRaw } from 'vue-router'
import { api } from '../api.ts'
import { onLive } from './useLive.ts'
import { useMe } from './useSession.ts'

/** The server's limit on each of the lists. */
export const MOST = 200
/** The stream tells of every change; this is for a stream that is away. */
const REFRESH_MS = 60_000

export interface Matter {
  key: string
  kind: string
  urgent: boolean
  placeId: string | null
  place: string
  /** The goods, the till, or whoever was there. */
  about: string
  at: string
  saleId: string | null
  /** The order whose pieces are missing, by the code that its customer has. */
  orderCode: string | null
  /** The transfer where it is settled, and its code. */
  transfer: { id: string; code: string } | null
  /** Where it is decided: a count or an adjustment, its number, and what is at stake. */
  decision: { route: 'count' | 'adjustments'; id: string; number: number; vnd: number } | null
  /** How much money it is about, as far as that can be said. */
  vnd: number | null
  /** Its document, where that is not a sale or a transfer. */
  opens: RouteLocationRaw | null
  /** Who sees to it, and by which day. */
  owner: string | null
  dueOn: string | null
  /** What is closed, and for an entry its text. */
  of: { exception: string } | { doubt: string } | { entry: Schemas['EntryHeld'] } | null
}

const NOBODYS = { transfer: null, decision: null, owner: null, dueOn: null, opens: null }

/** What an entry in quarantine is about, if its text says a total. */
function totalOf({ text }: Schemas['EntryHeld']): number | null {
  try {
    const { body } = JSON.parse(text) as { body?: { total_vnd?: unknown } }
    return typeof body?.total_vnd === 'number' ? Math.abs(body.total_vnd) : null
  } catch {
    return null // nobody could read it: that is why it waits
  }
}

/** What waits for somebody's approval leads to where it is given. */
function decisionOf(one: Schemas['ExceptionShown']): Matter['decision'] {
  const id = one.count_id ?? one.adjustment_id
  return id === null ? null : { route: one.count_id === null ? 'adjustments' : 'count', id, number: one.number ?? 0, vnd: one.amount_vnd ?? 0 }
}

type Goods = { sku: string | null; name_vi: string | null; name_en: string | null }

export function useMatters(placeId: Ref<string>) {
  const { t, locale } = useI18n()
  const { may } = useMe()
  const every = { refetchInterval: REFRESH_MS, staleTime: 0 }
  const exceptions = useQuery({ queryKey: ['matters', 'exceptions'], queryFn: ({ signal }) => answer(api.GET('/api/stock/exceptions', { signal })), ...every })
  const doubts = useQuery({ queryKey: ['matters', 'doubts'], queryFn: ({ signal }) => answer(api.GET('/api/stock/doubts', { signal })), ...every })
  const entries = useQuery({ queryKey: ['matters', 'quarantine'], queryFn: ({ signal }) => answer(api.GET('/api/sync/quarantine', { signal })), ...every })
  const maySeeMoney = computed(() => may('payment.read'))
  const credits = useQuery({
    queryKey: ['matters', 'credits'], queryFn: ({ signal }) => answer(api.GET('/api/bank/credits', { params: { query: { which: 'open' } }, signal })),
    enabled: maySeeMoney, ...every,
  })
  const lists = computed(() => (maySeeMoney.value ? [exceptions, doubts, entries, credits] : [exceptions, doubts, entries]))

  const refetch = (): Promise<unknown> => Promise.all(lists.value.map((list) => list.refetch()))
  onLive(['till.changed', 'matters.changed'], () => void refetch())

  const nameOf = (goods: Goods) => (goods.sku === null ? '' : `${(locale.value === 'vi' ? goods.name_vi : goods.name_en) ?? ''} · ${goods.sku}`)
  const joined = (...parts: (string | null)[]) => parts.filter(Boolean).join(' · ')

  const all = computed<Matter[]>(() => [
    ...(entries.data.value?.items ?? []).map((entry) => ({
      key: `${entry.till_id}/${entry.epoch}/${entry.seq}`,
      kind: 'entry',
      urgent: true,
      placeId: entry.location_id,
      place: entry.location_name,
      about: t('matters.entry_of', { till: entry.till_code, seq: entry.seq }),
      at: entry.occurred_at ?? entry.recorded_at,
      saleId: null,
      orderCode: null,
      ...NOBODYS,
      vnd: totalOf(entry),
      of: { entry },
    })),
    ...(doubts.data.value?.items ?? []).map((doubt) => ({
      key: doubt.id,
      kind: `doubt_${doubt.reason}`,
      urgent: false,
      placeId: doubt.location_id,
      place: doubt.location_name,
      about: joined(doubt.till_code, doubt.balances > 1 ? t('matters.balances', { n: doubt.balances }) : nameOf(doubt) || t('matters.whole_branch')),
      at: doubt.opened_at,
      saleId: null,
      orderCode: null,
      ...NOBODYS,
      vnd: doubt.at_risk_vnd,
      of: { doubt: doubt.id },
    })),
    ...(maySeeMoney.value ? (credits.data.value ?? []) : []).map((credit) => ({
      key: credit.id,
      kind: 'credit_unmatched',
      urgent: false,
      placeId: null,
      place: '',
      about: joined(credit.account_no, credit.content),
      at: credit.transferred_at ?? credit.received_at,
      saleId: credit.sale_id,
      orderCode: null,
      ...NOBODYS,
      opens: { name: 'payments' },
      vnd: credit.amount_vnd,
      of: null,
    })),
    ...(exceptions.data.value?.items ?? []).map((one) => ({
      key: one.id,
      kind: one.kind,
      urgent: one.severity === 'urgent',
      placeId: one.location_id,
      place: one.location_name ?? '',
      about: joined(nameOf(one), one.qty === null ? null : one.kind === 'short' ? t('matters.lacks', { n: one.qty }) : one.transfer_id ?? one.count_id ?? one.adjustment_id ? t('common.pieces', { n: one.qty }) : null, one.staff_name, one.reason),
      at: one.opened_at,
      saleId: one.sale_id,
      orderCode: one.order_code,
      transfer: one.transfer_id === null ? null : { id: one.transfer_id, code: one.transfer_code ?? '' },
      decision: decisionOf(one),
      vnd: one.at_risk_vnd,
      opens: one.web_order_id === null ? null : { name: 'weborder', params: { orderId: one.web_order_id } },
      owner: one.owner_name,
      dueOn: one.due_on,
      of: { exception: one.id },
    })),
  ])
  const matters = computed(() =>
    all.value
      .filter((matter) => placeId.value === '' || matter.placeId === placeId.value)
      .sort((a, b) => Number(b.urgent) - Number(a.urgent) || Date.parse(a.at) - Date.parse(b.at)),
  )
  return {
    matters,
    refetch,
    loading: computed(() => lists.value.some((list) => list.isPending.value)),
    fetching: computed(() => lists.value.some((list) => list.isFetching.value)),
    // A part of the list would look like all of it.
    error: computed(() => lists.value.find((list) => list.isError.value && list.data.value === undefined)?.error.value),
    cut: computed(() => lists.value.some((list) => ((Array.isArray(list.data.value) ? list.data.value.length : list.data.value?.items.length) ?? 0) >= MOST)),
  }
}
