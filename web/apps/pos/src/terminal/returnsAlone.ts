// A return without the server: only of the branch's sales that this device keeps, priced by the promotions it held when they were
// made, only for cash or store credit. What the rules say beyond that is held against it when the entry is posted.

import { refundAlone, sum, swappedFor, usesBook, type BuyerFacts, type Cart, type KeptOrder, type RefundQuote, type ReturnableSale, type ReturnAsked } from '@placket/selling'
import { customerNow } from './customers'
import { db } from './db'
import { useGoods } from './goods'

/** A sale of the branch as this device keeps it. */
export async function orderAlone(what: { barcode: string } | { saleId: string }): Promise<ReturnableSale | undefined> {
  const order = 'saleId' in what
    ? await db.orders.get(what.saleId)
    : await db.orders.filter((one) => one.barcode === what.barcode).first()
  return order === undefined || order.state !== 'posted' ? undefined : returnableOf(order, await needsNetwork(order))
}

/** Whether goods that belong together are only known to the server, or its promotions are: then nothing can come back here. */
async function needsNetwork(order: KeptOrder): Promise<boolean> {
  if (order.swapped === true) return true
  return usesBook(order) && (order.promo_version === undefined || (await db.books.get(order.promo_version)) === undefined)
}

function returnableOf(order: KeptOrder, unknown: boolean): ReturnableSale {
  return {
    id: order.id, receipt_code: order.receipt_code ?? '', location_name: '', sold_at: order.sold_at, total_vnd: order.total_vnd,
    customer_id: order.customer_id ?? null, customer_name: order.customer_name, alone: true,
    tenders: order.tenders.map(({ kind, amount_vnd }) => ({ kind, amount_vnd })),
    lines: order.lines.flatMap((line) => {
      const { line_no: lineNo, variant_id: variantId, style_id: styleId } = line
      if (lineNo === undefined || variantId === undefined || styleId === undefined || line.qty < 1) return []
      return [{
        line_no: lineNo, variant_id: variantId, style_id: styleId, name_vi: line.name, name_en: line.name, sku: line.sku,
        colour_vi: line.colour ?? '', colour_en: line.colour ?? '', size: line.size ?? '', picture: null, qty: line.qty,
        returnable: unknown ? 0 : line.qty - (line.returned ?? 0), unit_vnd: line.unit_vnd, total_vnd: line.total_vnd,
        discount_vnd: line.discount_vnd, until: '', reason: unknown ? 'needs_network' : null, forms: ['original', 'store_credit', 'exchange'],
        came_back: [], vat_bp: line.vat_bp ?? 0,
      }]
    }),
  }
}

/** What has come back here is not taken back again, with and without the server. */
export async function noteReturned(returned: readonly ReturnAsked[]): Promise<void> {
  for (const { sale_id: saleId, line_no: lineNo, qty, refund_vnd: vnd } of returned) {
    await db.orders.where('id').equals(saleId).modify((order) => {
      const line = order.lines.find((one) => one.line_no === lineNo)
      if (line === undefined) return
      line.returned = (line.returned ?? 0) + qty
      line.refunded_vnd = (line.refunded_vnd ?? 0) + vnd
    })
  }
}

/**
 * What is given without the server: what was paid for each piece, what is kept priced by the promotions of its sale. Nothing when
 * this device cannot say it of one of the receipts.
 */
export async function quoteAlone(cart: Cart): Promise<RefundQuote | undefined> {
  const known = useGoods().catalogue.value
  const back = (cart.returns ?? []).filter(({ chosen }) => chosen.length > 0)
  const refunds = await Promise.all(back.map(async ({ sale, chosen }) => {
    const order = await db.orders.get(sale.id)
    if (order === undefined || known === undefined) return undefined
    const taken = chosen.map(({ lineNo, qty }) => ({ lineNo, qty, swapped: swappedFor(cart.lines, sale.id, lineNo) }))
    return refundAlone(order, taken, await db.books.get(order.promo_version ?? 0), known, buyerOf(order))
  }))
  if (refunds.includes(undefined)) return undefined
  const lines = refunds.flatMap((refund) => refund?.lines ?? [])
  const refundVnd = sum(lines.map(({ refund_vnd: vnd }) => vnd))
  const cash = back.flatMap(({ sale }) => sale.tenders).filter(({ kind }) => kind === 'cash')
  return {
    refund_vnd: refundVnd, money_vnd: refundVnd, credit_vnd: refundVnd, lines, lost: refunds.flatMap((refund) => refund?.lost ?? []), reasons: [],
    limits: [{ kind: 'cash', up_to_vnd: sum(cash.map(({ amount_vnd: vnd }) => vnd)) }],
  }
}

/** Promotions ask who bought: a customer this device does not know has no birthday here. */
function buyerOf({ customer_id: id }: KeptOrder): BuyerFacts | undefined {
  return id === null || id === undefined ? undefined : (customerNow(id) ?? { birthday: null, tier: null, segments: [] })
}
