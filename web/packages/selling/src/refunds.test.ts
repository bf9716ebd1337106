// The worked examples of docs/rules/returns.md, reckoned by the till alone.
import { expect, it } from 'vitest'
import swaps from '../../../../contracts/returns/swaps.json'
import type { KeptOrder } from './orders.ts'
import type { Promotion } from './promotions/terms.ts'
import { refundAlone, type KeptBook } from './refunds.ts'
import { catalogueOf } from './testing.ts'

const catalogue = catalogueOf(1)
const line = { name: 'Áo', sku: 'AO-M', qty: 2, unit_vnd: 690_000, discount_vnd: 138_000, total_vnd: 1_242_000, adviser: null, source_name: null, line_no: 1, variant_id: 'v1', style_id: 's0', vat_bp: 800 }
const order: KeptOrder = {
  id: 'sale', receipt_code: 'HN01-1-1-0000001', barcode: null, channel: 'store', state: 'posted', till_code: null, till_id: null, staff_name: null,
  customer_name: null, phone_end: null, pieces: 2, total_vnd: 1_242_000, rounding_vnd: 0, sold_at: '2026-11-15T11:20:00Z', changed_at: '', tenders: [], vat: [],
  location_id: 'here', promo_version: 7, offers: [{ promotion_id: 'two', uses: 1, pieces: 2, amount_vnd: 138_000 }], opened: [],
  lines: [{ ...line, discounts: [{ kind: 'promotion', name: 'Mua 2 giảm 10%', amount_vnd: 138_000, shares_vnd: [69_000, 69_000] }] }],
}
const two = { id: 'two', version: 1, group: 1, need: { qty: 2 }, reward: { kind: 'percent' as const, bp: 1_000 } }
const book: KeptBook = { promoVersion: 7, sinceMs: 0, promotions: [two], limited: [], names: { two: { vi: 'Mua 2 giảm 10%', en: '10% off two' } } }
const gives = (sale: KeptOrder, qty: number, swapped = 0, by: KeptBook | undefined = book) =>
  refundAlone(sale, [{ lineNo: 1, qty, swapped }], by, catalogue, undefined)

it('prices the kept shirt by the promotion of its sale, and says which one is gone', () => {
  const first = gives(order, 1)
  expect(first?.lines[0]).toMatchObject({ share_vnd: 621_000, recalculated_vnd: 69_000, refund_vnd: 552_000, swap_vnd: [] })
  expect(first?.lost).toEqual([{ sale_id: 'sale', kept: 1, name_vi: 'Mua 2 giảm 10%', name_en: '10% off two' }])
  const then = { ...order, lines: order.lines.map((one) => ({ ...one, returned: 1, refunded_vnd: 552_000 })) }
  expect(gives(then, 1)?.lines[0]?.refund_vnd).toBe(690_000)
})

it('keeps the promotion for a piece that is swapped', () => {
  expect(gives(order, 1, 1)).toMatchObject({ lines: [{ recalculated_vnd: 0, refund_vnd: 621_000, swap_vnd: [621_000] }], lost: [] })
})

it('counts a limit as far as the sale had used it', () => {
  const limited = { ...book, promotions: [{ id: 'two', version: 1, group: 1, reward: two.reward }], limited: ['two'] }
  expect(gives(order, 1, 0, limited)?.lines[0]?.refund_vnd).toBe(621_000)
})

it('shares what was taken off by hand by largest remainder, and gives it all with the last piece', () => {
  const plain = { ...line, qty: 3, unit_vnd: 199_000, discount_vnd: 100_000, total_vnd: 497_000, discounts: [{ kind: 'manual', name: null, amount_vnd: 100_000 }] }
  const sale = { ...order, offers: [], lines: [plain] }
  expect(gives(sale, 1, 0, undefined)?.lines[0]?.refund_vnd).toBe(165_667)
  const gone = { ...sale, lines: [{ ...plain, returned: 2, refunded_vnd: 331_334 }] }
  expect(gives(gone, 1, 0, undefined)?.lines[0]?.refund_vnd).toBe(165_666)
})

it('says nothing without the book of the sale, or with one that leads to another price', () => {
  expect(refundAlone(order, [{ lineNo: 1, qty: 1, swapped: 0 }], undefined, catalogue, undefined)).toBeUndefined()
  expect(gives(order, 1, 0, { ...book, promotions: [] })).toBeUndefined()
})

it.each(swaps)('$says', ({ promotions, sold: { qty, unit_vnd: unitVnd, discounts: parts }, before, back, expected: { lost, ...expected } }) => {
  const discounts = parts.map(({ kind, shares_vnd: shares }) =>
    ({ kind, name: null, amount_vnd: shares.reduce((sum, vnd) => sum + vnd, 0), ...(kind === 'promotion' && { shares_vnd: shares }) }))
  const off = discounts.reduce((sum, { amount_vnd: vnd }) => sum + vnd, 0)
  const gone = before.reduce((sum, one) => ({ returned: sum.returned + one.qty, refunded_vnd: sum.refunded_vnd + one.refund_vnd }), { returned: 0, refunded_vnd: 0 })
  const sale = { ...order, offers: [], lines: [{ ...line, qty, unit_vnd: unitVnd, discount_vnd: off, total_vnd: qty * unitVnd - off, discounts, ...gone }] }
  const terms = promotions.map((one, place) => ({ id: String(place), version: 1, ...one }) as Promotion)
  const given = gives(sale, back.qty, back.swapped, { ...book, promotions: terms })
  expect(given?.lines[0]).toMatchObject(expected)
  expect(given?.lost).toHaveLength(lost)
})
