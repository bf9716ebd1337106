/**
 * A sale on its way: stored under its id and receipt number before it is sent, and sent under the same until it is known
 * what became of it. So a double click, a lost answer or a reload makes one sale. See docs/rules/stock.md.
 */
import { answerOf, type LineAnswer } from './board.ts'
import type { Cart, CartLine, CartVoucher } from './cart.ts'
import type { Light } from './journal.ts'
import type { Settlement, Tender } from './payment.ts'
import type { Adjust, Quote, VatShare } from './pricing.ts'
import { refundVnd, returnsAsked, vatWithReturns, type ReturnAsked } from './returns.ts'

export interface SaleRequest {
  id: string
  opening: number
  receipt_no: number
  price_version: number
  promo_version: number
  at: string
  lines: {
    variant_id: string
    qty: number
    source_id: string
    unit_vnd: number
    discount_vnd: number
    adviser_id: string | null
    looked_for: number
    adjust: AdjustAsked | null
    gift: string | null
    note: string | null
    promise_id: string | null
    swaps: { sale_id: string; line_no: number } | null
    offers: { promotion_id: string; version: number; shares: number[] }[]
  }[]
  total_vnd: number
  rounding_vnd: number
  tenders: Tender[]
  customer_id: string | null
  override: OverrideAsked | null
  points: { hold_id: string; points: number; value_vnd: number } | null
  vouchers: string[]
  offers: { promotion_id: string; version: number; vnd: number; uses: number; pieces: number }[]
  skipped: string[]
  returns: ReturnAsked[]
  return_approval: { approved_by: string; approval_id: string | null } | null
}

interface OverrideAsked {
  reason: string
  approved_by: string
  approval_id: string | null
}

interface AdjustAsked {
  kind: Adjust['kind']
  value: number
  reason: string
  note: string | null
  approved_by: string | null
  approval_id: string | null
}

export interface Attempt {
  cartId: string
  request: SaleRequest
  vat: VatShare[]
  /** It was sent and no answer came: the server may have it or may yet get it. */
  uncertain: boolean
  /** Print on success (F9) or not (F10). */
  print: boolean
  /** The vouchers it uses, and the promotion that each opens. */
  opened: { code: string; promotionId: string }[]
  /** Who sells: they answer for the entry in the journal. */
  staffId: string
  light: Light
  override: OverrideAsked | null
  /** Who has confirmed the time, on a till whose clock was in doubt. */
  clockBy?: string | null
  /** The variants that the till's own books lacked when it was paid. */
  short?: readonly string[]
}

export interface SaleAnswer {
  id: string
  receipt_code: string
  barcode: string
  total_vnd: number
  rounding_vnd: number
  change_vnd: number
  vat: { rate_bp: number; net_vnd: number; vat_vnd: number }[]
  sold_at: string
  points?: { earned: number; spent: number; balance: number; reclaimed?: number; restored?: number } | null
}

/** What an answer to a sale means for the till. */
export type NextStep =
  | 'resend' // nobody knows: the same sale again, unchanged
  | 'attach' // the opening or the number is not the server's: attach, then the same sale again
  | 'sign_in' // the person's session has ended: PIN, attach, then the same sale again
  | 'give_up' // the shop says no: back to the cart

const REASON_MAX = 200
const ATTACH_AGAIN = new Set(['not_attached', 'opening_ended', 'receipt_gap'])
const UNKNOWN = new Set(['busy', 'failure', 'offline', 'timeout'])

/** Read a refusal or failure by its code. */
export function nextStep(code: string, status: number): NextStep {
  if (ATTACH_AGAIN.has(code)) return 'attach'
  if (code === 'not_signed_in') return 'sign_in'
  if (UNKNOWN.has(code) || status >= 500 || status === 429) return 'resend'
  return 'give_up'
}

/** The same sale as it stands when it is written: what the cashier has answered since it was first sent. */
export function relit(attempt: Attempt, cart: Cart, blind: boolean): Attempt {
  const { light, override } = judged(cart, blind)
  const lines = attempt.request.lines.map((line) => ({ ...line, looked_for: answerOf(cart, line.variant_id)?.seen ?? 0 }))
  return { ...attempt, light, override, request: { ...attempt.request, lines, override } }
}

/** The light of a cart and who answers for it. */
function judged(cart: Cart, blind: boolean): Pick<Attempt, 'light' | 'override'> {
  const answers = cart.lines.map(({ variantId }) => answerOf(cart, variantId))
  const given = answers.flatMap((answer) => (answer?.override === undefined ? [] : [answer]))
  const [first] = given.flatMap(({ override }) => override ?? [])
  const override = first === undefined ? null : { reason: reasonOf(given), approved_by: first.approvedBy, approval_id: first.approvalId ?? null }
  return { light: blind ? 'blind' : lightOf(answers), override }
}

/** Make the attempt of a cart, with the next receipt number of the till. */
export function makeAttempt(facts: {
  id: string
  cart: Cart
  staffId: string
  blind: boolean
  clockBy?: string | undefined
  short?: readonly string[]
  opening: number
  receiptNo: number
  quote: Quote
  settlement: Settlement
  atMs: number
  print: boolean
}): Attempt {
  const { quote, settlement, cart } = facts
  const { light, override } = judged(cart, facts.blind)
  return {
    cartId: cart.id,
    staffId: facts.staffId,
    light,
    override,
    clockBy: facts.clockBy ?? null,
    short: facts.short ?? [],
    vat: vatWithReturns(quote.vat, cart.refund),
    uncertain: false,
    print: facts.print,
    opened: vouchersUsed(cart, quote).map(({ code, promotionId }) => ({ code, promotionId })),
    request: {
      id: facts.id,
      opening: facts.opening,
      receipt_no: facts.receiptNo,
      price_version: quote.priceVersion,
      promo_version: quote.promoVersion,
      at: new Date(facts.atMs).toISOString(),
      lines: quote.lines.map(({ line, unitVnd, discountVnd, offers }) => ({
        variant_id: line.variantId,
        qty: line.qty,
        source_id: line.sourceId,
        unit_vnd: unitVnd,
        discount_vnd: discountVnd,
        adviser_id: line.adviserId ?? cart.adviserId ?? null,
        looked_for: answerOf(cart, line.variantId)?.seen ?? 0,
        adjust: adjustAsked(line.adjust),
        gift: line.gift ?? null,
        note: line.note ?? null,
        promise_id: line.promiseId ?? null,
        swaps: line.swaps === undefined ? null : { sale_id: line.swaps.saleId, line_no: line.swaps.lineNo },
        offers: offers.map(({ promotionId, version, shares }) => ({ promotion_id: promotionId, version, shares: [...shares] })),
      })),
      total_vnd: quote.totalVnd - refundVnd(cart),
      rounding_vnd: settlement.roundingVnd,
      tenders: settlement.tenders,
      customer_id: cart.customer?.id ?? null,
      override,
      points: pointsAsked(cart),
      vouchers: vouchersUsed(cart, quote).map(({ code }) => code),
      skipped: [...quote.skipped],
      offers: (quote.promotions?.applied ?? []).map(({ promotion_id, version, times, pieces, vnd }) =>
        ({ promotion_id, version, vnd, uses: times, pieces })),
      returns: returnsAsked(cart),
      return_approval: cart.returnApproval === undefined ? null
        : { approved_by: cart.returnApproval.approvedBy, approval_id: cart.returnApproval.approvalId },
    },
  }
}

function adjustAsked(adjust: Adjust | undefined): AdjustAsked | null {
  if (adjust === undefined) return null
  const { kind, value, reason, note, approvedBy, approvalId } = adjust
  return { kind, value, reason, note: note ?? null, approved_by: approvedBy ?? null, approval_id: approvalId ?? null }
}

/** The vouchers that open something of this cart: one for each promotion. The others stay the customer's. */
export function vouchersUsed(cart: Cart, quote: Quote): CartVoucher[] {
  const vouchers = cart.vouchers ?? []
  return (quote.promotions?.applied ?? []).flatMap(({ promotion_id: id }) => vouchers.find(({ promotionId }) => promotionId === id) ?? [])
}

function pointsAsked({ points }: Cart): SaleRequest['points'] {
  return points === undefined ? null : { hold_id: points.holdId, points: points.points, value_vnd: points.valueVnd }
}

/** The light a sale is recorded under: the one that somebody has to answer for first. */
function lightOf(answers: readonly (LineAnswer | undefined)[]): Light {
  if (answers.some((answer) => answer?.override !== undefined && answer.missing !== true)) return 'override'
  if (answers.some((answer) => answer?.override !== undefined)) return 'amber_refused'
  return answers.some((answer) => (answer?.seen ?? 0) > 0) ? 'amber' : 'green'
}

function reasonOf(given: readonly LineAnswer[]): string {
  return [...new Set(given.map(({ override }) => override?.reason ?? ''))].join('; ').slice(0, REASON_MAX)
}

/**
 * The same sale under the opening just attached. The server has told how far the till's numbers go: if ours is used up, the
 * sale may be among them and keeps its number, so that the server recognises it; the id decides either way.
 */
export function renewed(attempt: Attempt, opening: number, lastReceiptNo: number): Attempt {
  const { request } = attempt
  const posted = attempt.uncertain && request.receipt_no <= lastReceiptNo
  const receiptNo = posted ? request.receipt_no : lastReceiptNo + 1
  return { ...attempt, request: { ...request, opening, receipt_no: receiptNo } }
}

/** A line of a refusal `out_of_stock`, by its place in the request. */
export interface RefusedLine {
  line_no: number
  variant_id: string
  asked: number
  left: number
  elsewhere: { location_id: string; name: string; kind: string; free: number }[]
}

/** A refused line as the till tells of it. */
export interface LackingLine extends RefusedLine {
  /** Where it was to come from: from somewhere else it is another question. */
  source_id: string
  /** The till's own books lacked it already when it was sent: nobody was quicker. */
  by_books: boolean
}

/** What the server refused, with where each line was to come from and whether the till could have known. */
export function lackingLines(refused: readonly RefusedLine[], { request, short }: Pick<Attempt, 'request' | 'short'>): LackingLine[] {
  return refused.map((line) => ({
    ...line,
    source_id: request.lines[line.line_no - 1]?.source_id ?? '',
    by_books: short?.includes(line.variant_id) === true,
  }))
}

/** Whether a refused line still stands as it was sent; an edited line is asked anew. */
export function stillLacks(lacking: LackingLine, line: CartLine): boolean {
  return lacking.variant_id === line.variantId && lacking.source_id === line.sourceId && line.qty > lacking.left
}
