// Orders of this device: their keys are kept here, so that a reload, a closed tab or a bank's page loses nothing.

import { answer, type Schemas } from '@placket/api'
import { api } from '../api.ts'
import { at, language } from '../i18n.ts'
import type { Cart } from './cart.ts'
import { recall, remember } from './memory.ts'

export type Order = Schemas['ShopOrder']
export type Quote = Schemas['CartShown']
export type Recipient = Schemas['RecipientAsked']
export type Method = Schemas['MethodOffered']['kind']

export interface Known {
  id: string
  key: string
  code: string
  placed_at: string
}

const ORDERS = 'orders'
const CURRENT = 'checkout'
const KNOWN_MAX = 50
// More than anybody has: the server spends as many as may be, and says how many.
const ALL_POINTS = 1_000_000

const header = (key: string) => ({ 'x-order-key': key })

/** What a cart asks for, as the server takes it. */
export const asked = (cart: Cart) => ({
  lines: cart.lines.map((line) => ({ variant_id: line.variant_id, qty: line.qty })),
  fulfilment: { kind: cart.wish.kind, province_code: null, location_id: cart.wish.kind === 'collect' ? cart.wish.location_id : null },
  vouchers: cart.vouchers,
  points: cart.points ? ALL_POINTS : 0,
})

let early: { of: string; answer: Promise<Quote> } | undefined

/** Ask for a price that will be wanted in a moment, while what shows it is still being made ready. */
export function quoteEarly(cart: Cart): void {
  early = { of: signature(cart), answer: quote(cart) }
  early.answer.catch(() => undefined) // whoever wants it hears of it
}

/** The price of a cart now, as it would be once the order of the checkout is given up for it. */
export async function quote(cart: Cart, expected_total_vnd?: number): Promise<Quote> {
  const before = early
  early = undefined
  if (before?.of === signature(cart) && expected_total_vnd === undefined) return before.answer
  const held = current()
  const replaces = held === undefined ? null : { id: held.id, key: held.key }
  return answer(api.POST('/api/shop/v1/checkout/quote', { body: { ...asked(cart), replaces, expected_total_vnd: expected_total_vnd ?? null } }))
}

/** Order a cart: its goods are asked for. What an earlier attempt holds is given back by it. */
export async function place(cart: Cart, id: string, expected_total_vnd: number, replaces: { id: string; key: string } | undefined): Promise<Order> {
  const order = await answer(
    api.POST('/api/shop/v1/checkout', { body: { ...asked(cart), id, expected_total_vnd, language: language(), replaces: replaces ?? null } }),
  )
  return kept(order)
}

export const fetchOrder = async (id: string, key: string): Promise<Order> =>
  kept(await answer(api.GET('/api/shop/v1/orders/{order_id}', { params: { path: { order_id: id }, header: header(key) } })))

export const extend = async (order: Order): Promise<Order> =>
  kept(await answer(api.POST('/api/shop/v1/checkout/{order_id}/extend', { params: { path: { order_id: order.id }, header: header(order.key) } })))

export const pay = async (order: Order, recipient: Recipient, method: Method): Promise<Order> =>
  kept(
    await answer(
      api.POST('/api/shop/v1/checkout/{order_id}/pay', {
        params: { path: { order_id: order.id }, header: header(order.key) },
        body: { recipient, method, expected_total_vnd: order.total_vnd },
      }),
    ),
  )

export const cancel = async (order: Order): Promise<Order> =>
  kept(await answer(api.POST('/api/shop/v1/orders/{order_id}/cancel', { params: { path: { order_id: order.id }, header: header(order.key) } })))

let asking: Promise<string | null> | undefined
/** What this browser has to know the shop by to be written to; none where the shop has no push. */
export const pushKey = (): Promise<string | null> => (asking ??= answer(api.GET('/api/shop/v1/push')).then(({ key }) => key, () => null))

export const tellPush = (id: string, key: string, body: Schemas['DeviceTold']): Promise<unknown> =>
  answer(api.POST('/api/shop/v1/orders/{order_id}/push', { params: { path: { order_id: id }, header: header(key) }, body }))

export const stopPush = (id: string, key: string, endpoint: string): Promise<unknown> =>
  answer(api.POST('/api/shop/v1/orders/{order_id}/push/stop', { params: { path: { order_id: id }, header: header(key) }, body: { endpoint } }))

function kept(order: Order): Order {
  const others = known().filter((each) => each.id !== order.id)
  remember(ORDERS, [{ id: order.id, key: order.key, code: order.code, placed_at: order.placed_at }, ...others].slice(0, KNOWN_MAX))
  return order
}

/** The orders that this device knows, the newest first. */
export const known = (): Known[] => recall<Known[]>(ORDERS) ?? []

/** The key of an order: from its link, else from what this device knows. */
export const keyOf = (id: string, linked: string | null): string | undefined => linked ?? known().find((each) => each.id === id)?.key

/** The order that the checkout holds for a cart; asked for another cart it is still there, to be given back. */
export interface Current {
  id: string
  key: string
  of: string
}

export const signature = (cart: Cart): string => JSON.stringify(asked(cart))
export const current = (): Current | undefined => recall<Current>(CURRENT)
export const keepCurrent = (order: Current | undefined): void => remember(CURRENT, order)

export const pathOf = (order: { id: string; key: string }): string => `${at(`/orders/${order.id}`)}?key=${encodeURIComponent(order.key)}`
