// What comes back in a cart: chosen, reasoned, paid out the way it was paid.
import { describe, expect, it } from 'vitest'
import {
  choices, choose, missingOf, needsOf, payOut, reasonFor, returnsAsked, vatWithReturns, withoutReceipt, withReason, withReceipt, type RefundQuote,
  type ReturnableSale, type WithReturns,
} from './returns.ts'

const shirt = {
  line_no: 1, variant_id: 'm', style_id: 'shirt', name_vi: 'Áo', name_en: 'Shirt', sku: 'AO-M', colour_vi: 'Trắng', colour_en: 'White', size: 'M',
  picture: null, qty: 2, returnable: 2, unit_vnd: 690_000, total_vnd: 1_242_000, discount_vnd: 138_000, until: '2026-12-15', reason: null,
  forms: ['exchange', 'original', 'store_credit'], came_back: [],
}
const sale: ReturnableSale = {
  id: 's1', receipt_code: 'HN01-1-1-0000001', location_name: 'Hai Bà Trưng', sold_at: '2026-11-15T11:20:00Z', total_vnd: 1_242_000, customer_id: null,
  customer_name: null, tenders: [{ kind: 'cash', amount_vnd: 242_000 }, { kind: 'card', amount_vnd: 1_000_000 }], lines: [shirt],
}
const quote: RefundQuote = {
  refund_vnd: 552_000, money_vnd: 552_000, credit_vnd: 552_000, reasons: [],
  limits: [{ kind: 'card', up_to_vnd: 1_000_000 }, { kind: 'cash', up_to_vnd: 242_000 }, { kind: 'transfer', up_to_vnd: 1_000_000 }],
  lines: [{ sale_id: 's1', line_no: 1, qty: 1, share_vnd: 621_000, recalculated_vnd: 69_000, refund_vnd: 552_000, vat_bp: 800, vat_vnd: 40_889, points_vnd: 0 }],
}
const empty: WithReturns = {}

describe('choosing', () => {
  const chosen = choose(withReceipt(empty, sale), 's1', 1, {})

  it('takes one piece of a line, to be sold again, and asks why', () => {
    expect(choices(chosen).map(({ choice }) => choice)).toEqual([{ lineNo: 1, qty: 1, condition: 'sell' }])
    expect(missingOf(chosen)).toBe('reason')
    expect(missingOf(choose(chosen, 's1', 1, { reason: 'faulty' }))).toBe('quote')
  })

  it('never takes more than can come back, and nothing when it is taken back', () => {
    expect(choices(choose(chosen, 's1', 1, { qty: 9 })).map(({ choice }) => choice.qty)).toEqual([2])
    expect(choices(choose(chosen, 's1', 1, { qty: 0 }))).toEqual([])
    expect(withoutReceipt(chosen, 's1').returns).toEqual([])
  })

  it('forgets the money of another choice, and keeps it when only the reason changes', () => {
    const known = { ...chosen, refund: quote }
    expect(choose(known, 's1', 1, { qty: 2 }).refund).toBeUndefined()
    expect(choose(known, 's1', 1, { reason: 'size' }).refund).toBe(quote)
  })

  it('knows the reason from the piece that is scanned in', () => {
    expect(reasonFor(shirt, { styleId: 'shirt', colourVi: 'Trắng', size: 'L' })).toBe('size')
    expect(reasonFor(shirt, { styleId: 'shirt', colourVi: 'Đen', size: 'M' })).toBe('colour')
    expect(reasonFor(shirt, { styleId: 'dress', colourVi: 'Trắng', size: 'L' })).toBeUndefined()
    expect(choices(withReason(chosen, { styleId: 'shirt', colourVi: 'Trắng', size: 'L' }))[0]?.choice.reason).toBe('size')
  })
})

describe('paying out', () => {
  const back = { ...choose(withReceipt(empty, sale), 's1', 1, { reason: 'unsuitable' as const }), refund: quote }

  it('goes back to the card first', () => {
    expect(payOut(back, 552_000, '77', 1000).tenders).toEqual([
      { kind: 'card', amount_vnd: -552_000, tendered_vnd: null, change_vnd: null, reference: '77', payment_id: null },
    ])
  })

  it('gives in cash what the card has not paid, and rounds cash only', () => {
    const { tenders, roundingVnd } = payOut({ ...back, refund: { ...quote, limits: [{ kind: 'card', up_to_vnd: 100_000 }] } }, 552_400, '', 1000)
    expect(tenders.map(({ kind, amount_vnd: vnd }) => [kind, vnd])).toEqual([['card', -100_000], ['cash', -452_000]])
    expect(roundingVnd).toBe(400)
  })

  it('says why somebody has to approve', () => {
    const cash = payOut({ ...back, refundWay: 'cash' }, 552_000, '', 1000).tenders
    expect(needsOf(back, cash, 2_000_000)).toEqual(['tender'])
    expect(needsOf({ ...back, refund: { ...quote, money_vnd: 0, reasons: ['too_late'] } }, cash, 500_000)).toEqual(['form', 'limit', 'tender', 'too_late'])
    const credit = payOut({ ...back, refundWay: 'store_credit' }, 552_000, '', 1000).tenders
    expect(needsOf({ ...back, refund: { ...quote, money_vnd: 0 } }, credit, null)).toEqual([])
  })

  it('asks with the money of the quote', () => {
    expect(returnsAsked(back)).toEqual([{ sale_id: 's1', line_no: 1, qty: 1, refund_vnd: 552_000, reason: 'unsuitable', condition: 'sell' }])
  })

  it('takes the VAT of what comes back off the VAT of the goods', () => {
    expect(vatWithReturns([{ rateBp: 800, netVnd: 1_400_000, vatVnd: 112_000 }], quote)).toEqual([{ rateBp: 800, netVnd: 888_889, vatVnd: 71_111 }])
  })
})
