import fc from 'fast-check'
import { expect, test } from 'vitest'
import { priceAt } from './catalogue.ts'
import { priceCart, priceLines, sellable } from './pricing.ts'
import { catalogueOf } from './testing.ts'

const line = (variantId: string, qty: number) => ({ variantId, sourceId: 'here', qty })

test('VAT is reckoned once for a rate and shared by largest remainder', () => {
  const quote = priceLines(
    [
      { line: line('a', 1), unitVnd: 99_000, vatBp: 800 },
      { line: line('b', 1), unitVnd: 100_000, vatBp: 800 },
      { line: line('c', 2), unitVnd: 55_000, vatBp: 1_000 },
    ],
    3,
  )
  expect(quote.totalVnd).toBe(309_000)
  expect(quote.vat).toEqual([
    { rateBp: 800, netVnd: 184_259, vatVnd: 14_741 },
    { rateBp: 1_000, netVnd: 100_000, vatVnd: 10_000 },
  ])
  expect(quote.lines.map(({ vatVnd }) => vatVnd)).toEqual([7_333, 7_408, 10_000])
})

test('the VAT of the lines is the VAT of the sale', () => {
  const costing = fc.record({
    qty: fc.integer({ min: 1, max: 99 }), unitVnd: fc.integer({ min: 0, max: 10 ** 7 }), vatBp: fc.constantFrom(0, 500, 800, 1_000),
  })
  fc.assert(
    fc.property(fc.array(costing, { maxLength: 30 }), (rows) => {
      const quote = priceLines(rows.map(({ qty, unitVnd, vatBp }) => ({ line: line('x', qty), unitVnd, vatBp })), 1)
      const sum = (parts: number[]): number => parts.reduce((total, part) => total + part, 0)
      expect(sum(quote.lines.map(({ vatVnd }) => vatVnd))).toBe(sum(quote.vat.map(({ vatVnd }) => vatVnd)))
      expect(sum(quote.vat.map(({ netVnd, vatVnd }) => netVnd + vatVnd))).toBe(quote.totalVnd)
    }),
  )
})

test('a price holds until the next one begins, to the millisecond', () => {
  const variant = { priceVnd: 500_000, nextAtMs: 1_000, nextVnd: 350_000 }
  expect([priceAt(variant, 999), priceAt(variant, 1_000)]).toEqual([500_000, 350_000])
  expect(priceAt({ ...variant, nextAtMs: null }, 5_000)).toBe(500_000)
})

test('a cart is priced from the catalogue, and goods that left it cannot be sold', () => {
  const catalogue = catalogueOf(1)
  expect(priceCart([line('v0', 2)], catalogue, 0)).toMatchObject({ totalVnd: 1_380_000, priceVersion: 7 })
  expect([sellable(line('v0', 1), catalogue, 0), sellable(line('gone', 1), catalogue, 0)]).toEqual([true, false])
})
