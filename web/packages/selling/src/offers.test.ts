import { expect, test } from 'vitest'
import { heldFor, offeredTo, turnOf, type Situation } from './offers.ts'
import { priceCart } from './pricing.ts'
import type { Promotion } from './promotions/terms.ts'
import { understood } from './promotions/understood.ts'
import { catalogueOf } from './testing.ts'

const catalogue = catalogueOf(2)
const AT = Date.parse('2026-11-26T03:00:00Z')
const TEN: Promotion = { id: 'ten', version: 3, group: 1, reward: { kind: 'percent', bp: 1_000 } }
const THIRD: Promotion = { id: 'third', version: 1, group: 2, reward: { kind: 'buy_get', buy: 2, get: 1 } }

function situation(...promotions: Promotion[]): Situation {
  return { promoVersion: 7, promotions, left: {}, locationId: 'HN01', customer: undefined, opened: [], skipped: [] }
}

test('what promotions take off stands on the lines whose pieces they made cheaper', () => {
  const quote = priceCart(
    [{ variantId: 'v0', sourceId: 'HN01', qty: 2 }, { variantId: 'v0', sourceId: 'KHO', qty: 1 }], catalogue, AT, null, null,
    situation(TEN, THIRD),
  )
  expect(quote.promoVersion).toBe(7)
  expect(quote.lines.map(({ offers, totalVnd }) => ({ offers, totalVnd }))).toEqual([
    { offers: [{ promotionId: 'ten', version: 3, vnd: 138_000, shares: [69_000, 69_000] }], totalVnd: 1_242_000 },
    { offers: [{ promotionId: 'ten', version: 3, vnd: 69_000, shares: [69_000] }, { promotionId: 'third', version: 1, vnd: 621_000, shares: [621_000] }], totalVnd: 0 },
  ])
})

test('a line with a price by hand takes no part, another discount comes after', () => {
  const byHand = { kind: 'price' as const, value: 500_000, reason: 'match' }
  const percent = { kind: 'percent' as const, value: 1_000, reason: 'regular' }
  const quote = priceCart(
    [{ variantId: 'v0', sourceId: 'HN01', qty: 1, adjust: byHand }, { variantId: 'v1', sourceId: 'HN01', qty: 1, adjust: percent }],
    catalogue, AT, null, null, situation(TEN),
  )
  expect(quote.lines.map(({ totalVnd, manualVnd, offers }) => ({ totalVnd, manualVnd, offered: offers.length }))).toEqual([
    { totalVnd: 500_000, manualVnd: 190_000, offered: 0 },
    { totalVnd: 558_900, manualVnd: 62_100, offered: 1 },
  ])
})

test('a discount of the bill is shared by what promotions have left', () => {
  const quote = priceCart(
    [{ variantId: 'v0', sourceId: 'HN01', qty: 3 }, { variantId: 'v20', sourceId: 'HN01', qty: 1 }], catalogue, AT, null,
    { kind: 'amount', value: 30_000, reason: 'regular' },
    situation({ ...THIRD, goods: { styles: ['s0'] } }),
  )
  expect(quote.lines.map(({ manualVnd }) => manualVnd)).toEqual([20_000, 10_000])
})

test('the till wakes at the next beginning or end', () => {
  const flash = { ...TEN, when: { starts_ms: AT, ends_ms: AT + 60_000 } }
  expect([AT - 1, AT, AT + 59_999, AT + 60_000].map((at) => turnOf([TEN, flash], at))).toEqual([AT, AT + 60_000, AT + 60_000, undefined])
})

test('without promotions nothing is asked of the engine', () => {
  expect(offeredTo([], situation(), catalogue, AT)).toEqual({ promoVersion: 7, skipped: [], ofLines: [], quote: undefined })
})

test('a promotion that says something unknown is not understood', () => {
  expect(understood({ ...TEN })).toBe(true)
  expect(understood({ ...TEN, moon: 'full' })).toBe(false)
  expect(understood({ ...TEN, when: { moon: 'full' } })).toBe(false)
  expect(understood({ ...TEN, reward: { kind: 'lottery' } })).toBe(false)
  expect(understood({ ...TEN, reward: { kind: 'percent', bp: 1, cap: 2 } })).toBe(false)
})

test('without the server a sale goes with its vouchers only if all of them are kept for it, and for a minute more', () => {
  const until = AT + 15 * 60_000
  const held = { a: { saleId: 'mine', untilMs: until }, b: { saleId: 'mine', untilMs: until + 60_000 }, c: { saleId: 'other', untilMs: until } }
  expect(heldFor(held, 'mine', [], until)).toBe(true)
  expect(heldFor(held, 'mine', ['a', 'b'], until - 60_001)).toBe(true)
  expect(heldFor(held, 'mine', ['a', 'b'], until - 60_000)).toBe(false)
  expect(heldFor(held, 'mine', ['b'], until - 60_000)).toBe(true)
  expect([heldFor(held, 'mine', ['a', 'c'], AT), heldFor(held, 'mine', ['d'], AT), heldFor({}, 'mine', ['a'], AT)]).toEqual([false, false, false])
})
