import { expect, test } from 'vitest'
import { add, closeTab, emptyCart, openTab, pieces, remove, resource, restore, setQty, stepTab, type CartLine } from './cart.ts'

const dress: CartLine = { variantId: 'dress', sourceId: 'here', qty: 1 }
const shirt: CartLine = { variantId: 'shirt', sourceId: 'here', qty: 2 }
const cart = add(add(emptyCart('one', 1), dress), shirt)

test('the same goods from the same place are one line, from another place two', () => {
  expect(add(cart, dress).lines).toEqual([{ ...dress, qty: 2 }, shirt])
  expect(add(cart, { ...dress, sourceId: 'depot' }).lines).toHaveLength(3)
  expect(pieces(cart)).toBe(3)
})

test('a line has between 1 and 999 pieces', () => {
  expect(setQty(cart, 0, 0).lines[0]?.qty).toBe(1)
  expect(setQty(cart, 0, 5_000).lines[0]?.qty).toBe(999)
})

test('a removed line comes back where it stood', () => {
  expect(restore(remove(cart, 0), 0, dress).lines).toEqual(cart.lines)
  expect(restore(add(remove(cart, 0), dress), 0, dress).lines).toEqual([shirt, { ...dress, qty: 2 }])
})

test('a line taken from elsewhere merges with its like', () => {
  const both = add(cart, { ...dress, sourceId: 'depot', qty: 3 })
  expect(resource(both, 0, 'depot').lines).toEqual([shirt, { ...dress, sourceId: 'depot', qty: 4 }])
})

test('a change of the cart asks anew what was handed over', () => {
  const paid = { ...cart, tendering: { ...cart.tendering, tenderedVnd: 500_000 } }
  expect(add(paid, dress).tendering.tenderedVnd).toBeNull()
})

test('tabs: an empty one is used first, the last leaves one behind, steps go round', () => {
  const one = { carts: [cart], activeId: 'one' }
  const two = openTab(one, 'two')
  expect(two.carts.map(({ no }) => no)).toEqual([1, 2])
  expect(openTab(two, 'three').carts).toHaveLength(2)
  expect(stepTab(two, 1).activeId).toBe('one')
  expect(stepTab(two, -1).activeId).toBe('one')
  expect(closeTab(two, 'two', 'spare').activeId).toBe('one')
  expect(closeTab(one, 'one', 'spare').carts).toEqual([emptyCart('spare', 1)])
})

test('a held piece is a line of its own, sold once and as it is held', () => {
  const held = add(cart, { ...dress, promiseId: 'p' })
  expect(held.lines).toEqual([dress, shirt, { ...dress, promiseId: 'p' }])
  expect(add(held, { ...dress, promiseId: 'p' })).toBe(held)
  expect(setQty(held, 2, 5)).toBe(held)
  expect(resource(held, 2, 'depot')).toBe(held)
})
