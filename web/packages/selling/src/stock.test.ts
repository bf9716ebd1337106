import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packStock, StockView, type BalanceRow, type StockChanged } from './stock.ts'

const change = (variant: string, on_hand: number, promised = 0): StockChanged => ({
  location_id: 'here', variant_id: variant, on_hand, promised, asked: 0, short: 0,
})

test('what is promised is not free, and free is never negative', () => {
  const view = new StockView()
  view.take('here', [['a', 3, 1, 0, 0, 1], ['b', -1, 0, 0, 1, 4]])
  expect([view.free('here', 'a'), view.free('here', 'b'), view.free('here', 'c')]).toEqual([2, 0, 0])
  expect(view.holders(['here', 'there'], ['a', 'b'])).toEqual(['here'])
})

test('an older change and an older snapshot change nothing', () => {
  const view = new StockView()
  expect(view.apply(change('a', 5), 3)).toBe(true)
  expect(view.apply(change('a', 9), 2)).toBe(false)
  expect(view.apply(change('a', 9), 3)).toBe(false)
  view.take('here', [['a', 7, 0, 0, 0, 2]])
  expect(view.free('here', 'a')).toBe(5)
})

test('a packed snapshot replaces the one before it, except for what is newer', () => {
  const view = new StockView()
  view.adopt('here', packStock([['a', 3, 1, 0, 0, 1], ['b', 9, 0, 2, 0, 1]]))
  expect(view.apply(change('a', 8), 5)).toBe(true)
  expect(view.apply(change('b', 7), 2)).toBe(true)
  view.adopt('here', packStock([['a', 4, 0, 0, 0, 4], ['b', -6, 0, 1, 7, 3], ['c', 1, 0, 0, 0, 1]]))
  expect(view.balance('here', 'a')).toEqual({ onHand: 8, promised: 0, asked: 0, short: 0, version: 5 })
  expect(view.balance('here', 'b')).toEqual({ onHand: -6, promised: 0, asked: 1, short: 7, version: 3 })
  expect([view.free('here', 'c'), view.free('here', 'd'), view.free('there', 'a')]).toEqual([1, 0, 0])
  expect(view.changed('here')).toEqual([['a', 8, 0, 0, 0, 5]])
})

test('an old snapshot with the changes since, in any order and repeated, equals a fresh one', () => {
  const moves = fc.array(
    fc.record({ variant: fc.constantFrom('a', 'b', 'c'), onHand: fc.integer({ min: 0, max: 9 }) }),
    { maxLength: 40 },
  )
  const run = fc.record({ moves, cut: fc.nat(40), order: fc.array(fc.nat(1_000), { minLength: 80, maxLength: 80 }) })
  fc.assert(
    fc.property(run, ({ moves, cut, order }) => {
      const state = new Map<string, BalanceRow>()
      const early: BalanceRow[] = []
      const events: { change: StockChanged; version: number }[] = []
      moves.forEach(({ variant, onHand }, at) => {
        if (at === Math.min(cut, moves.length - 1)) early.push(...state.values())
        const version = (state.get(variant)?.[5] ?? 0) + 1
        state.set(variant, [variant, onHand, 0, 0, 0, version])
        events.push({ change: change(variant, onHand), version })
      })
      const replayed = new StockView()
      replayed.adopt('here', packStock(early))
      const shuffled = [...events, ...events]
        .map((event, at) => ({ event, key: order[at] ?? 0 }))
        .sort((a, b) => a.key - b.key)
      for (const { event } of shuffled) replayed.apply(event.change, event.version)
      const fresh = new StockView()
      fresh.take('here', [...state.values()])
      for (const variant of ['a', 'b', 'c']) {
        expect(replayed.balance('here', variant)).toEqual(fresh.balance('here', variant))
      }
    }),
  )
})
