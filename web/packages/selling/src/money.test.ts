import fc from 'fast-check'
import { expect, test } from 'vitest'
import { brief, grouped, noteChips, roundedTo, split, typedVnd, vatWithin, withSymbol } from './money.ts'

test('money reads as people in Vietnam write it', () => {
  expect(grouped(1_250_000)).toBe('1.250.000')
  expect(grouped(-666_000)).toBe('\u2212666.000')
  expect(withSymbol(2_604_000)).toBe('2.604.000\u00a0₫')
  expect(brief(48_600_000)).toBe('48,6\u00a0tr')
  expect(brief(1_280_000_000)).toBe('1,28\u00a0tỷ')
  expect(brief(350_000)).toBe('350\u00a0nghìn')
  expect(typedVnd('2.650.000 ₫')).toBe(2_650_000)
  expect(typedVnd('')).toBe(0)
})

test.each([
  ['800k', 800_000],
  ['1t', 1_000_000],
  ['1.000.000r', 1_000_000],
  ['1,5tr', 1_500_000],
  ['2.650k', 2_650_000],
  ['99999999999999k', 999_999_999_999],
])('%s is typed for an amount', (text, vnd) => {
  expect(typedVnd(text)).toBe(vnd)
})

test.each([
  [2_604_000, [2_650_000, 2_700_000, 3_000_000]],
  [690_000, [700_000, 800_000, 1_000_000]],
  [45_000, [50_000, 100_000, 500_000]],
  [1_500_000, [1_600_000, 2_000_000]],
  [0, []],
])('a customer who owes %i hands over %j', (due, chips) => {
  expect(noteChips(due)).toEqual(chips)
})

test('every chip is more than what is due', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 10 ** 9 }), (due) => noteChips(due).every((chip) => chip > due)))
})

test('the VAT of a worked receipt', () => {
  expect(vatWithin(199_000, 800)).toBe(14_741)
  expect(vatWithin(199_000, 1_000)).toBe(18_091)
  expect(vatWithin(-199_000, 800)).toBe(-14_741)
  expect(vatWithin(2_604_000, 800)).toBe(192_889)
  expect(vatWithin(199_000, 0)).toBe(0)
})

test('cash is rounded to what notes can pay', () => {
  expect(roundedTo(1_499, 1_000)).toBe(1_000)
  expect(roundedTo(1_500, 1_000)).toBe(2_000)
  expect(roundedTo(-1_500, 1_000)).toBe(-2_000)
  expect(roundedTo(1_234, 0)).toBe(1_234)
})

test('the parts of a split sum to the whole, and a return mirrors its sale', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 10 ** 9 }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 }), weights, (total, shares) => {
      const parts = split(total, shares)
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total)
      expect(split(-total, shares).map((part) => Math.abs(part))).toEqual(parts)
    }),
  )
  expect(split(100, [1, 1, 1])).toEqual([34, 33, 33])
})
