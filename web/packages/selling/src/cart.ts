/** Open invoices of a till: lines, tabs and how each is going to be paid. Pure: every change answers a new value. */
import type { LineAnswer } from './board.ts'
import type { Part, Tendering } from './payment.ts'
import type { Adjust, PointsSpent } from './pricing.ts'
import type { WithReturns } from './returns.ts'

export const QTY_MAX = 999
export const LINES_MAX = 200
export const TABS_MAX = 8

export interface CartLine {
  variantId: string
  sourceId: string
  qty: number
  /** What is taken off by hand. */
  adjust?: Adjust
  /** Who advised the customer; else the adviser of the cart. */
  adviserId?: string
  /** To be wrapped as a gift, with what the card says. */
  gift?: string
  /** What is to be done with it: shorten the sleeves, keep it until tomorrow. */
  note?: string
  /** The hold whose piece this is: the sale fulfils it, whole. */
  promiseId?: string
  /** The line of an old receipt whose piece comes back for this one. */
  swaps?: { saleId: string; lineNo: number }
}

export interface Cart extends WithReturns {
  id: string
  no: number
  lines: readonly CartLine[]
  parts: readonly Part[]
  tendering: Tendering
  /** What the cashier has answered about promised or missing pieces, by variant. */
  answers?: Readonly<Record<string, LineAnswer>>
  /** Vouchers that open promotions for it. */
  vouchers?: readonly CartVoucher[]
  /** Points that pay part of it. */
  points?: PointsSpent
  /** Who buys. */
  customer?: CartCustomer
  /** The id the sale will have: what is held for it names it. */
  saleId?: string
  /** Who advises, for lines that name nobody. */
  adviserId?: string
  /** A discount on the whole bill: it falls on the lines that have none of their own. */
  bill?: Adjust
}

/** A customer as the cart names them; an id that became an alias is replaced. */
export interface CartCustomer {
  id: string
  name: string
  phone: string | null
}

/** A voucher on a cart: what it opens. */
export interface CartVoucher {
  code: string
  promotionId: string
  name: string
}

export interface Tabs {
  carts: readonly Cart[]
  activeId: string
}

export const FRESH_TENDERING: Tendering = { method: 'cash', tenderedVnd: null, reference: '' }

export function emptyCart(id: string, no: number): Cart {
  return { id, no, lines: [], parts: [], tendering: FRESH_TENDERING }
}

export function pieces(cart: Cart): number {
  return cart.lines.reduce((sum, line) => sum + line.qty, 0)
}

/** Whether nothing is sold or taken back in it. */
export function isEmpty(cart: Cart): boolean {
  return cart.lines.length === 0 && (cart.returns ?? []).length === 0
}

/** Add pieces of a variant: the same variant from the same source is one line. Past a limit nothing is added. */
export function add(cart: Cart, line: CartLine): Cart {
  if (line.promiseId !== undefined && cart.lines.some(({ promiseId }) => promiseId === line.promiseId)) return cart
  const place = cart.lines.findIndex((known) => sameGoods(known, line))
  if (place < 0) {
    return cart.lines.length >= LINES_MAX ? cart : unpaid({ ...cart, lines: [...cart.lines, line] }, line.variantId)
  }
  return setQty(cart, place, (cart.lines[place]?.qty ?? 0) + line.qty)
}

/** Change the pieces of a line, between one and the limit; what is held is sold as it is held. */
export function setQty(cart: Cart, place: number, qty: number): Cart {
  if (cart.lines[place]?.promiseId !== undefined) return cart
  const wanted = Math.min(Math.max(1, qty), QTY_MAX)
  const lines = cart.lines.map((line, at) => (at === place ? { ...line, qty: wanted } : line))
  return unpaid({ ...cart, lines }, cart.lines[place]?.variantId)
}

export function remove(cart: Cart, place: number): Cart {
  return unpaid({ ...cart, lines: cart.lines.filter((_, at) => at !== place) }, cart.lines[place]?.variantId)
}

/** Put a removed line back where it stood. */
export function restore(cart: Cart, place: number, line: CartLine): Cart {
  if (cart.lines.some((known) => sameGoods(known, line))) return add(cart, line)
  return unpaid({ ...cart, lines: [...cart.lines.slice(0, place), line, ...cart.lines.slice(place)] }, line.variantId)
}

/** What the line's sheet decides about a line. */
export interface LineTerms {
  qty: number
  adjust: Adjust | undefined
  adviserId: string | undefined
  gift: string | undefined
  note: string | undefined
}

/** Give a line the terms of its sheet. */
export function agree(cart: Cart, place: number, terms: LineTerms): Cart {
  const changed = cart.lines[place]?.qty !== terms.qty ? cart.lines[place]?.variantId : undefined
  const lines = cart.lines.map((line, at) => {
    if (at !== place) return line
    const { adjust: _adjust, adviserId: _adviserId, gift: _gift, note: _note, ...goods } = line
    const { qty, adjust, adviserId, gift, note } = terms
    return {
      ...goods, qty: line.promiseId === undefined ? Math.min(Math.max(1, qty), QTY_MAX) : line.qty,
      ...(adjust && { adjust }), ...(adviserId && { adviserId }), ...(gift && { gift }), ...(note && { note }),
    }
  })
  return unpaid({ ...cart, lines }, changed)
}

/** Give the bill a discount, or take it away. */
export function agreeBill(cart: Cart, bill: Adjust | undefined): Cart {
  const { bill: _, ...rest } = cart
  return unpaid(bill === undefined ? rest : { ...rest, bill }, undefined)
}

/** Take a line's goods from elsewhere: lines that become the same are merged. */
export function resource(cart: Cart, place: number, sourceId: string): Cart {
  const line = cart.lines[place]
  if (line === undefined || line.sourceId === sourceId || line.promiseId !== undefined) return cart
  const moved = { ...line, sourceId }
  return cart.lines.some((known) => sameGoods(known, moved))
    ? add(remove(cart, place), moved)
    : unpaid({ ...cart, lines: cart.lines.map((known, at) => (at === place ? moved : known)) }, line.variantId)
}

/**
 * The amount handed over was for another total, and an answer was about other pieces: both are asked again. What was already
 * taken as a part stays.
 */
function unpaid(cart: Cart, changedId: string | undefined): Cart {
  const answers = Object.fromEntries(Object.entries(cart.answers ?? {}).filter(([variantId]) => variantId !== changedId))
  return { ...cart, tendering: { ...cart.tendering, tenderedVnd: null }, answers }
}

/** Whether pieces may join a line: the same goods, on the same terms. */
function sameGoods(one: CartLine, other: CartLine): boolean {
  return one.variantId === other.variantId && one.sourceId === other.sourceId && one.adjust === other.adjust
    && one.adviserId === other.adviserId && one.gift === other.gift && one.note === other.note
    && one.promiseId === other.promiseId && one.swaps === other.swaps
}

/** The same cart without what is held for its sale: points and store credit. */
export function withoutRights(cart: Cart): Cart {
  const { points: _points, saleId: _saleId, ...rest } = cart
  return { ...rest, parts: cart.parts.filter(({ kind }) => kind !== 'store_credit') }
}

/** The numbers of the hold requests that a cart still waits for or spends. */
export function requestsOf(cart: Cart): number[] {
  return [cart.points?.requestNo, ...cart.parts.map(({ requestNo }) => requestNo)].filter((no) => no !== undefined)
}

export function activeCart(tabs: Tabs): Cart {
  const cart = tabs.carts.find(({ id }) => id === tabs.activeId) ?? tabs.carts[0]
  if (cart === undefined) throw new Error('a till always has an open invoice')
  return cart
}

export function replaceCart(tabs: Tabs, cart: Cart): Tabs {
  return { ...tabs, carts: tabs.carts.map((known) => (known.id === cart.id ? cart : known)) }
}

/** Open a new invoice; an empty one that is open already is used first. */
export function openTab(tabs: Tabs, id: string): Tabs {
  const empty = tabs.carts.find((cart) => isEmpty(cart) && cart.parts.length === 0 && cart.customer === undefined && (cart.vouchers ?? []).length === 0)
  if (empty !== undefined) return { ...tabs, activeId: empty.id }
  if (tabs.carts.length >= TABS_MAX) return tabs
  const taken = new Set(tabs.carts.map(({ no }) => no))
  let no = 1
  while (taken.has(no)) no += 1
  return { carts: [...tabs.carts, emptyCart(id, no)], activeId: id }
}

/** Bring a cart from elsewhere to the front; one with its id is open already and only comes to the front. */
export function bringTab(tabs: Tabs, cart: Cart): Tabs {
  if (tabs.carts.some(({ id }) => id === cart.id)) return { ...tabs, activeId: cart.id }
  const others = tabs.carts.filter((one) => !isEmpty(one) || one.parts.length > 0)
  const taken = new Set(others.map(({ no }) => no))
  let no = 1
  while (taken.has(no)) no += 1
  return { carts: [...others, { ...cart, no }], activeId: cart.id }
}

/** Close an invoice; the last one leaves an empty one behind. */
export function closeTab(tabs: Tabs, cartId: string, spareId: string): Tabs {
  const place = tabs.carts.findIndex(({ id }) => id === cartId)
  const carts = tabs.carts.filter(({ id }) => id !== cartId)
  if (carts.length === 0) return { carts: [emptyCart(spareId, 1)], activeId: spareId }
  const next = carts[Math.min(Math.max(0, place), carts.length - 1)] ?? carts[0]
  return { carts, activeId: tabs.activeId === cartId && next !== undefined ? next.id : tabs.activeId }
}

/** Go to the next invoice, or to the one before. */
export function stepTab(tabs: Tabs, step: 1 | -1): Tabs {
  const at = tabs.carts.findIndex(({ id }) => id === tabs.activeId)
  const next = tabs.carts[(at + step + tabs.carts.length) % tabs.carts.length]
  return next === undefined ? tabs : { ...tabs, activeId: next.id }
}
