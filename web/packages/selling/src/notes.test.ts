import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DENOMINATIONS, notesOf, typedCount, worthOf, worthOfAll, type TypedNotes } from './notes.ts'

test('one note of each is 888.000', () => {
  const one = Object.fromEntries(DENOMINATIONS.map((value) => [value, '1'])) as TypedNotes
  expect(worthOfAll(one)).toBe(888_000)
})

test('a float of two million in three denominations', () => {
  const typed: TypedNotes = { 500_000: '2', 100_000: '5', 50_000: '10', 1_000: '' }
  expect(worthOfAll(typed)).toBe(2_000_000)
  expect(notesOf(typed)).toEqual([
    { value_vnd: 500_000, count: 2 },
    { value_vnd: 100_000, count: 5 },
    { value_vnd: 50_000, count: 10 },
  ])
})

test('only digits count, at most four of them', () => {
  expect([typedCount('12'), typedCount(' 1a2 '), typedCount('-3'), typedCount('123456'), typedCount(undefined)]).toEqual([12, 12, 3, 1_234, 0])
  expect(worthOf(500_000, '')).toBe(0)
})

test('an empty drawer is worth nothing and sends nothing', () => {
  expect(worthOfAll({})).toBe(0)
  expect(notesOf({ 500_000: '0' })).toEqual([])
})

test('what is sent is worth what is shown', () => {
  const counts = fc.array(fc.nat(9_999), { minLength: DENOMINATIONS.length, maxLength: DENOMINATIONS.length })
  fc.assert(fc.property(counts, (many) => {
    const typed = Object.fromEntries(DENOMINATIONS.map((value, at) => [value, String(many[at])])) as TypedNotes
    expect(notesOf(typed).reduce((sum, { value_vnd, count }) => sum + value_vnd * count, 0)).toBe(worthOfAll(typed))
  }))
})
