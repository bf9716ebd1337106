// The customers of this branch on this till: from the device at once, from the server what has changed since.

import { Unreachable } from '@placket/api'
import {
  CustomerIndex, customerOf, dialled, maskedPhone, newId, type CartCustomer, type Customer, type CustomerRow, type LoyaltyTerms,
} from '@placket/selling'
import { computed, shallowRef, triggerRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { serverNow } from './clock'
import { db, keep, kept, plain, type TierName } from './db'
import { recordEntry } from './journal'
import { server } from './server'
import { drain } from './sync'
import { useTill } from './till'

const index = shallowRef(new CustomerIndex())
const terms = shallowRef<LoyaltyTerms>()
/** Ids that became aliases, and of whom, since this start. */
const merged = shallowRef(new Map<string, string>())

/** What a device knows of a customer, by number: after an update that knows more, everybody is fetched again. */
const FORM = 2
const tiers = shallowRef<readonly TierName[]>([])
const AT_ONCE = 10_000
const SOON_MS = 400
/** The version of the words somebody agrees to; the text itself stands in the words of the till. */
export const LOYALTY_TEXT = 'loyalty-2026-11'

let fetching: Promise<void> | undefined
let soon: ReturnType<typeof setTimeout> | undefined

/** Show what the device holds, a part at a time, so that nobody waits for it. */
export async function loadKeptCustomers(): Promise<void> {
  const at = await kept('customers_at')
  terms.value = at?.terms ?? undefined
  let after = ''
  for (;;) {
    const rows = await db.customers.where('id').above(after).limit(AT_ONCE).toArray()
    for (const customer of rows) index.value.put(customer)
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.id
  }
  triggerRef(index)
}

/** Fetch what has changed since the device's cursor, or everybody of the branch. */
export function fetchCustomers(branch: string): Promise<void> {
  fetching ??= fetchOnce(branch).finally(() => { fetching = undefined })
  return fetching
}

async function fetchOnce(branch: string): Promise<void> {
  const at = await kept('customers_at')
  const first = await server.customers(at?.branch === branch && at.form === FORM ? at.cursor : undefined, undefined)
  if (first.whole) {
    await db.customers.clear()
    index.value = new CustomerIndex()
  }
  let page = first
  await takeRows(page.rows)
  while (page.next !== null) {
    page = await server.customers(undefined, page.next)
    await takeRows(page.rows)
  }
  await takeMerged(first.merged)
  const rule = first.terms
  terms.value = rule === null ? undefined : {
    earnPerVnd: rule.earn_per_vnd, pointVnd: rule.point_vnd, spendPointsMin: rule.spend_points_min,
    spendShareBpMax: rule.spend_share_bp_max,
  }
  // The first page's cursor: what has changed while the others came, comes again.
  await keep('customers_at', { branch, form: FORM, cursor: first.cursor, terms: terms.value ?? null })
  triggerRef(index)
}

async function takeRows(rows: unknown[][]): Promise<void> {
  const customers = rows.map((row) => customerOf(row as CustomerRow))
  await db.customers.bulkPut(customers)
  for (const customer of customers) index.value.put(customer)
}

async function takeMerged(pairs: string[][]): Promise<void> {
  if (pairs.length === 0) return
  await db.customers.bulkDelete(pairs.flatMap(([id]) => id ?? []))
  for (const [id, survivor] of pairs) {
    if (id === undefined || survivor === undefined) continue
    index.value.drop(id)
    merged.value.set(id, survivor)
  }
  triggerRef(merged)
}

/** Customers have changed somewhere: ask for it soon, once, if this branch knows one of them. */
export function hearCustomers(branch: string, places: readonly (readonly string[])[]): void {
  if (soon !== undefined || !places.some((known) => known.includes(branch))) return
  soon = setTimeout(() => {
    soon = undefined
    void fetchCustomers(branch).catch(() => undefined)
  }, SOON_MS)
}

/** Another till begins on this device. */
export async function forgetCustomers(): Promise<void> {
  await db.customers.clear()
  index.value = new CustomerIndex()
}

/** The person an id stands for, as this till knows them. */
export function customerNow(id: string | undefined): Customer | undefined {
  return id === undefined ? undefined : index.value.get(merged.value.get(id) ?? id)
}

/** Ask the server for whoever has this whole number, wherever they are at home; none when nobody has, or no answer came. */
export async function findAnywhere(number: { phone?: string; memberNo?: number }): Promise<Customer | undefined> {
  try {
    const row = await server.findCustomer({ phone: number.phone ?? null, member_no: number.memberNo ?? null })
    const customer = customerOf(row)
    await db.customers.put(customer)
    index.value.put(customer)
    triggerRef(index)
    return customer
  } catch (error) {
    if (error instanceof Unreachable || (error instanceof Error && 'status' in error)) return undefined
    throw error
  }
}

/**
 * Make a customer here: an entry of the journal, with and without network. The server may find that the number is
 * somebody's already; this id is then another name for them.
 */
export async function makeCustomer(facts: { name: string; phone: string; agrees: boolean; birthday: string | null }): Promise<Customer> {
  const { series, session } = useTill()
  const national = dialled(facts.phone) ?? facts.phone
  const name = facts.name.trim().replace(/\s+/g, ' ')
  const customer: Customer = {
    id: newId(), memberNo: null, name, phone: maskedPhone(national), phoneEnd: national.slice(-4), birthday: facts.birthday,
    points: 0, pending: [], creditVnd: 0, lastSoldMs: serverNow(), earns: facts.agrees, note: null, tier: null, segments: [],
  }
  const [month, day] = (facts.birthday ?? '').split('-').map(Number)
  const body = {
    id: customer.id, full_name: name, phone: facts.phone, staff_id: session.value?.staff.id ?? '', loyalty: facts.agrees,
    birth_day: day ?? null, birth_month: facts.birthday === null ? null : (month ?? null), note: null, text_version: LOYALTY_TEXT,
  }
  await recordEntry('CUSTOMER', series.value.opening, body, () => db.customers.put(plain(customer)))
  index.value.put(customer)
  triggerRef(index)
  void drain()
  return customer
}

export function asCartCustomer({ id, name, phone }: Customer): CartCustomer {
  return { id, name, phone }
}

/** What a tier is called: asked once, kept on the device for when there is no network. */
export function useTierName(tier: () => string | null) {
  const { locale } = useI18n()
  void loadTiers()
  return computed(() => {
    const found = tiers.value.find((one) => one.tier === tier())
    return found === undefined ? undefined : locale.value === 'en' ? found.en : found.vi
  })
}

async function loadTiers(): Promise<void> {
  if (tiers.value.length > 0) return
  tiers.value = (await kept('tiers')) ?? []
  try {
    tiers.value = (await server.tiers()).map(({ tier, name_vi: vi, name_en: en }) => ({ tier, vi, en }))
    await keep('tiers', tiers.value)
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Error && 'status' in error)) throw error
  }
}

export function useCustomers() {
  return { index, terms, merged }
}
