// Another size for a piece of a promotion: even, and back to today's price when the reason is another one.
import { expect, it } from 'vitest'
import { emptyCart, setQty, type Cart } from './cart.ts'
import { choose, withReceipt, type RefundQuote, type ReturnableSale } from './returns.ts'
import { swappedFor, withSwaps } from './swaps.ts'

const shirt = {
  line_no: 1, variant_id: 'm', style_id: 'shirt', name_vi: 'Áo', name_en: 'Shirt', sku: 'AO-M', colour_vi: 'Trắng', colour_en: 'White', size: 'M',
  picture: null, qty: 2, returnable: 2, unit_vnd: 690_000, total_vnd: 1_242_000, discount_vnd: 138_000, until: '2026-12-15', reason: null,
  forms: ['original'], came_back: [],
}
const sale: ReturnableSale = {
  id: 's1', receipt_code: 'HN01-1-1-0000001', location_name: '', sold_at: '2026-11-15T11:20:00Z', total_vnd: 1_242_000, customer_id: null,
  customer_name: null, tenders: [], lines: [shirt],
}
const refund: RefundQuote = {
  refund_vnd: 621_000, money_vnd: 621_000, credit_vnd: 621_000, reasons: [], limits: [],
  lines: [{ sale_id: 's1', line_no: 1, qty: 1, share_vnd: 621_000, recalculated_vnd: 0, refund_vnd: 621_000, vat_bp: 800, vat_vnd: 46_000, points_vnd: 0, swap_vnd: [621_000] }],
}
const facts = (unitVnd: number) => (id: string) => (id === 'dress' ? { styleId: 'dress', unitVnd: 690_000 } : { styleId: 'shirt', unitVnd })
const dear = facts(690_000)

function exchanging(reason: 'size' | 'unsuitable', variantId: string, qty = 1): Cart {
  const cart: Cart = { ...emptyCart('c', 1), lines: [{ variantId, sourceId: 'here', qty }] }
  return choose(withReceipt(cart, sale), 's1', 1, { reason })
}

it('marks another size as standing for what comes back, and gives it its price once that is known', () => {
  const marked = withSwaps(exchanging('size', 'l'), dear)
  expect(marked.lines).toEqual([{ variantId: 'l', sourceId: 'here', qty: 1, swaps: { saleId: 's1', lineNo: 1 } }])
  expect(swappedFor(marked.lines, 's1', 1)).toBe(1)
  const known = withSwaps({ ...marked, refund }, dear)
  expect(known.lines[0]?.adjust).toEqual({ kind: 'price', value: 621_000, reason: 'swap' })
  expect(withSwaps(known, dear), 'nothing more to do').toBe(known)
})

it('swaps one for one: the second piece is sold like any other', () => {
  const marked = withSwaps(exchanging('size', 'l', 2), dear)
  expect(marked.lines.map(({ qty, swaps }) => [qty, swaps?.lineNo])).toEqual([[1, 1], [1, undefined]])
  const grown = withSwaps(setQty(marked, 0, 3), dear)
  expect(grown.lines.map(({ qty, swaps }) => [qty, swaps?.lineNo])).toEqual([[1, 1], [3, undefined]])
})

it('swaps nothing for another style, the same piece, another price or another reason', () => {
  for (const cart of [exchanging('size', 'dress'), exchanging('size', 'm'), exchanging('unsuitable', 'l')]) expect(withSwaps(cart, dear)).toBe(cart)
  const cart = exchanging('size', 'l')
  expect(withSwaps(cart, facts(590_000))).toBe(cart)
})

it('gives the piece its own price again, and reckons the refund anew, when the reason turns out to be another one', () => {
  const swapped = withSwaps({ ...withSwaps(exchanging('size', 'l'), dear), refund }, dear)
  const other = withSwaps(choose(swapped, 's1', 1, { reason: 'unsuitable' }), dear)
  expect(other.lines).toEqual([{ variantId: 'l', sourceId: 'here', qty: 1 }])
  expect(other.refund).toBeUndefined()
})
