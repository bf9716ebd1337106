/**
 * Goods that come back in a cart: what is chosen of which receipt, what the server gives for it, and how the money goes out.
 * Pure; the rules are docs/rules/returns.md's.
 */
import { roundedTo } from './money.ts'
import type { Settlement, Tender } from './payment.ts'

export const RETURN_REASONS = ['size', 'colour', 'faulty', 'unsuitable', 'other'] as const
export type ReturnReason = (typeof RETURN_REASONS)[number]
export const CONDITIONS = ['sell', 'damaged', 'scrap'] as const
export type ReturnCondition = (typeof CONDITIONS)[number]

/** A line of a sale that something may come back of. */
export interface ReturnableLine {
  line_no: number
  variant_id: string
  style_id: string
  name_vi: string
  name_en: string
  sku: string
  colour_vi: string
  colour_en: string
  size: string
  picture: string | null
  qty: number
  returnable: number
  unit_vnd: number
  total_vnd: number
  discount_vnd: number
  until: string
  reason: string | null
  forms: string[]
  /** The rate of the sale; only where the device has to reckon by itself. */
  vat_bp?: number
  came_back: { qty: number; at: string; location_name: string; receipt_code: string }[]
}

export interface ReturnableSale {
  id: string
  receipt_code: string
  /** Where it was sold: in a store, or on the web. */
  channel?: string
  location_name: string
  sold_at: string
  total_vnd: number
  customer_id: string | null
  customer_name: string | null
  tenders: { kind: string; amount_vnd: number }[]
  lines: ReturnableLine[]
  /** Told by this device alone: the branch's own copy of the sale. */
  alone?: boolean
}

/** Pieces of a line that come back; without a reason nothing is given for them. */
export interface Choice {
  lineNo: number
  qty: number
  reason?: ReturnReason
  condition: ReturnCondition
}

/** A receipt that lies beside the cart, and what of it comes back. */
export interface CartReturn {
  sale: ReturnableSale
  chosen: readonly Choice[]
}

/** What is given for pieces of a line. */
export interface RefundLine {
  sale_id: string
  line_no: number
  qty: number
  share_vnd: number
  recalculated_vnd: number
  refund_vnd: number
  vat_bp: number
  vat_vnd: number
  points_vnd: number
  /** What each piece costs that is swapped for one of these. */
  swap_vnd?: number[]
}

export interface RefundQuote {
  refund_vnd: number
  /** How much of it may go out as money, and at all, without approval. */
  money_vnd: number
  credit_vnd: number
  lines: RefundLine[]
  limits: { kind: string; up_to_vnd: number }[]
  /** Promotions that what is kept of a receipt no longer gets. */
  lost?: { sale_id: string; kept: number; name_vi: string; name_en: string }[]
  /** Points that the goods had earned and that go with them; some may be spent. Unknown off line. */
  points?: { sale_id: string; earned: number; spent: number }[]
  reasons: string[]
}

/** How money goes out: as the goods were paid, or in one form. */
export type RefundWay = 'paid' | 'cash' | 'transfer' | 'store_credit'

export interface ReturnAsked {
  sale_id: string
  line_no: number
  qty: number
  refund_vnd: number
  reason: ReturnReason
  condition: ReturnCondition
}

export interface WithReturns {
  returns?: readonly CartReturn[]
  refund?: RefundQuote
  refundWay?: RefundWay
  /** Who agreed to a return beyond the policy. */
  returnApproval?: { approvedBy: string; approvalId: string | null }
}

/** Every choice of a cart with its sale. */
export function choices(cart: WithReturns): { sale: ReturnableSale; line: ReturnableLine; choice: Choice }[] {
  return (cart.returns ?? []).flatMap(({ sale, chosen }) => chosen.flatMap((choice) => {
    const line = sale.lines.find(({ line_no: no }) => no === choice.lineNo)
    return line === undefined ? [] : [{ sale, line, choice }]
  }))
}

export function piecesBack(cart: WithReturns): number {
  return choices(cart).reduce((sum, { choice }) => sum + choice.qty, 0)
}

/** Lay a receipt beside the cart; one that lies there already stays as it is. */
export function withReceipt<C extends WithReturns>(cart: C, sale: ReturnableSale): C {
  const known = cart.returns ?? []
  return known.some((one) => one.sale.id === sale.id) ? cart : { ...cart, returns: [...known, { sale, chosen: [] }] }
}

export function withoutReceipt<C extends WithReturns>(cart: C, saleId: string): C {
  return stale({ ...cart, returns: (cart.returns ?? []).filter(({ sale }) => sale.id !== saleId) })
}

/** The same receipts as the server tells them now: what has come back elsewhere meanwhile is no longer chosen. */
export function retold<C extends WithReturns>(cart: C, sale: ReturnableSale): C {
  const returns = (cart.returns ?? []).map((one) => {
    if (one.sale.id !== sale.id) return one
    const chosen = one.chosen.flatMap((choice) => {
      const left = sale.lines.find(({ line_no: no }) => no === choice.lineNo)?.returnable ?? 0
      return left < 1 ? [] : [{ ...choice, qty: Math.min(choice.qty, left) }]
    })
    return { sale, chosen }
  })
  return stale({ ...cart, returns })
}

/** Choose pieces of a line, change the choice, or take it back (`qty` 0). What was given for another choice is forgotten. */
export function choose<C extends WithReturns>(cart: C, saleId: string, lineNo: number, change: Partial<Choice>): C {
  const returns = (cart.returns ?? []).map((one) => {
    if (one.sale.id !== saleId) return one
    const line = one.sale.lines.find(({ line_no: no }) => no === lineNo)
    const before = one.chosen.find((choice) => choice.lineNo === lineNo)
    const others = one.chosen.filter((choice) => choice.lineNo !== lineNo)
    const qty = Math.min(change.qty ?? before?.qty ?? 1, line?.returnable ?? 0)
    if (qty < 1) return { ...one, chosen: others }
    const next: Choice = { condition: 'sell', ...before, ...change, lineNo, qty }
    return { ...one, chosen: [...others, next].sort((a, b) => a.lineNo - b.lineNo) }
  })
  const next = { ...cart, returns }
  return change.qty === undefined && choices(cart).some(({ sale, choice }) => sale.id === saleId && choice.lineNo === lineNo) ? next : stale(next)
}

function stale<C extends WithReturns>(cart: C): C {
  const { refund: _refund, returnApproval: _approval, ...rest } = cart
  return rest as C
}

/** A piece that is scanned in of a style that comes back is another size or colour: the reason is known. */
export function reasonFor(line: ReturnableLine, variant: { styleId: string; colourVi: string; size: string }): ReturnReason | undefined {
  if (variant.styleId !== line.style_id) return undefined
  if (variant.colourVi !== line.colour_vi) return 'colour'
  return variant.size === line.size ? undefined : 'size'
}

/** Give chosen lines without a reason the one that the new piece tells. */
export function withReason<C extends WithReturns>(cart: C, variant: { styleId: string; colourVi: string; size: string }): C {
  const open = choices(cart).find(({ line, choice }) => choice.reason === undefined && reasonFor(line, variant) !== undefined)
  const reason = open === undefined ? undefined : reasonFor(open.line, variant)
  return open === undefined || reason === undefined ? cart : choose(cart, open.sale.id, open.choice.lineNo, { reason })
}

/** What is given in all; nothing while it is not known. */
export function refundVnd(cart: WithReturns): number {
  return cart.refund?.refund_vnd ?? 0
}

/** What still keeps a return from being made: nothing known of the money yet, or a line without a reason. */
export function missingOf(cart: WithReturns): 'quote' | 'reason' | undefined {
  const all = choices(cart)
  if (all.length === 0) return undefined
  if (all.some(({ choice }) => choice.reason === undefined)) return 'reason'
  return cart.refund === undefined ? 'quote' : undefined
}

const FORM_OF: Readonly<Record<string, Tender['kind']>> = {
  cash: 'cash', card: 'card', transfer: 'transfer', cod: 'transfer', store_credit: 'store_credit',
}
/** Money goes back to cards and accounts first, and in cash what is left. */
const ORDER: readonly string[] = ['card', 'transfer', 'cod', 'store_credit', 'cash']

/** The tenders that give back an amount, with their rounding; amounts are what goes out, with a minus. */
export function payOut(cart: WithReturns, outVnd: number, reference: string, stepVnd: number): { tenders: Tender[]; roundingVnd: number } {
  const way = cart.refundWay ?? 'paid'
  const sums = new Map<Tender['kind'], number>()
  let leftVnd = outVnd
  if (way === 'paid') {
    const paid = (cart.returns ?? []).filter(({ chosen }) => chosen.length > 0).flatMap(({ sale }) => sale.tenders)
    for (const { kind, amount_vnd: amountVnd } of [...paid].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))) {
      const form = FORM_OF[kind] ?? 'cash'
      const part = Math.min(leftVnd, amountVnd, leftOf(cart, form) - (sums.get(form) ?? 0))
      if (part > 0) {
        sums.set(form, (sums.get(form) ?? 0) + part)
        leftVnd -= part
      }
    }
    if (leftVnd > 0) sums.set('cash', (sums.get('cash') ?? 0) + leftVnd)
  } else {
    sums.set(way, outVnd)
  }
  const cashVnd = sums.get('cash') ?? 0
  const roundedVnd = roundedTo(cashVnd, stepVnd)
  const tenders = [...sums].flatMap(([kind, vnd]) => {
    const amountVnd = kind === 'cash' ? roundedVnd : vnd
    const note = kind === 'card' && reference.trim() !== '' ? reference.trim() : null
    return amountVnd === 0 ? [] : [{ kind, amount_vnd: -amountVnd, tendered_vnd: null, change_vnd: null, reference: note, payment_id: null }]
  })
  return { tenders, roundingVnd: cashVnd - roundedVnd }
}

/** How a cart is settled whose goods that come back are worth more than what is taken: `dueVnd` is what goes out, with a minus. */
export function settleBack(cart: WithReturns, outVnd: number, reference: string, stepVnd: number): Settlement {
  const { tenders, roundingVnd } = payOut(cart, outVnd, reference, stepVnd)
  const dueVnd = tenders.reduce((sum, { amount_vnd: vnd }) => sum + vnd, 0)
  return { dueVnd, roundingVnd, changeVnd: 0, missingVnd: 0, complete: true, tenders }
}

/** How much may still go back by a form; store credit has no bound of its own. */
function leftOf({ refund }: WithReturns, form: Tender['kind']): number {
  if (form === 'store_credit') return Number.MAX_SAFE_INTEGER
  return refund?.limits.find(({ kind }) => kind === form)?.up_to_vnd ?? 0
}

/** Why somebody has to approve what goes out: the same reasons as the server's. */
export function needsOf(cart: WithReturns, tenders: readonly Tender[], limitVnd: number | null): string[] {
  const { refund } = cart
  if (refund === undefined) return []
  const out = tenders.filter(({ amount_vnd: vnd }) => vnd < 0)
  const money = out.filter(({ kind }) => kind !== 'store_credit')
  const sum = (of: readonly Tender[]): number => of.reduce((total, { amount_vnd: vnd }) => total - vnd, 0)
  const reasons = new Set(refund.reasons)
  if (money.some((one) => sum(money.filter(({ kind }) => kind === one.kind)) > leftOf(cart, one.kind))) reasons.add('tender')
  if (sum(money) > refund.money_vnd || sum(out) > refund.credit_vnd) reasons.add('form')
  if (limitVnd !== null && sum(out) > limitVnd) reasons.add('limit')
  return [...reasons].sort()
}

/** The returns of a cart as the server takes them; the money of each is the quote's. */
export function returnsAsked(cart: WithReturns): ReturnAsked[] {
  return choices(cart).map(({ sale, choice }) => {
    const given = cart.refund?.lines.find(({ sale_id: id, line_no: no }) => id === sale.id && no === choice.lineNo)
    return {
      sale_id: sale.id, line_no: choice.lineNo, qty: choice.qty, refund_vnd: given?.refund_vnd ?? 0,
      reason: choice.reason ?? 'other', condition: choice.condition,
    }
  })
}

/** VAT of the goods less what goes back, by rate. */
export function vatWithReturns(
  vat: readonly { rateBp: number; netVnd: number; vatVnd: number }[], refund: RefundQuote | undefined,
): { rateBp: number; netVnd: number; vatVnd: number }[] {
  const sums = new Map(vat.map((share) => [share.rateBp, { ...share }]))
  for (const { vat_bp: rateBp, vat_vnd: vatVnd, refund_vnd: grossVnd } of refund?.lines ?? []) {
    const held = sums.get(rateBp) ?? { rateBp, netVnd: 0, vatVnd: 0 }
    sums.set(rateBp, { rateBp, netVnd: held.netVnd - (grossVnd - vatVnd), vatVnd: held.vatVnd - vatVnd })
  }
  return [...sums.values()].sort((one, other) => one.rateBp - other.rateBp)
}
