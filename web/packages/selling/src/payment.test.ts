import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FRESH_TENDERING } from './cart.ts'
import { fitsAsPart, settle, type Method, type Part } from './payment.ts'

const part = (kind: Method, amountVnd: number): Part => ({ kind, amountVnd, reference: '' })
const cash = (tenderedVnd: number | null) => ({ ...FRESH_TENDERING, tenderedVnd })

test('cash in notes: the change is right', () => {
  const settled = settle(2_604_000, [], cash(3_000_000), 1_000)
  expect(settled).toMatchObject({ dueVnd: 2_604_000, changeVnd: 396_000, complete: true })
  expect(settled.tenders).toEqual([
    { kind: 'cash', amount_vnd: 2_604_000, tendered_vnd: 3_000_000, change_vnd: 396_000, reference: null, payment_id: null },
  ])
})

test('no amount means the exact one, and too little says what is missing', () => {
  expect(settle(690_000, [], cash(null), 1_000)).toMatchObject({ changeVnd: 0, complete: true })
  expect(settle(690_000, [], cash(500_000), 1_000)).toMatchObject({ missingVnd: 190_000, complete: false })
})

test('cash is rounded to notes, a card pays to the đồng', () => {
  expect(settle(1_499_500, [], cash(null), 1_000)).toMatchObject({ dueVnd: 1_500_000, roundingVnd: 500 })
  const card = settle(1_499_500, [], { method: 'card', tenderedVnd: null, reference: ' 4711 ' }, 1_000)
  expect(card).toMatchObject({ dueVnd: 1_499_500, roundingVnd: 0 })
  expect(card.tenders).toEqual([
    { kind: 'card', amount_vnd: 1_499_500, tendered_vnd: null, change_vnd: null, reference: '4711', payment_id: null },
  ])
})

test('a transfer and the rest in cash', () => {
  const settled = settle(1_250_300, [part('transfer', 1_000_000)], cash(300_000), 1_000)
  expect(settled).toMatchObject({ dueVnd: 250_000, roundingVnd: -300, changeVnd: 50_000 })
  expect(settled.tenders.map(({ kind, amount_vnd }) => [kind, amount_vnd])).toEqual([['transfer', 1_000_000], ['cash', 250_000]])
})

test('a part is less than what is due, and payable in notes when it is cash', () => {
  expect(fitsAsPart(100_000, 'cash', 500_000, 1_000)).toBe(true)
  expect(fitsAsPart(100_500, 'cash', 500_000, 1_000)).toBe(false)
  expect(fitsAsPart(500_000, 'card', 500_000, 1_000)).toBe(false)
})

test('the tenders of a settled sale pay the total and its rounding, as the server demands', () => {
  const kinds = fc.constantFrom<Method>('cash', 'transfer', 'card')
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 10 ** 8 }), kinds, kinds, fc.integer({ min: 0, max: 20 }), (total, first, last, notes) => {
      const amount = Math.floor(total / 2_000) * 1_000
      const parts = fitsAsPart(amount, first, total, 1_000) ? [part(first, amount)] : []
      const settled = settle(total, parts, { method: last, tenderedVnd: notes * 10_000_000, reference: '' }, 1_000)
      fc.pre(settled.complete)
      const paid = settled.tenders.reduce((sum, tender) => sum + tender.amount_vnd, 0)
      expect(paid).toBe(total + settled.roundingVnd)
      for (const tender of settled.tenders) {
        if (tender.kind === 'cash') expect((tender.tendered_vnd ?? 0) - (tender.change_vnd ?? 0)).toBe(tender.amount_vnd)
      }
    }),
  )
})
