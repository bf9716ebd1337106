// The promotions in force on this till: from the device at once, from the server when a book is published or a limit moves.

import { ORDER_DAYS, turnOf, understood, type BuyerFacts, type Cart, type KeptBook, type Left, type Promotion, type Situation } from '@placket/selling'
import { computed, ref, shallowRef } from 'vue'
import { afresh } from './afresh'
import { moment, serverNow, turnMoment } from './clock'
import { db, keep, kept, plain, type KeptPromotions } from './db'
import { server } from './server'

const NONE: KeptPromotions = { promoVersion: 0, promotions: [], names: {}, left: {}, skipped: [], heardMs: 0 }
const book = shallowRef<KeptPromotions>(NONE)
/** Up to when the stream would have told of another book. */
const heardMs = ref(0)
/** What limits have left for customers who have been asked about since the book was fetched. */
const leftOf = shallowRef(new Map<string, Record<string, Left>>())
let turn: ReturnType<typeof setTimeout> | undefined

const RETRY_MS = 3_000
const DAY_MS = 86_400_000
const KEEP_EVERY_MS = 10 * 60_000
const TURN_MAX_MS = 12 * 3_600_000
/** Without network promotions hold for three days; then nobody knows what has been stopped, and prices are the list's. */
const HOLD_MAX_MS = 72 * 3_600_000

/** Show what the device holds already. */
export async function loadKeptPromotions(): Promise<void> {
  take({ ...NONE, ...(await kept('promotions')) })
}

/** Fetch the book and tell the server that we hold it; what this till does not understand is left out, and said. */
export const fetchPromotions = afresh(async () => {
  const { promo_version: promoVersion, promotions, left } = await server.promotions()
  const known: Promotion[] = promotions.filter((each) => understood(each))
  const names = Object.fromEntries(promotions.map(({ id, name_vi: vi, name_en: en }) => [String(id), { vi: String(vi), en: String(en) }]))
  const skipped = promotions.filter((each) => !understood(each)).map(({ id }) => String(id))
  const asked = [...leftOf.value.keys()]
  leftOf.value = new Map()
  take({ promoVersion, promotions: known, names, left, skipped, heardMs: serverNow() })
  await keep('promotions', book.value)
  await keepBook({ promoVersion, sinceMs: serverNow(), promotions: known, limited: Object.keys(left), names })
  await Promise.all(asked.map(askLeft))
  await server.promotionsHeard({ promo_version: promoVersion, skipped })
})

/** A sale may come back for as long as this device keeps it: by then another book may be in force. */
async function keepBook(now: KeptBook): Promise<void> {
  if ((await db.books.get(now.promoVersion)) === undefined) await db.books.put(plain(now))
  const held = await db.books.orderBy('promoVersion').toArray()
  const over = held.filter((_, at) => (held[at + 1]?.sinceMs ?? now.sinceMs) < now.sinceMs - (ORDER_DAYS + 1) * DAY_MS)
  await db.books.bulkDelete(over.map(({ promoVersion: version }) => version))
}

/** Another book is in force; answers when it is here. */
export async function refetchPromotions(): Promise<void> {
  try {
    await fetchPromotions()
  } catch {
    setTimeout(() => void refetchPromotions(), RETRY_MS)
  }
}

/** Still on line, and no other book was told of: this one holds. */
export async function notePromotions(): Promise<void> {
  heardMs.value = serverNow()
  if (heardMs.value - book.value.heardMs < KEEP_EVERY_MS) return
  book.value = { ...book.value, heardMs: heardMs.value }
  await keep('promotions', book.value)
}

function take(next: KeptPromotions): void {
  book.value = next
  heardMs.value = next.heardMs
  turnPromotions()
}

/** Price anew at the very moment at which the next promotion begins or ends. */
function turnPromotions(): void {
  clearTimeout(turn)
  const next = turnOf(book.value.promotions, serverNow())
  if (next === undefined) return
  turn = setTimeout(() => {
    turnMoment()
    turnPromotions()
  }, Math.min(next - serverNow() + 1, TURN_MAX_MS))
}

/** What limits leave a customer is known to the server alone; until it has answered a customer is a stranger. */
export async function askLeft(customerId: string): Promise<void> {
  if (Object.keys(book.value.left).length === 0) return
  const { left } = await server.promotions(customerId)
  leftOf.value = new Map(leftOf.value).set(customerId, left)
}

/** A sale somewhere has used up some of a limit. */
export function hearUsed(changes: readonly { promotion_id: string; uses: number | null; pieces: number | null; budget_vnd: number | null }[]): void {
  const left = { ...book.value.left }
  for (const { promotion_id: id, uses, pieces, budget_vnd: budgetVnd } of changes) {
    const before = left[id]
    if (before === undefined) continue
    left[id] = { uses: least(before.uses, uses), pieces: least(before.pieces, pieces), budget_vnd: budgetVnd }
  }
  book.value = { ...book.value, left }
}

/** A customer's own limit stays when the common one is larger. */
function least(own: number | null | undefined, common: number | null): number | null {
  if (own == null) return common
  return common === null ? own : Math.min(own, common)
}

/** What promotions ask of a cart here; the buyer is its customer as this till knows them. */
export function situationOf(cart: Cart, locationId: string, buyer: BuyerFacts | null): Situation {
  const { promoVersion, promotions, left, skipped } = tooOld.value ? NONE : book.value
  return {
    promoVersion, promotions, skipped, locationId,
    left: (cart.customer === undefined ? undefined : leftOf.value.get(cart.customer.id)) ?? left,
    customer: cart.customer === undefined ? undefined : (buyer ?? { birthday: null, tier: null, segments: [] }),
    opened: (cart.vouchers ?? []).map(({ promotionId }) => promotionId),
  }
}

const tooOld = computed(() => heardMs.value > 0 && moment.value - heardMs.value > HOLD_MAX_MS)

/** What a promotion is called; one that has left the book meanwhile is just an offer. */
export function promotionName(id: string, language: string): string | undefined {
  const names = book.value.names[id]
  return language === 'en' ? names?.en : names?.vi
}

export function usePromotions() {
  return { book, tooOld }
}
