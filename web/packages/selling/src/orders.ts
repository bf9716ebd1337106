/** The sales a device keeps to be found again: its branch's of the last days, as the server told them. */
import type { Method } from './payment.ts'
import type { ReceiptDiscount, ReceiptFacts } from './receipt.ts'
import { folded } from './words.ts'

export interface KeptOrder {
  id: string
  receipt_code: string | null
  barcode: string | null
  channel: string
  state: string
  till_code: string | null
  till_id: string | null
  staff_name: string | null
  customer_name: string | null
  phone_end: string | null
  pieces: number
  total_vnd: number
  rounding_vnd: number
  sold_at: string
  changed_at: string
  customer_id?: string | null
  /** What a return has to price what is kept by: the book of that moment, what it used of limits, what vouchers opened. */
  location_id?: string
  promo_version?: number
  offers?: { promotion_id: string; uses: number; pieces: number; amount_vnd: number }[]
  opened?: string[]
  /** Goods of it were swapped, or it swapped others': only the server sees all that belongs together. */
  swapped?: boolean
  lines: {
    name: string
    sku: string
    qty: number
    unit_vnd: number
    discount_vnd: number
    /** Its parts; a sale kept by an earlier app has none. */
    discounts?: { kind: string; name: string | null; amount_vnd: number; shares_vnd?: number[] | null }[]
    total_vnd: number
    adviser: string | null
    source_name: string | null
    note?: string | null
    /** What a return needs to know; kept sales of older versions lack it. */
    line_no?: number
    variant_id?: string
    style_id?: string
    colour?: string
    size?: string
    vat_bp?: number
    returned?: number
    refunded_vnd?: number
    /** The receipt that this line takes back from. */
    returns_code?: string | null
  }[]
  tenders: { kind: string; amount_vnd: number; tendered_vnd: number | null; change_vnd: number | null }[]
  vat: { rate_bp: number; vat_vnd: number }[]
}

export const ORDER_DAYS = 14
const DAY_MS = 86_400_000
const PHONE_END = /^\d{3,4}$/

/** Whether a sale is what somebody looks for: its code or number, the end of a phone, a customer, an item. */
export function isMeant(order: KeptOrder, text: string): boolean {
  const wanted = folded(text.trim())
  if (wanted === '') return true
  const digits = wanted.replace(/[ .]/g, '')
  if (order.barcode === digits) return true
  if (PHONE_END.test(digits) && (order.phone_end ?? '').endsWith(digits)) return true
  const texts = [order.receipt_code, order.customer_name, order.staff_name, ...order.lines.flatMap(({ name, sku }) => [name, sku])]
  const words = folded(texts.filter(Boolean).join(' '))
  return wanted.split(/\s+/).every((word) => words.includes(word))
}

/** What the server is asked for: a receipt or a phone, what was paid, a day. */
export interface OrderWish {
  q?: string
  paid_vnd?: number
  from_on?: string
  to_on?: string
}

const WRITTEN_DAY = /^(\d{1,2})\/(\d{1,2})(?:\/(\d{2}|\d{4}))?$/
const WRITTEN_VND = /^(?:(\d{1,3}(?:[.,]\d{3})+)\s*[₫đd]?|(\d+)\s*[₫đd]|(\d+)\s*k)$/i
const MILLENNIUM = 2_000

/**
 * What somebody typed as a question: `23/11` or `23/11/2025` is a day, `1.250.000`, `1250000đ` or `450k` is what was paid, the rest is a
 * receipt's number or a phone. A day without a year is the last one.
 */
export function wishOf(text: string, nowMs: number): OrderWish | undefined {
  const wish: OrderWish = {}
  const rest: string[] = []
  for (const word of text.trim().split(/\s+/)) {
    const day = dayOf(word, nowMs)
    const [, grouped, plain, thousands] = WRITTEN_VND.exec(word) ?? []
    const vnd = grouped?.replace(/[.,]/g, '') ?? plain ?? (thousands === undefined ? undefined : `${thousands}000`)
    if (day !== undefined) wish.from_on = wish.to_on = day
    else if (vnd !== undefined) wish.paid_vnd = Number(vnd)
    else if (word !== '') rest.push(word)
  }
  if (rest.length > 0) wish.q = rest.join(' ')
  return Object.keys(wish).length === 0 ? undefined : wish
}

function dayHere(atMs: number): string {
  return new Date(atMs).toLocaleDateString('sv-SE', { timeZone: 'Asia/Ho_Chi_Minh' })
}

function dayOf(word: string, nowMs: number): string | undefined {
  const [, day, month, year] = WRITTEN_DAY.exec(word) ?? []
  if (day === undefined || month === undefined) return undefined
  const today = dayHere(nowMs)
  const ofYear = (number: number): string => `${String(number)}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const thisYear = Number(today.slice(0, 4))
  const given = year === undefined ? undefined : Number(year) < 100 ? MILLENNIUM + Number(year) : Number(year)
  const on = ofYear(given ?? (ofYear(thisYear) > today ? thisYear - 1 : thisYear))
  const parsed = new Date(`${on}T00:00:00Z`)
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== on ? undefined : on
}

/** The sales that somebody looks for within so many days, the newest first. */
export function ordersFound(orders: readonly KeptOrder[], text: string, days: number, nowMs: number): KeptOrder[] {
  const since = nowMs - days * DAY_MS
  const { q = '', paid_vnd: paidVnd, from_on: on } = wishOf(text, nowMs) ?? {}
  return orders
    .filter((order) => Date.parse(order.sold_at) >= since && isMeant(order, q))
    .filter((order) => paidVnd === undefined || order.total_vnd + order.rounding_vnd === paidVnd)
    .filter((order) => on === undefined || dayHere(Date.parse(order.sold_at)) === on)
    .sort((one, other) => Date.parse(other.sold_at) - Date.parse(one.sold_at))
}

/** What was taken off a line, as the paper said it; history that was loaded names no parts. */
function discountsOf({ discounts = [], discount_vnd: discountVnd }: KeptOrder['lines'][number]): ReceiptDiscount[] {
  if (discounts.length === 0) return discountVnd === 0 ? [] : [{ label: 'Giảm giá', amountVnd: discountVnd }]
  return discounts.map(({ kind, name, amount_vnd: amountVnd }) => {
    if (kind === 'promotion') return { label: name ?? 'Khuyến mãi', amountVnd, promotion: true }
    return { label: kind === 'points' ? 'Đổi điểm' : 'Giảm giá', amountVnd }
  })
}

/** What stands on the receipt of a kept sale; it has been printed before, so the next one is a copy. */
export function factsOfOrder(order: KeptOrder, head: Pick<ReceiptFacts, 'company' | 'taxCode' | 'branch' | 'address' | 'phone'>): ReceiptFacts {
  return {
    ...head,
    receiptCode: order.receipt_code ?? '',
    barcode: order.barcode ?? '',
    soldAt: order.sold_at,
    cashier: order.staff_name ?? '',
    lines: order.lines.map((line) => ({
      name: line.name, sku: line.sku, qty: line.qty, unitVnd: line.unit_vnd, totalVnd: line.unit_vnd * line.qty,
      sourceName: line.source_name, note: line.note ?? null,
      ...(line.qty < 0 ? { returned: { receiptCode: line.returns_code ?? '', paidVnd: -line.total_vnd, lessVnd: 0 } } : {}),
      discounts: line.qty < 0 ? [] : discountsOf(line),
    })),
    totalVnd: order.total_vnd,
    roundingVnd: order.rounding_vnd,
    changeVnd: order.tenders.reduce((sum, { change_vnd: change }) => sum + (change ?? 0), 0),
    vat: order.vat.map(({ rate_bp: rateBp, vat_vnd: vatVnd }) => ({ rateBp, vatVnd })),
    tenders: order.tenders.map(({ kind, amount_vnd: amount, tendered_vnd: handed }) => ({ kind: kind as Method, handedVnd: handed ?? amount })),
    copies: 1,
    voided: order.state === 'void',
  }
}
