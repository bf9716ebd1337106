import { expect, test } from 'vitest'
import { blockOf, daysOf, fill, monthFrom, writtenVnd } from './targets.ts'

test('a month has its days, and a neighbour across the year', () => {
  expect([daysOf('2028-02').length, daysOf('2026-11').at(-1)]).toEqual([29, '2026-11-30'])
  expect([monthFrom('2026-12', 1), monthFrom('2026-01', -1)]).toEqual(['2027-01', '2025-12'])
})

test.each([
  ['12.000.000', 12_000_000], ['12,000,000 ₫', 12_000_000], ['12 000 000đ', 12_000_000], ['9000000', 9_000_000], ['12,5tr', 12_500_000],
  ['0,75 triệu', 750_000], ['12.000.000,00', 12_000_000], ['', null], ['0', null], ['mười', undefined], ['12,5', undefined], ['-3', undefined],
])('%j is %j', (text, vnd) => {
  expect(writtenVnd(text)).toBe(vnd)
})

test('a block from a spreadsheet goes down the days and along the branches, and what is no amount is told', () => {
  const block = blockOf('10.000.000\t8tr\r\n\tx\r\n11tr\t9tr\r\n')
  const { changes, wrong } = fill(block, { day: 1, place: 0 }, ['d1', 'd2', 'd3'], ['a', 'b'])
  expect([...changes]).toEqual([['a/d2', 10_000_000], ['b/d2', 8_000_000], ['a/d3', null]])
  expect(wrong).toBe(1)
})
