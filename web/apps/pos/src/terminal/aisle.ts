// Endless aisle: the till orders for a customer what lies elsewhere, by the shop's own public door: held by the depot or by another
// branch's word, paid once on the customer's phone, by transfer or on delivery, then collected or sent.

import { answer, makeClient, type Schemas } from '@placket/api'
import { newId } from '@placket/selling'
import { tokens } from './server'

export type AisleOrder = Schemas['ShopOrder']
export type Quoted = Schemas['CartShown']
export type Method = Schemas['MethodOffered']['kind']

export interface AisleWish {
  variantId: string
  qty: number
  kind: 'ship' | 'collect'
  /** The branch where the customer fetches it. */
  locationId: string | null
  provinceCode: string | null
}

const shop = makeClient({ language: () => tokens.language })
const header = (key: string) => ({ 'x-order-key': key })

const cartOf = ({ variantId, qty, kind, locationId, provinceCode }: AisleWish) => ({
  lines: [{ variant_id: variantId, qty }],
  fulfilment: { kind, province_code: kind === 'ship' ? provinceCode : null, location_id: kind === 'collect' ? locationId : null },
  vouchers: [],
  points: 0,
})

export const quoteAisle = (wish: AisleWish): Promise<Quoted> =>
  answer(shop.POST('/api/shop/v1/checkout/quote', { body: { ...cartOf(wish), expected_total_vnd: null } }))

export async function provinces(): Promise<Schemas['ProvinceShown'][]> {
  return (await answer(shop.GET('/api/shop/v1/provinces'))).items
}

/** Ask the places for it; `replaces` gives back what was held for another wish of the same customer. */
export const orderAisle = (wish: AisleWish, expectedVnd: number, replaces: AisleOrder | undefined): Promise<AisleOrder> =>
  answer(shop.POST('/api/shop/v1/checkout', {
    body: {
      ...cartOf(wish), id: newId(), expected_total_vnd: expectedVnd, language: tokens.language === 'en' ? 'en' : 'vi',
      replaces: replaces === undefined ? null : { id: replaces.id, key: replaces.key },
    },
  }))

export const aisleNow = ({ id, key }: AisleOrder): Promise<AisleOrder> =>
  answer(shop.GET('/api/shop/v1/orders/{order_id}', { params: { path: { order_id: id }, header: header(key) } }))

export const payAisle = (order: AisleOrder, recipient: Schemas['RecipientAsked'], method: Method): Promise<AisleOrder> =>
  answer(shop.POST('/api/shop/v1/checkout/{order_id}/pay', {
    params: { path: { order_id: order.id }, header: header(order.key) }, body: { recipient, method, expected_total_vnd: order.total_vnd },
  }))

export const dropAisle = ({ id, key }: AisleOrder): Promise<AisleOrder> =>
  answer(shop.POST('/api/shop/v1/orders/{order_id}/cancel', { params: { path: { order_id: id }, header: header(key) } }))

/** Where the customer follows it on their phone. */
export const pageOf = ({ id, key }: AisleOrder): string => `${location.origin}/orders/${id}?key=${encodeURIComponent(key)}`
