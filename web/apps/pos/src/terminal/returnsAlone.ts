// A return without the server: only of the branch's sales that this device keeps, only where no promotion has to be reckoned
// again, only for cash or store credit. What the rules say beyond that is held against it when the entry is posted.

import { choices, split, vatWithin, type Cart, type KeptOrder, type RefundLine, type RefundQuote, type ReturnableSale, type ReturnAsked } from '@placket/selling'
import { db } from './db'

/** A sale of the branch as this device keeps it. */
export async function orderAlone(what: { barcode: string } | { saleId: string }): Promise<ReturnableSale | undefined> {
  const order = 'saleId' in what
    ? await db.orders.get(what.saleId)
    : await db.orders.filter((one) => one.barcode === what.barcode).first()
  return order === undefined || order.state !== 'posted' ? undefined : returnableOf(order)
}

function returnableOf(order: KeptOrder): ReturnableSale {
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
        returnable: line.reckoned === true ? 0 : line.qty - (line.returned ?? 0), unit_vnd: line.unit_vnd, total_vnd: line.total_vnd,
        discount_vnd: line.discount_vnd, until: '', reason: line.reckoned === true ? 'needs_network' : null, forms: ['original', 'store_credit', 'exchange'],
        came_back: [], vat_bp: line.vat_bp ?? 0,
      }]
    }),
  }
}

/** What has come back here is not taken back again, with and without the server. */
export async function noteReturned(returned: readonly ReturnAsked[]): Promise<void> {
  for (const { sale_id: saleId, line_no: lineNo, qty } of returned) {
    await db.orders.where('id').equals(saleId).modify((order) => {
      const line = order.lines.find((one) => one.line_no === lineNo)
      if (line !== undefined) line.returned = (line.returned ?? 0) + qty
    })
  }
}

/** What is given without the server: the share of what was paid for each piece, kept pieces keeping the first shares. */
export function quoteAlone(cart: Cart): RefundQuote | undefined {
  const lines = choices(cart).map(({ sale, line, choice }): RefundLine => {
    const kept = line.returnable - choice.qty
    const off = split(line.discount_vnd, Array.from({ length: line.qty }, () => 1)).slice(kept, line.returnable).reduce((sum, vnd) => sum + vnd, 0)
    const shareVnd = line.unit_vnd * choice.qty - off
    const vatBp = line.vat_bp ?? 0
    return {
      sale_id: sale.id, line_no: line.line_no, qty: choice.qty, share_vnd: shareVnd, recalculated_vnd: 0, refund_vnd: shareVnd, vat_bp: vatBp,
      vat_vnd: vatWithin(shareVnd, vatBp), points_vnd: 0,
    }
  })
  const refundVnd = lines.reduce((sum, line) => sum + line.refund_vnd, 0)
  const cash = (cart.returns ?? []).flatMap(({ sale }) => sale.tenders).filter(({ kind }) => kind === 'cash')
  return {
    refund_vnd: refundVnd, money_vnd: refundVnd, credit_vnd: refundVnd, lines, reasons: [],
    limits: [{ kind: 'cash', up_to_vnd: cash.reduce((sum, { amount_vnd: vnd }) => sum + vnd, 0) }],
  }
}
