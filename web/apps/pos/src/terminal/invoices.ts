// The open invoices of this till. Each change is on the device before the next paint: a reload or a power cut loses nothing.

import {
  activeCart, add, agree, agreeBill, agreedAgain, bringTab, closeTab, emptyCart, isEmpty, newId, NO_QUOTE, offVnd, openTab, priceCart, refundVnd, remove,
  replaceCart, resource, restore, sellable, setQty, settle, settleBack, stepTab, withoutRights, type Adjust, type Cart, type CartLine, type CartVoucher,
  type BuyerFacts, type Customer, type Leave, type LineAnswer, type LineTerms, type Part, type Quote,
  type Tabs, type Tendering,
} from '@placket/selling'
import { computed, ref, shallowRef } from 'vue'
import { moment } from './clock'
import { customerNow } from './customers'
import { keep, kept } from './db'
import { useGoods } from './goods'
import { askLeft, situationOf } from './promotions'
import { useTill } from './till'

const first = newId()
const tabs = shallowRef<Tabs>({ carts: [emptyCart(first, 1)], activeId: first })
/** The line that keys act on. */
const selected = ref(0)
/** Rises when a line was added or grew, so that it flashes. */
const flash = ref({ place: -1, turn: 0 })
/** When the active cart last changed: paying waits a moment after it. */
const changedAt = ref(0)

export async function loadInvoices(): Promise<void> {
  tabs.value = (await kept('tabs')) ?? tabs.value
}

function take(next: Tabs): void {
  tabs.value = next
  void keep('tabs', next)
}

function change(next: Cart): void {
  changedAt.value = Date.now()
  take(replaceCart(tabs.value, next))
}

/** The cart in hand becomes another one: paying waits a moment. */
export function reviseCart(next: Cart): void {
  change({ ...next, tendering: { ...next.tendering, tenderedVnd: null } })
}

/** A cart that is not the one in hand may change too: a payment has come for it. */
export function changeCart(next: Cart): void {
  take(replaceCart(tabs.value, next))
}

const cart = computed(() => activeCart(tabs.value))

const quotes = computed(() => {
  const { catalogue, priceTurn } = useGoods()
  void priceTurn.value
  const known = catalogue.value
  if (known === undefined) return new Map<string, Quote>()
  const { branchId } = useTill()
  return new Map(tabs.value.carts.map((one) =>
    [one.id, priceCart(one.lines, known, moment.value, one.points, one.bill, situationOf(one, branchId.value, buyerOf(one)))]))
})

/** What promotions would take off a line of the cart in hand with so many pieces; one with a price by hand takes no part. */
export function offersAt(place: number, qty: number, byPrice: boolean): number {
  const known = useGoods().catalogue.value
  if (known === undefined || byPrice) return 0
  const lines = cart.value.lines.map((line, at) => {
    const { adjust: _, ...bare } = line
    return at === place ? { ...bare, qty } : line
  })
  const what = priceCart(lines, known, moment.value, null, null, situationOf(cart.value, useTill().branchId.value, buyerOf(cart.value)))
  return offVnd(what.lines[place]?.offers)
}

function buyerOf({ customer }: Cart): BuyerFacts | null {
  return customerNow(customer?.id) ?? null
}

const quote = computed<Quote>(() => quotes.value.get(cart.value.id) ?? NO_QUOTE)

/** What the goods cost less what is given for those that come back. */
const netVnd = computed(() => netOf(cart.value))

function netOf(one: Cart): number {
  return (quotes.value.get(one.id)?.totalVnd ?? 0) - refundVnd(one)
}

const settlement = computed(() => {
  const { start } = useTill()
  const step = start.value?.settings.cash_rounding_vnd ?? 0
  return netVnd.value < 0 && cart.value.parts.length === 0
    ? settleBack(cart.value, -netVnd.value, cart.value.tendering.reference, step)
    : settle(netVnd.value, cart.value.parts, cart.value.tendering, step)
})

/** Places of lines that have no price now, or have left the catalogue. */
const unsellable = computed(() => {
  const known = useGoods().catalogue.value
  if (known === undefined) return []
  return cart.value.lines.flatMap((line, place) => (sellable(line, known, moment.value) ? [] : [place]))
})

export function addLine(line: CartLine): void {
  const next = add(cart.value, line)
  change(next)
  const place = next.lines.findIndex(({ variantId, sourceId }) => variantId === line.variantId && sourceId === line.sourceId)
  selected.value = place
  flash.value = { place, turn: flash.value.turn + 1 }
}

export function changeQty(place: number, qty: number): void {
  selected.value = place
  change(setQty(cart.value, place, qty))
}

/** Remove a line; answers how to bring it back. */
export function removeLine(place: number): (() => void) | undefined {
  const line = cart.value.lines[place]
  if (line === undefined) return undefined
  const cartId = cart.value.id
  change(remove(cart.value, place))
  selected.value = Math.max(0, Math.min(place, cart.value.lines.length - 1))
  return () => {
    const where = tabs.value.carts.find(({ id }) => id === cartId)
    if (where !== undefined) change(restore(where, place, line))
  }
}

/** Give a line of the active invoice the terms of its sheet. */
export function agreeLine(place: number, terms: LineTerms): void {
  change(agree(cart.value, place, terms))
}

/** Give the active invoice a discount, or take it away. */
export function agreeDiscount(bill: Adjust | undefined): void {
  change(agreeBill(cart.value, bill))
}

/** Somebody has agreed again to what the active invoice needs this verb for. */
export function renewLeave(verb: string, leave: Leave): void {
  change(agreedAgain(cart.value, verb, leave))
}

/** Who advises the customer of the active invoice. */
export function adviseCart(adviserId: string | undefined): void {
  const { adviserId: _, ...rest } = cart.value
  take(replaceCart(tabs.value, adviserId === undefined ? rest : { ...rest, adviserId }))
}

export function takeFrom(place: number, sourceId: string): void {
  change(resource(cart.value, place, sourceId))
}

/** What the cashier says about a variant of the active cart. */
export function answerLine(variantId: string, answer: LineAnswer): void {
  take(replaceCart(tabs.value, { ...cart.value, answers: { ...cart.value.answers, [variantId]: answer } }))
}

/** Say who buys, or that nobody is known; what was held for somebody else is let go. It is the active cart, if none is named. */
export function setCustomer(customer: Customer | undefined, cartId = cart.value.id): void {
  const of = tabs.value.carts.find(({ id }) => id === cartId)
  if (of === undefined || of.customer?.id === customer?.id) return
  const { customer: _, ...rest } = of
  const bare = withoutRights(rest)
  if (customer !== undefined) void askLeft(customer.id).catch(() => undefined)
  take(replaceCart(tabs.value, customer === undefined ? bare : { ...bare, customer: { id: customer.id, name: customer.name, phone: customer.phone } }))
}

/** Put a voucher on a cart; one code stands there once. */
export function addVoucher(voucher: CartVoucher, cartId: string): void {
  const onto = tabs.value.carts.find(({ id }) => id === cartId)
  if (onto === undefined) return
  const others = (onto.vouchers ?? []).filter(({ code }) => code !== voucher.code)
  change({ ...onto, vouchers: [...others, voucher], tendering: { ...onto.tendering, tenderedVnd: null } })
}

/** Take a voucher off a cart, the active one if none is named. */
export function dropVoucher(code: string, cartId = cart.value.id): void {
  const from = tabs.value.carts.find(({ id }) => id === cartId)
  if (from === undefined) return
  const vouchers = (from.vouchers ?? []).filter((voucher) => voucher.code !== code)
  change({ ...from, vouchers, tendering: { ...from.tendering, tenderedVnd: null } })
}

export function setTendering(next: Partial<Tendering>): void {
  take(replaceCart(tabs.value, { ...cart.value, tendering: { ...cart.value.tendering, ...next } }))
}

export function setParts(parts: readonly Part[]): void {
  change({ ...cart.value, parts, tendering: { ...cart.value.tendering, tenderedVnd: null, reference: '' } })
}

export function newInvoice(): void {
  selected.value = 0
  take(openTab(tabs.value, newId()))
}

export function goTo(cartId: string): void {
  selected.value = 0
  take({ ...tabs.value, activeId: cartId })
}

export function stepInvoice(step: 1 | -1): void {
  selected.value = 0
  take(stepTab(tabs.value, step))
}

/** Bring a cart from another till to the front. */
export function bringInvoice(from: Cart): void {
  selected.value = 0
  take(bringTab(tabs.value, from))
}

/** Close an invoice; answers how to bring it back. */
export function closeInvoice(cartId: string): () => void {
  const before = tabs.value.carts.find(({ id }) => id === cartId)
  take(closeTab(tabs.value, cartId, newId()))
  return () => {
    if (before === undefined) return
    const others = tabs.value.carts.filter((one) => !isEmpty(one) || one.id !== tabs.value.activeId)
    take({ carts: [...others, before].sort((a, b) => a.no - b.no), activeId: before.id })
  }
}

/** The invoices without one that has just been sold, an empty one in front: the next scan begins a new sale. */
export function withoutSold(cartId: string): Tabs {
  return openTab(closeTab(tabs.value, cartId, newId()), newId())
}

/** Show invoices that are on the device already. */
export function showTabs(next: Tabs): void {
  tabs.value = next
  selected.value = 0
}

export function useInvoices() {
  return { tabs, cart, quote, quotes, netVnd, netOf, settlement, unsellable, selected, flash, changedAt }
}
