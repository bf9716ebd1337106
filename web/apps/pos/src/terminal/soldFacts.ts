// What stands on the receipt of a sale of this till, and what the till answers itself when the server cannot be asked.

import {
  choices, pointsEarned, receiptBarcode, receiptCode, receiptPage, sum, SWAP, takenOff, WHOLE_BP, type Attempt, type ReceiptDiscount, type ReceiptFacts,
  type SaleAnswer, type SaleRequest,
} from '@placket/selling'
import { customerNow, useCustomers } from './customers'
import { codeOf } from './einvoice'
import { useGoods } from './goods'
import { useInvoices } from './invoices'
import { promotionName } from './promotions'
import { useTill } from './till'

const PERCENT = new Intl.NumberFormat('vi-VN', { style: 'percent', maximumFractionDigits: 2 })

/** The till's own word for a sale: the same number and sums that the server will post. */
export function answerHere({ request, vat }: Attempt): SaleAnswer {
  const { start, series } = useTill()
  const { till, branch } = start.value ?? {}
  const epoch = series.value.epoch
  return {
    id: request.id,
    receipt_code: receiptCode(`${branch?.code ?? ''}-${String(till?.number ?? 0)}-${String(epoch)}`, request.receipt_no),
    barcode: receiptBarcode(till?.till_no ?? 0, epoch, request.receipt_no),
    total_vnd: request.total_vnd,
    rounding_vnd: request.rounding_vnd,
    change_vnd: request.tenders.reduce((sum, { change_vnd: change }) => sum + (change ?? 0), 0),
    vat: vat.map(({ rateBp, netVnd, vatVnd }) => ({ rate_bp: rateBp, net_vnd: netVnd, vat_vnd: vatVnd })),
    sold_at: request.at,
  }
}

/** The receipt of a sale. */
export function factsOf(attempt: Attempt, answer: SaleAnswer, offline: boolean): ReceiptFacts {
  const { start, session } = useTill()
  const { catalogue, locations } = useGoods()
  const { request } = attempt
  const branch = start.value?.branch
  return {
    company: start.value?.company.name ?? '',
    taxCode: start.value?.company.tax_code ?? null,
    branch: branch?.name ?? '',
    address: branch?.address ?? null,
    phone: branch?.phone ?? null,
    receiptCode: answer.receipt_code,
    barcode: answer.barcode,
    soldAt: answer.sold_at,
    cashier: session.value?.staff.full_name ?? '',
    adviser: advisers(request),
    pointsSpent: request.points === null ? null : { points: request.points.points, valueVnd: request.points.value_vnd },
    points: pointsTold(answer, request, offline),
    customer: buyer(request.customer_id),
    page: pageOf(answer.barcode),
    invoiceCode: codeOf({ epoch: useTill().series.value.epoch, no: request.receipt_no, soldAt: answer.sold_at }),
    lines: request.lines.map((line): ReceiptFacts['lines'][number] => {
      const variant = catalogue.value?.byId.get(line.variant_id)
      return {
        name: variant?.style.name_vi ?? '',
        sku: variant?.sku ?? '',
        qty: line.qty,
        unitVnd: line.unit_vnd,
        totalVnd: line.unit_vnd * line.qty,
        discounts: [...offered(line, attempt), ...byHand(line)],
        note: line.note,
        sourceName: line.source_id === branch?.id ? null : (locations.value.find(({ id }) => id === line.source_id)?.name ?? ''),
      }
    }).concat(takenBack(attempt)),
    vouchers: attempt.opened.map(({ code, promotionId }) => ({ code, amountVnd: sum(request.lines.flatMap(({ offers }) => sharesOf(offers, promotionId))) })),
    totalVnd: answer.total_vnd,
    roundingVnd: answer.rounding_vnd,
    changeVnd: answer.change_vnd,
    vat: answer.vat.map(({ rate_bp: rateBp, vat_vnd: vatVnd }) => ({ rateBp, vatVnd })),
    tenders: request.tenders.map(({ kind, amount_vnd, tendered_vnd }) => ({ kind, handedVnd: tendered_vnd ?? amount_vnd })),
    copies: 0,
    voided: false,
    offline,
  }
}

/** The lines that came back, as paper tells them. */
function takenBack({ cartId, request }: Attempt): ReceiptFacts['lines'] {
  const cart = useInvoices().tabs.value.carts.find(({ id }) => id === cartId)
  if (cart === undefined || request.returns.length === 0) return []
  return choices(cart).map(({ sale, line, choice }) => {
    const given = cart.refund?.lines.find(({ sale_id: id, line_no: no }) => id === sale.id && no === choice.lineNo)
    return {
      name: line.name_vi, sku: line.sku, qty: -choice.qty, unitVnd: line.unit_vnd, totalVnd: -line.unit_vnd * choice.qty, sourceName: null,
      returned: { receiptCode: sale.receipt_code, paidVnd: given?.share_vnd ?? 0, lessVnd: given?.recalculated_vnd ?? 0 },
    }
  })
}

/** Who advised the customer, each once. */
function advisers({ lines }: SaleRequest): string | null {
  const ids = new Set(lines.map(({ adviser_id: id }) => id))
  const names = useTill().start.value?.staff.flatMap(({ id, full_name: name }) => (ids.has(id) ? [name] : [])) ?? []
  return names.length === 0 ? null : names.join(', ')
}

/** What promotions took off a line, by their names; those of vouchers stand below, once. */
function offered({ offers }: SaleRequest['lines'][number], { opened }: Attempt): ReceiptDiscount[] {
  return offers.filter(({ promotion_id: id }) => opened.every(({ promotionId }) => promotionId !== id))
    .map(({ promotion_id: id, shares }) => ({ label: promotionName(id, 'vi') ?? 'Khuyến mãi', amountVnd: sum(shares), promotion: true }))
}

function sharesOf(offers: SaleRequest['lines'][number]['offers'], promotionId: string): number[] {
  return offers.flatMap(({ promotion_id: id, shares }) => (id === promotionId ? shares : []))
}

/** What was taken off a line by hand, as the customer reads it. */
function byHand({ adjust, unit_vnd: unitVnd, qty, offers }: SaleRequest['lines'][number]): ReceiptDiscount[] {
  const amountVnd = takenOff(adjust, { owedVnd: unitVnd * qty - sum(offers.flatMap(({ shares }) => shares)), qty })
  if (adjust === null || amountVnd === 0) return []
  const label = adjust.reason === SWAP ? 'Giữ giá hóa đơn cũ' : adjust.kind === 'percent' ? `Giảm ${PERCENT.format(adjust.value / WHOLE_BP)}` : adjust.kind === 'price' ? 'Giá riêng' : 'Giảm giá'
  return [{ label, amountVnd }]
}

/** The customer as paper names them: the phone masked. */
function buyer(id: string | null): ReceiptFacts['customer'] {
  const customer = customerNow(id ?? undefined)
  return customer === undefined ? null : { name: customer.name, phone: customer.phone ?? '', tier: null }
}

/** What the sale has done to the customer's points: as the server says, or, without it, what it will earn. */
function pointsTold(answer: SaleAnswer, request: SaleRequest, offline: boolean): ReceiptFacts['points'] {
  if (answer.points) {
    const { earned, balance, reclaimed = 0, restored = 0 } = answer.points
    return { earned, reclaimed, restored, balance, toNext: null }
  }
  const customer = customerNow(request.customer_id ?? undefined)
  const { terms } = useCustomers()
  if (!offline || customer?.earns !== true || terms.value === undefined) return null
  return { earned: pointsEarned(request.total_vnd, terms.value), balance: null, toNext: null }
}

function pageOf(barcode: string): string | null {
  const { start } = useTill()
  // A start that an older version has kept knows no key.
  const key = start.value?.receipt_key
  return key === undefined ? null : receiptPage(start.value?.settings.public_address ?? location.origin, key, barcode)
}
