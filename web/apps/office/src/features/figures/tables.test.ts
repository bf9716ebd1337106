import { describe, expect, it } from 'vitest'
import { heatOf, kept, shown } from './tables.ts'

describe('the numbers of a report', () => {
  it('are shown by what they count', () => {
    expect(shown(1_250_000, 'vnd')).toBe('1.250.000')
    expect(shown(1_234, 'bp')).toBe('12,3%')
    expect(shown(45, 'weeks10')).toBe('4,5')
    expect(shown(null, 'vnd')).toBe('')
  })

  it('stay numbers in files', () => {
    expect([kept(-378_000, 'vnd'), kept(1_234, 'bp'), kept(45, 'weeks10'), kept(null, 'count')]).toEqual([-378_000, 0.1234, 4.5, ''])
  })

  it('colour a heat map by their share of the most', () => {
    expect([heatOf(100, 100), heatOf(50, 100), heatOf(0, 100), heatOf(-5, 100), heatOf(5, 0)]).toEqual([45, 23, 0, 0, 0])
  })
})
