import fc from 'fast-check'
import { expect, test } from 'vitest'
import byHand from '../../../../contracts/pricing-lines/by-hand.json'
import points from '../../../../contracts/pricing-lines/points.json'
import type { Adjust, Quote } from './pricing.ts'
import { priceLines } from './pricing.ts'

interface Line {
  unit_vnd: number
  vat_bp: number
  qty: number
  adjust: { kind: string; value: number } | null
}

function priced(lines: readonly Line[], pointsVnd: number): Quote {
  const costings = lines.map(({ unit_vnd: unitVnd, vat_bp: vatBp, qty, adjust }, place) => ({
    line: {
      variantId: String(place), sourceId: 'here', qty,
      ...(adjust === null ? {} : { adjust: { ...adjust, reason: 'gift' } as Adjust }),
    },
    unitVnd,
    vatBp,
  }))
  return priceLines(costings, 1, pointsVnd === 0 ? null : { holdId: 'hold', points: 1, valueVnd: pointsVnd })
}

test.each([...byHand, ...points])('$says', ({ lines, points_vnd: pointsVnd, expected }) => {
  const quote = priced(lines, pointsVnd)
  expect({
    list_vnd: quote.listVnd,
    discount_vnd: quote.discountVnd,
    total_vnd: quote.totalVnd,
    lines: quote.lines.map((line) => ({
      manual_vnd: line.manualVnd, points_vnd: line.pointsVnd, total_vnd: line.totalVnd, vat_vnd: line.vatVnd,
    })),
    vat: quote.vat.map(({ rateBp, netVnd, vatVnd }) => ({ rate_bp: rateBp, net_vnd: netVnd, vat_vnd: vatVnd })),
  }).toEqual(expected)
})

const adjust = fc.oneof(
  fc.constant(null),
  fc.record({ kind: fc.constantFrom('price', 'amount'), value: fc.integer({ min: 0, max: 60_000_000 }) }),
  fc.record({ kind: fc.constant('percent'), value: fc.integer({ min: 0, max: 12_000 }) }),
)
const cart = fc.array(
  fc.record({
    unit_vnd: fc.integer({ min: 0, max: 50_000_000 }), vat_bp: fc.constantFrom(0, 500, 800, 1_000),
    qty: fc.integer({ min: 1, max: 99 }), adjust,
  }),
  { minLength: 1, maxLength: 30 },
)

test('no discount makes a line negative or dearer, and every share adds up', () => {
  fc.assert(
    fc.property(cart, fc.integer({ min: 0, max: 10 ** 9 }), (lines, pointsVnd) => {
      const quote = priced(lines, pointsVnd)
      const sum = (parts: number[]): number => parts.reduce((total, part) => total + part, 0)
      for (const { line, unitVnd, totalVnd, manualVnd, pointsVnd: share, discountVnd } of quote.lines) {
        expect(totalVnd >= 0 && totalVnd <= unitVnd * line.qty && manualVnd >= 0 && share >= 0).toBe(true)
        expect(discountVnd).toBe(unitVnd * line.qty - totalVnd)
      }
      const owed = sum(quote.lines.map(({ totalVnd, pointsVnd: share }) => totalVnd + share))
      expect(sum(quote.lines.map(({ pointsVnd: share }) => share))).toBe(Math.min(pointsVnd, owed))
      expect(sum(quote.vat.map(({ netVnd, vatVnd }) => netVnd + vatVnd))).toBe(quote.totalVnd)
      expect(sum(quote.lines.map(({ vatVnd }) => vatVnd))).toBe(sum(quote.vat.map(({ vatVnd }) => vatVnd)))
    }),
  )
})
