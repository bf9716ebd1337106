import { describe, expect, it } from 'vitest'
import { blockOf, changed, filledDown, pasted, priceOf } from './cells.ts'

const ROWS = ['den', 'kem', 'reu']
const SIZES = ['S', 'M', 'L']

describe('a sheet', () => {
  it('takes a block from a spreadsheet where one stands, and no further than it reaches', () => {
    const block = blockOf('590.000\t600.000\r\n610.000\t620.000\r\n')
    expect(block).toEqual([['590.000', '600.000'], ['610.000', '620.000']])
    expect(pasted({ 'den/S': '1' }, ROWS, SIZES, { row: 1, column: 1 }, block)).toEqual({ 'den/S': '1', 'kem/M': '590.000', 'kem/L': '600.000', 'reu/M': '610.000', 'reu/L': '620.000' })
    expect(pasted({}, ROWS, SIZES, { row: 2, column: 2 }, block)).toEqual({ 'reu/L': '590.000' })
  })

  it('leaves out where there is no cell', () => {
    const has = (row: string): boolean => row !== 'kem'
    expect(pasted({}, ROWS, SIZES, { row: 0, column: 0 }, [['1'], ['2'], ['3']], has)).toEqual({ 'den/S': '1', 'reu/S': '3' })
    expect(filledDown({ 'den/S': '1' }, ROWS, 'S', 0, has)).toEqual({ 'den/S': '1', 'reu/S': '1' })
  })

  it('fills down in its own column, and knows what is new', () => {
    const before = { 'den/S': '590.000', 'kem/S': '590.000', 'reu/S': '' }
    const now = filledDown({ ...before, 'den/S': '690.000' }, ROWS, 'S', 0)
    expect(now).toEqual({ 'den/S': '690.000', 'kem/S': '690.000', 'reu/S': '690.000' })
    expect(changed(before, now)).toEqual(['den/S', 'kem/S', 'reu/S'])
    expect(changed(before, { ...before, 'kem/S': ' 590.000 ' })).toEqual([])
  })
})

it('a price is whole đồng', () => {
  expect(['590.000', '590000', '590,000 ₫', '0', '', '59.0', 'x'].map(priceOf)).toEqual([590_000, 590_000, 590_000, 0, undefined, undefined, undefined])
})
