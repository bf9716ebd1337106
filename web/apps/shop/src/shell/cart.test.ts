import { describe, expect, it } from 'vitest'
import { added, cartOf, counted, LINES_MAX, PIECES_MAX, swapped, type Cart, type CartLine } from './cart.ts'

const line = (variant_id: string, qty = 1, size = 'M'): CartLine => ({
  variant_id, qty, code: 'DM1', path_vi: '/p/dm1', path_en: '/en/p/dm1', name_vi: 'Đầm', name_en: 'Dress',
  colour: 'DEN', colour_vi: 'Đen', colour_en: 'Black', size, picture: null, seen_vnd: 100_000,
})
const cart = (...lines: CartLine[]): Cart => ({ lines, vouchers: [], points: false, wish: { kind: 'ship', location_id: null } })
const told = ({ lines }: Cart): string => lines.map((each) => `${each.variant_id}×${each.qty}`).join(' ')

describe('the cart', () => {
  it('counts a piece that is in it already, and puts a new one at its end', () => {
    expect(told(added(added(cart(line('a')), line('b')), line('a')))).toBe('a×2 b×1')
  })

  it('holds no more lines and pieces than the server takes', () => {
    const full = cart(...Array.from({ length: LINES_MAX }, (_, place) => line(String(place))))
    expect(added(full, line('one more')).lines).toHaveLength(LINES_MAX)
    expect(told(counted(cart(line('a')), 'a', 99))).toBe(`a×${PIECES_MAX}`)
  })

  it('takes out what is counted down to nothing', () => {
    expect(told(counted(cart(line('a'), line('b')), 'a', 0))).toBe('b×1')
  })

  it('changes a size in its place, and makes one line of two that become the same', () => {
    expect(told(swapped(cart(line('a'), line('b', 2)), 'a', line('c')))).toBe('c×1 b×2')
    expect(told(swapped(cart(line('a'), line('b', 2)), 'a', line('b')))).toBe('b×3')
  })

  it('reads what another version or a curious person has left', () => {
    expect(cartOf(null).lines).toEqual([])
    expect(cartOf('{').lines).toEqual([])
    expect(cartOf('{"lines": 3}').lines).toEqual([])
    expect(told(cartOf(JSON.stringify({ ...cart(line('a'), line('b', 0)), wish: { kind: 'collect' } })))).toBe('a×1')
    expect(cartOf(JSON.stringify({ ...cart(), wish: { kind: 'collect' } })).wish).toEqual({ kind: 'ship', location_id: null })
  })
})
