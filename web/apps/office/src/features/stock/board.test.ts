import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { available, Board, figure, heat, rowsOf, sum, summary, type Style, type Variant } from './board.ts'
import { csv } from '../../shell/csv.ts'

const variant = (id: string, cells: Record<string, number[]> = {}): Variant => ({
  id,
  sku: id.toUpperCase(),
  colour_code: 'kem',
  colour_vi: 'Kem',
  colour_en: 'Cream',
  hex: '#e6d8bc',
  size: 'M',
  cells: cells as Variant['cells'],
})

const style = (variants: Variant[]): Style => ({
  style_id: 's1',
  code: 'DM2041',
  name_vi: 'Đầm',
  name_en: 'Dress',
  picture: null,
  variants,
})

const changed = (version: number, onHand: number, key = 'hn:v1') => ({
  topic: 'stock.changed',
  key,
  version,
  payload: { on_hand: onHand, promised: 1, asked: 0, short: 0 },
})

describe('the board', () => {
  it('shows what was fetched until the stream knows better', () => {
    const board = new Board()
    const m = variant('v1', { hn: [5, 2, 0, 0, 7] })
    expect(available(board.cell(m, 'hn'))).toBe(3)
    expect(board.hear([changed(7, 9)])).toEqual(['hn:v1'])
    expect(board.cell(m, 'hn').onHand).toBe(5)
    board.hear([changed(8, 4)])
    expect(board.cell(m, 'hn')).toEqual({ onHand: 4, promised: 1, asked: 0, short: 0, version: 8 })
  })

  it('is not moved back by what comes late, nor by what comes twice', () => {
    const board = new Board()
    board.hear([changed(9, 1)])
    expect(board.hear([changed(8, 6), changed(9, 1)])).toEqual([])
    expect(board.cell(variant('v1', { hn: [6, 0, 0, 0, 8] }), 'hn').onHand).toBe(1)
  })

  it('counts a place that never had the goods as nothing', () => {
    const board = new Board()
    expect(figure(board.cell(variant('v1'), 'hn'), 'available')).toBe(0)
    board.hear([changed(1, 2)])
    expect(figure(board.cell(variant('v1'), 'hn'), 'on_hand')).toBe(2)
  })

  it('ends at the same state in whatever order events and answers arrive', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], { minLength: 1 }), fc.integer({ min: 0, max: 8 }), (order, fetchedAt) => {
        const board = new Board()
        for (const version of order) board.hear([changed(version, version * 10)])
        const latest = Math.max(fetchedAt, ...order)
        expect(board.cell(variant('v1', { hn: [fetchedAt * 10, 1, 0, 0, fetchedAt] }), 'hn').onHand).toBe(latest * 10)
      }),
    )
  })

  it('adds up styles and the whole view', () => {
    const board = new Board()
    const styles = [style([variant('v1', { hn: [5, 2, 0, 0, 1], kho: [20, 0, 0, 0, 1] }), variant('v2', { hn: [1, 1, 0, 0, 1] })])]
    const rows = rowsOf(styles)
    expect(rows.map((row) => row.kind)).toEqual(['style', 'variant', 'variant'])
    expect(sum(board, rows[0]!, ['hn', 'kho'])).toMatchObject({ onHand: 26, promised: 3 })
    expect(summary(board, styles, [{ id: 'hn', kind: 'branch' }, { id: 'kho', kind: 'depot' }])).toEqual({ pieces: 23, zero: 1, variants: 2 })
  })

  it('asks for attention where a branch runs out, and leaves depots alone', () => {
    expect([0, 1, 2, 9, 10].map((value) => heat(value, 'available', true))).toEqual(['zero', 'last', '', '', 'plenty'])
    expect([0, 1, 99].map((value) => heat(value, 'available', false))).toEqual(['zero', '', ''])
    expect(heat(0, 'held', true)).toBe('')
  })
})

describe('a file', () => {
  it('keeps Vietnamese, quotes what must be quoted, and runs no formula', () => {
    expect(csv([['Đầm, lụa', 'x"y', '=1+1', 3, -2]])).toBe('\ufeff"Đầm, lụa","x""y",\'=1+1,3,-2\r\n')
  })
})
