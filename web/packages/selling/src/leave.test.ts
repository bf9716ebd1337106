import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agreedAgain, agreedOf, covers, coversBill, limitBp, neededBp, verbOf } from './leave.ts'
import { priceLines, withBill, type Costing } from './pricing.ts'

const cashier = { discount_bp_max: 500, refund_vnd_max: null }

test('a cashier may take off what the role says, and half of it without network', () => {
  expect([limitBp(cashier, false), limitBp(cashier, true), limitBp(undefined, false)]).toEqual([500, 250, 0])
  expect(limitBp({ discount_bp_max: null, refund_vnd_max: null }, false)).toBe(10_000)
})

test.each([
  ['percent', 500, true], ['percent', 501, false], ['amount', 10_000, true], ['amount', 10_001, false], ['price', 190_000, true],
  ['price', 189_999, false],
] as const)('5%% of 200.000 and %s %i: %s', (kind, value, allowed) => {
  expect(covers(500, { kind, value }, { listVnd: 200_000, owedVnd: 200_000, qty: 1 })).toBe(allowed)
})

test('the limit that an approval needs is never too small for what it is for', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('price' as const, 'percent' as const, 'amount' as const), fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 1, max: 5_000_000 }), fc.integer({ min: 1, max: 99 }),
      fc.integer({ min: 0, max: 100 }),
      (kind, value, unitVnd, qty, off) => {
        const owed = { listVnd: unitVnd * qty, owedVnd: unitVnd * qty - Math.floor((unitVnd * qty * off) / 100), qty }
        return covers(neededBp({ kind, value }, owed), { kind, value }, owed)
      },
    ),
  )
})

test('two pieces are looked at together, and a promotion before leaves less to take off', () => {
  const two = { listVnd: 400_000, owedVnd: 400_000, qty: 2 }
  expect([covers(500, { kind: 'percent', value: 500 }, two), covers(500, { kind: 'percent', value: 600 }, two)]).toEqual([true, false])
  expect(covers(500, { kind: 'percent', value: 1_000 }, { ...two, owedVnd: 200_000 })).toBe(true)
})

test('a price by hand is a verb of its own', () => {
  expect([verbOf('price'), verbOf('percent'), verbOf('amount')]).toEqual(['price.override', 'sale.discount', 'sale.discount'])
})

const line = (variantId: string, qty: number) => ({ variantId, sourceId: 'here', qty })
const lines: Costing[] = [
  { line: line('a', 1), unitVnd: 100_000, vatBp: 800 },
  { line: { ...line('b', 1), adjust: { kind: 'percent', value: 1_000, reason: 'faulty' } }, unitVnd: 200_000, vatBp: 800 },
  { line: line('c', 2), unitVnd: 100_000, vatBp: 800 },
]

test('an amount off the bill falls on the lines without a discount of their own, to the đồng', () => {
  const priced = priceLines(withBill(lines, { kind: 'amount', value: 10_000, reason: 'regular' }), 1)
  expect(priced.lines.map(({ manualVnd }) => manualVnd)).toEqual([3_333, 20_000, 6_667])
  expect(priced.discountVnd).toBe(30_000)
})

test('a percentage of the bill is that of each line, and never more than the lines cost', () => {
  const percent = priceLines(withBill(lines, { kind: 'percent', value: 500, reason: 'regular' }), 1)
  expect(percent.lines.map(({ manualVnd }) => manualVnd)).toEqual([5_000, 20_000, 10_000])
  const all = priceLines(withBill(lines, { kind: 'amount', value: 900_000, reason: 'regular' }), 1)
  expect(all.lines.map(({ totalVnd }) => totalVnd)).toEqual([0, 180_000, 0])
})

test('a discount on the bill needs leave when one of its lines does', () => {
  const bill = withBill([lines[0] as Costing, lines[2] as Costing], { kind: 'percent', value: 500, reason: 'regular' })
  expect([coversBill(500, bill), coversBill(499, bill)]).toEqual([true, false])
})

test('what was agreed to is asked again as far as it went, and only where somebody agreed', () => {
  const line = { variantId: 'v', sourceId: 'here', qty: 2 }
  const agreed = { ...line, adjust: { kind: 'amount' as const, value: 60_000, reason: 'faulty', approvedBy: 'boss', approvalId: 'old' } }
  const own = { ...line, variantId: 'w', adjust: { kind: 'price' as const, value: 190_000, reason: 'match' } }
  const cart = {
    id: 'cart', no: 1, lines: [agreed, own], parts: [], tendering: { method: 'cash' as const, tenderedVnd: null, reference: '' },
    answers: { x: { override: { reason: 'Khách đang cầm', approvedBy: 'boss', approvalId: 'old' } } },
  }
  const { lines } = priceLines([agreed, own].map((one) => ({ line: one, unitVnd: 200_000, vatBp: 800 })), 1)
  expect([...agreedOf(cart, lines)]).toEqual([['sale.discount', 1_500], ['stock.reserve', 0]])
  const again = agreedAgain(agreedAgain(cart, 'sale.discount', { approvedBy: 'other', approvalId: 'new' }), 'stock.reserve', { approvedBy: 'other' })
  expect(again.lines).toEqual([{ ...agreed, adjust: { ...agreed.adjust, approvedBy: 'other', approvalId: 'new' } }, own])
  expect(again.answers).toEqual({ x: { override: { reason: 'Khách đang cầm', approvedBy: 'other' } } })
})
