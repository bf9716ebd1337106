// What a till asks of the server. The device speaks with its own token until a person has signed in with theirs.

import { answer, makeClient, Refusal, Unreachable, type Schemas } from '@placket/api'
import type { Approval } from './approval'
import type { CustomerRow, SaleAnswer, SaleRequest, SealedEntry, OrderWish } from '@placket/selling'

export interface Tokens {
  device?: string
  person?: string
  language: string
  onSignedOut: () => void
}

const SALE_TIMEOUT_MS = 8_000
/** A question whose answer can wait for the next time. */
const QUICK_TIMEOUT_MS = 3_000
/** A large document on a slow line. */
const BULK_TIMEOUT_MS = 60_000

export const tokens: Tokens = { language: 'vi', onSignedOut: () => undefined }

const language = (): string => tokens.language
const device = makeClient({ token: () => tokens.device, language })
const quick = makeClient({ token: () => tokens.device, language, timeout_ms: QUICK_TIMEOUT_MS })
const person = makeClient({ token: () => tokens.person, language, onSignedOut: () => tokens.onSignedOut() })
const approving = makeClient({
  token: () => tokens.person, language, timeout_ms: QUICK_TIMEOUT_MS,
})
const quickly = makeClient({
  token: () => tokens.person, language, timeout_ms: QUICK_TIMEOUT_MS, onSignedOut: () => tokens.onSignedOut(),
})
const checkout = makeClient({
  token: () => tokens.person, language, timeout_ms: SALE_TIMEOUT_MS, onSignedOut: () => tokens.onSignedOut(),
})
const bulk = makeClient({
  token: () => tokens.person, language, timeout_ms: BULK_TIMEOUT_MS, onSignedOut: () => tokens.onSignedOut(),
})

/** The bytes of an answer; a line cut in their middle is a line cut. */
async function bytesOf(call: Promise<{ data?: ArrayBuffer; response: Response }>): Promise<ArrayBuffer> {
  try {
    return await answer(call)
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unreachable) throw error
    throw new Unreachable('network', error)
  }
}

export const server = {
  pair: (code: string): Promise<Schemas['Paired']> =>
    answer(device.POST('/api/tills/pair', { body: { code, app_version: 'web' } })),

  start: (): Promise<Schemas['TillStart']> => answer(quick.GET('/api/till')),

  einvoice: (): Promise<Schemas['EinvoiceRange']> => answer(device.GET('/api/till/einvoice')),

  signIn: (staffId: string, pin: string): Promise<Schemas['SignedIn']> =>
    answer(quick.POST('/api/till/sign-in', { body: { staff_id: staffId, pin } })),

  signInByBadge: (code: string): Promise<Schemas['SignedIn']> =>
    answer(quick.POST('/api/till/sign-in/badge', { body: { code } })),

  /** Ends the session of this token, whoever has signed in since. */
  signOut: (token: string): Promise<unknown> => answer(makeClient({ token: () => token, language }).POST('/api/till/sign-out')),

  attach: (opening: number, headSeq: number, held: Schemas['BoardHeld'] | null): Promise<Schemas['Attached']> =>
    answer(person.POST('/api/till/attach', { body: { opening, head_seq: headSeq, held } })),

  push: (epoch: number, headSeq: number, entries: readonly SealedEntry[]): Promise<Schemas['Pushed']> =>
    answer(device.POST('/api/till/push', {
      body: { epoch, head_seq: headSeq, entries: entries.map(({ seq, hash, text }) => ({ seq, hash, text })) },
    })),

  epochs: (): Promise<Schemas['Epochs']> => answer(device.GET('/api/till/epochs')),

  recover: (epoch: number, headSeq: number, entries: readonly SealedEntry[]): Promise<Schemas['Pushed']> =>
    answer(person.POST('/api/till/recovered-entries', { body: { epoch, head_seq: headSeq, entries: [...entries] } })),

  word: (word: Schemas['Word']): Promise<unknown> => answer(quick.POST('/api/till/word', { body: word })),

  heartbeat: (pulse: Schemas['Heartbeat']): Promise<Schemas['Pulse']> =>
    answer(quick.POST('/api/till/heartbeat', { body: pulse })),

  locations: async (): Promise<Schemas['PlaceShown'][]> => (await answer(person.GET('/api/locations'))).items,

  /** Documents for the worker come as bytes: the window does not look into them. */
  catalogueChanges: (locationId: string, since: string): Promise<ArrayBuffer> =>
    bytesOf(bulk.GET('/api/catalogue/changes', { params: { query: { location_id: locationId, since } }, parseAs: 'arrayBuffer' })),

  cataloguePart: (locationId: string, part: number, edition: string): Promise<ArrayBuffer> =>
    bytesOf(bulk.GET('/api/catalogue/parts/{part}', {
      params: { path: { part }, query: { location_id: locationId, edition: edition || undefined } }, parseAs: 'arrayBuffer',
    })),

  stock: (locationId: string): Promise<ArrayBuffer> =>
    bytesOf(bulk.GET('/api/stock/snapshot', { params: { query: { location_id: locationId } }, parseAs: 'arrayBuffer' })),

  stockOfStyle: async (styleId: string): Promise<Schemas['Matrix']> =>
    (await answer(
      person.GET('/api/stock/styles/{style_id}', { params: { path: { style_id: styleId } } }),
    )) as Schemas['Matrix'],

  promotions: (customerId?: string): Promise<Schemas['BookShown']> =>
    answer(person.GET('/api/promotions/book', { params: { query: { customer_id: customerId } } })),

  pricesHeard: (priceVersion: number): Promise<unknown> => answer(person.POST('/api/catalogue/prices-heard', { body: { price_version: priceVersion } })),

  promotionsHeard: (body: Schemas['Heard']): Promise<unknown> => answer(person.POST('/api/promotions/heard', { body })),

  voucher: (code: string, customerId?: string): Promise<Schemas['VoucherShown']> =>
    answer(person.GET('/api/promotions/vouchers/{code}', { params: { path: { code }, query: { customer_id: customerId } } })),

  today: (): Promise<Schemas['Today']> => answer(person.GET('/api/till/today')),

  returnableSales: (q: string): Promise<Schemas['ReturnableSale'][]> => answer(quickly.GET('/api/returns/sales', { params: { query: { q } } })),

  returnableSale: (saleId: string): Promise<Schemas['ReturnableSale']> =>
    answer(quickly.GET('/api/returns/sales/{sale_id}', { params: { path: { sale_id: saleId } } })),

  refundsBy: (saleId: string): Promise<Schemas['RefundStands'][]> =>
    answer(quickly.GET('/api/returns/{sale_id}/refunds', { params: { path: { sale_id: saleId } } })),

  keepVoucher: (code: string, body: Schemas['VoucherWish']): Promise<Schemas['VoucherHeld']> =>
    answer(quickly.POST('/api/vouchers/{code}/hold', { params: { path: { code } }, body })),

  letVoucherGo: (code: string, body: Schemas['VoucherWish']): Promise<unknown> =>
    answer(quickly.POST('/api/vouchers/{code}/release', { params: { path: { code } }, body })),

  quoteReturn: (lines: Schemas['WantedLine'][]): Promise<Schemas['ReturnQuoted']> =>
    answer(quickly.POST('/api/returns/quote', { body: { lines } })),

  sell: (sale: SaleRequest): Promise<SaleAnswer> => answer(checkout.POST('/api/sales', { body: sale })),

  approve: (body: Schemas['ApprovalAsked']): Promise<Schemas['ApprovalGiven']> =>
    answer(approving.POST('/api/approvals', { body })),

  parked: async (): Promise<Schemas['ParkedShown'][]> => (await answer(person.GET('/api/till/parked'))).items,

  park: (body: Schemas['ParkWish']): Promise<unknown> => answer(person.POST('/api/till/parked', { body })),

  takeParked: (cartId: string): Promise<Schemas['ParkedTaken']> =>
    answer(person.POST('/api/till/parked/{cart_id}/take', { params: { path: { cart_id: cartId } } })),

  dropParked: (cartId: string): Promise<unknown> =>
    answer(person.POST('/api/till/parked/{cart_id}/drop', { params: { path: { cart_id: cartId } } })),

  orders: (after: string | undefined): Promise<{ items: Schemas['OrderKept'][]; next_cursor: string | null }> =>
    answer(person.GET('/api/till/orders', { params: { query: after === undefined ? {} : { after } } })),

  findOrders: async (wish: OrderWish): Promise<Schemas['OrderKept'][]> =>
    (await answer(person.GET('/api/till/orders/found', { params: { query: wish } }))).items,

  day: (): Promise<Schemas['DayShown']> => answer(person.GET('/api/till/day')),

  readMessage: (messageId: string): Promise<unknown> =>
    answer(person.POST('/api/till/messages/{message_id}/read', { params: { path: { message_id: messageId } } })),

  void: (saleId: string, reason: string, agreed: Approval): Promise<unknown> =>
    answer(person.POST('/api/sales/{sale_id}/void', {
      params: { path: { sale_id: saleId } }, body: { reason, ...(agreed.id !== null && { approved_by: agreed.staffId, approval_id: agreed.id }) },
    })),

  findSales: async (q: string): Promise<Schemas['SaleListed'][]> =>
    (await answer(person.GET('/api/sales', { params: { query: { q, limit: 5 } } }))).items,

  sale: (saleId: string): Promise<Schemas['SaleShown']> =>
    answer(person.GET('/api/sales/{sale_id}', { params: { path: { sale_id: saleId } } })),

  shiftNow: (): Promise<Schemas['ShiftNow']> => answer(person.GET('/api/till/shift')),

  openShift: (body: Schemas['OpenWish']): Promise<Schemas['ShiftFace']> => answer(person.POST('/api/till/shift', { body })),

  takeOver: (body: Schemas['TakeOver']): Promise<Schemas['ShiftFace']> =>
    answer(person.POST('/api/till/shift/take-over', { body })),

  moveCash: (body: Schemas['MoveWish']): Promise<Schemas['CashMoveShown']> =>
    answer(person.POST('/api/till/shift/moves', { body })),

  xReport: (): Promise<Schemas['XReport']> => answer(person.GET('/api/till/shift/x')),

  countDrawer: (body: Schemas['CountWish']): Promise<Schemas['CountShown']> =>
    answer(person.POST('/api/till/shift/counts', { body })),

  closeShift: (body: Schemas['CloseWish']): Promise<Schemas['ZShown']> =>
    answer(person.POST('/api/till/shift/close', { body })),

  /** What suppliers are to bring to a place. */
  ordersIn: async (placeId: string): Promise<Schemas['OrderShown'][]> => {
    const { items } = await answer(person.GET('/api/purchase-orders', { params: { query: { which: 'open', place_id: placeId, limit: 50 } } }))
    return Promise.all(items.map(({ id }) => answer(person.GET('/api/purchase-orders/{order_id}', { params: { path: { order_id: id } } }))))
  },

  suppliers: async (): Promise<Schemas['SupplierShown'][]> => (await answer(person.GET('/api/suppliers'))).items,

  deliver: (body: Schemas['DeliveryNew']): Promise<Schemas['DeliveryLineShown'][]> => answer(checkout.POST('/api/goods-receipts', { body })),

  /** The counts of a place that are open, as a counter keeps them. */
  counts: async (placeId: string): Promise<Schemas['CountSheet'][]> => {
    const { items } = await answer(person.GET('/api/counts', { params: { query: { which: 'open', place_id: placeId, limit: 20 } } }))
    const countable = items.filter(({ state }) => ['counting', 'review', 'waiting'].includes(state))
    return Promise.all(countable.map(({ id }) => answer(person.GET('/api/counts/{count_id}/sheet', { params: { path: { count_id: id } } }))))
  },

  enterCounted: (id: string, body: Schemas['Entering']): Promise<Schemas['StockCountShown']> =>
    answer(checkout.POST('/api/counts/{count_id}/entries', { params: { path: { count_id: id } }, body })),

  finishZone: (id: string, zoneNo: number, done: boolean): Promise<Schemas['StockCountShown']> =>
    answer(person.POST('/api/counts/{count_id}/zones/{zone_no}/done', { params: { path: { count_id: id, zone_no: zoneNo } }, body: { done } })),

  /** What is to be picked at a place, and what is on its way there. */
  transfers: async (placeId: string): Promise<Schemas['TransferRow'][]> => {
    const lists = await Promise.all((['outgoing', 'incoming'] as const).map((which) =>
      answer(person.GET('/api/transfers', { params: { query: { which, place_id: placeId, limit: 50 } } }))))
    return lists.flatMap(({ items }) => items)
  },

  transfer: (id: string): Promise<Schemas['TransferShown']> =>
    answer(person.GET('/api/transfers/{transfer_id}', { params: { path: { transfer_id: id } } })),

  transferByCode: (code: string): Promise<Schemas['TransferShown']> =>
    answer(quickly.GET('/api/transfers/by-code/{code}', { params: { path: { code } } })),

  pickTransfer: (id: string, body: Schemas['Picking']): Promise<Schemas['TransferShown']> =>
    answer(checkout.POST('/api/transfers/{transfer_id}/pick', { params: { path: { transfer_id: id } }, body })),

  shipTransfer: (id: string, body: Schemas['Shipping']): Promise<Schemas['TransferShown']> =>
    answer(checkout.POST('/api/transfers/{transfer_id}/ship', { params: { path: { transfer_id: id } }, body })),

  receiveTransfer: (id: string, body: Schemas['Receiving']): Promise<Schemas['TransferShown']> =>
    answer(checkout.POST('/api/transfers/{transfer_id}/receive', { params: { path: { transfer_id: id } }, body })),

  orderTasks: (): Promise<Schemas['TaskShown'][]> => answer(person.GET('/api/order-tasks')),

  pickOrder: (id: string, promiseId: string): Promise<Schemas['TaskShown']> =>
    answer(checkout.POST('/api/order-tasks/{order_id}/pick', { params: { path: { order_id: id } }, body: { promise_id: promiseId } })),

  shortOrder: (id: string, promiseId: string): Promise<Schemas['TaskShown'][]> =>
    answer(checkout.POST('/api/order-tasks/{order_id}/short', { params: { path: { order_id: id } }, body: { promise_id: promiseId } })),

  handOverOrder: (id: string, body: Schemas['HandedOver']): Promise<Schemas['Left']> =>
    answer(checkout.POST('/api/order-tasks/{order_id}/hand-over', { params: { path: { order_id: id } }, body })),

  shipOrder: (id: string, body: Schemas['Shipped']): Promise<Schemas['Left']> =>
    answer(checkout.POST('/api/order-tasks/{order_id}/ship', { params: { path: { order_id: id } }, body })),

  lacks: (): Promise<Schemas['LackShown'][]> => answer(person.GET('/api/order-tasks/lacks')),

  lackShort: (id: string, body: Schemas['AtPlace']): Promise<unknown> =>
    answer(checkout.POST('/api/order-tasks/lacks/{lack_id}/short', { params: { path: { lack_id: id } }, body })),

  lackHandOver: (id: string, body: Schemas['AtPlace']): Promise<unknown> =>
    answer(checkout.POST('/api/order-tasks/lacks/{lack_id}/hand-over', { params: { path: { lack_id: id } }, body })),

  lackSend: (id: string, body: Schemas['LackSent']): Promise<Schemas['SendingGone']> =>
    answer(checkout.POST('/api/order-tasks/lacks/{lack_id}/send', { params: { path: { lack_id: id } }, body })),

  lackRefund: (id: string, body: Schemas['LackRefund']): Promise<Schemas['GivenBackShown']> =>
    answer(checkout.POST('/api/order-tasks/lacks/{lack_id}/refund', { params: { path: { lack_id: id } }, body })),

  reach: async (): Promise<Schemas['ReachShown'][]> => answer(person.GET('/api/promises/reach')),

  hold: (body: Schemas['HoldAsked']): Promise<Schemas['HoldShown']> => answer(person.POST('/api/promises/holds', { body })),

  holdNow: (ref: string): Promise<Schemas['HoldShown']> =>
    answer(person.GET('/api/promises/holds/{hold_id}', { params: { path: { hold_id: ref } } })),

  letHoldGo: (ref: string): Promise<Schemas['HoldShown']> =>
    answer(person.DELETE('/api/promises/holds/{hold_id}', { params: { path: { hold_id: ref } } })),

  bag: (id: string): Promise<Schemas['HoldShown']> =>
    answer(person.POST('/api/promises/{promise_id}/bag', { params: { path: { promise_id: id } } })),

  unbag: (id: string): Promise<Schemas['HoldShown']> =>
    answer(person.POST('/api/promises/{promise_id}/unbag', { params: { path: { promise_id: id } } })),

  scanBack: (id: string): Promise<Schemas['HoldShown']> =>
    answer(person.POST('/api/promises/{promise_id}/scan-back', { params: { path: { promise_id: id } } })),

  notFound: (id: string): Promise<Schemas['HoldShown']> =>
    answer(person.POST('/api/promises/{promise_id}/not-found', { params: { path: { promise_id: id } } })),

  payments: (): Promise<Schemas['TillPayments']> => answer(person.GET('/api/payments')),

  askPayment: (body: Schemas['PaymentWish']): Promise<Schemas['TakenShown']> =>
    answer(checkout.POST('/api/payments', { body })),

  payment: (id: string): Promise<Schemas['TakenShown']> =>
    answer(person.GET('/api/payments/{payment_id}', { params: { path: { payment_id: id } } })),

  askTerminal: (id: string): Promise<Schemas['TakenShown']> =>
    answer(checkout.POST('/api/payments/{payment_id}/ask', { params: { path: { payment_id: id } } })),

  renewPayment: (id: string): Promise<Schemas['TakenShown']> =>
    answer(person.POST('/api/payments/{payment_id}/renew', { params: { path: { payment_id: id } } })),

  cancelPayment: (id: string): Promise<Schemas['TakenShown']> =>
    answer(checkout.POST('/api/payments/{payment_id}/cancel', { params: { path: { payment_id: id } } })),

  confirmPayment: (id: string, body: Schemas['Confirmation']): Promise<Schemas['TakenShown']> =>
    answer(person.POST('/api/payments/{payment_id}/confirm', { params: { path: { payment_id: id } }, body })),

  returnPayment: (id: string, reason: string): Promise<Schemas['TakenShown']> =>
    answer(checkout.POST('/api/payments/{payment_id}/return', { params: { path: { payment_id: id } }, body: { reason } })),

  customers: (cursor: string | undefined, after: string | undefined): Promise<Schemas['BranchCustomers']> =>
    answer(checkout.GET('/api/till/customers', { params: { query: { cursor, after } } })),

  findCustomer: async (body: Schemas['Number']): Promise<CustomerRow> =>
    (await answer(quickly.POST('/api/till/customers/find', { body }))).row as CustomerRow,

  recommendations: (id: string): Promise<Schemas['Recommended'][]> =>
    answer(quickly.GET('/api/customers/{customer_id}/recommendations', { params: { path: { customer_id: id } } })),
  overview: (id: string): Promise<Schemas['Overview']> =>
    answer(quickly.GET('/api/customers/{customer_id}/overview', { params: { path: { customer_id: id } } })),
  tiers: (): Promise<Schemas['TierShown'][]> => answer(quickly.GET('/api/tiers')),
  purchases: (id: string): Promise<Schemas['Purchases']> =>
    answer(quickly.GET('/api/customers/{customer_id}/purchases', { params: { path: { customer_id: id } } })),

  keepRight: (body: Schemas['HoldWish']): Promise<Schemas['Held']> => answer(quickly.POST('/api/holds', { body })),

  tillTicket: async (): Promise<string> => (await answer(quick.POST('/api/till/ticket'))).ticket,

  ticket: async (): Promise<string> => (await answer(person.POST('/api/realtime/ticket'))).ticket,
}
