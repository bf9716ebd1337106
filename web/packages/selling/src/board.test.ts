import { expect, test } from 'vitest'
import { inBag, inHand, questionsOf, replaces, type Board, type BoardPromise } from './board.ts'
import { add, emptyCart, setQty, type Cart } from './cart.ts'

const promise = (phase: string, qty = 1): BoardPromise => ({
  id: 'p', ref: 'order', kind: 'ship', variant_id: 'v', qty, phase, bag_code: null, paid: true, pay_by: null,
  code: null, created_at: '2026-11-25T02:00:00Z', held_for: null, phone_tail: null, customer_id: null, asked_from: null, search_at: null,
})
const board = (...promises: BoardPromise[]): Board => ({ opening: 3, incarnation: 1, boardNo: 7, promises })
const cart = add(emptyCart('c', 1), { variantId: 'v', sourceId: 'here', qty: 1 })
const asks = (held: Board, of: Cart = cart, onHand = 1) =>
  questionsOf({ cart: of, branchId: 'here', board: held, onHand: () => onHand })
const answered = (answer: object): Cart => ({ ...cart, answers: { v: answer } })

test('the last piece without a promise is green', () => {
  expect(asks(board())).toEqual([])
})

test('a confirmed promise asks whether its pieces are still there, until they have been seen', () => {
  expect(asks(board(promise('confirmed', 2)))).toEqual([{ kind: 'amber', variantId: 'v', promised: 2, codes: ['order'] }])
  expect(asks(board(promise('confirmed', 2)), answered({ seen: 2 }))).toEqual([])
  expect(asks(board(promise('confirmed', 3)), answered({ seen: 2 }))).toHaveLength(1)
  expect(asks(board(promise('confirmed')), answered({ missing: true }))).toHaveLength(1)
})

test('a bagged promise colours nothing: its piece hangs no more among the others', () => {
  expect(asks(board(promise('bagged')))).toEqual([])
})

test('a promise that is being asked for is red, also when pieces have been seen; only an override sells', () => {
  expect(asks(board(promise('asked'), promise('confirmed')), answered({ seen: 9 }))).toEqual([{ kind: 'asked', variantId: 'v' }])
  expect(asks(board(promise('asked')), answered({ override: { reason: 'r', approvedBy: 'me' } }))).toEqual([])
})

test('books that know of fewer pieces than are in the hand ask for a reason', () => {
  expect(asks(board(), cart, 0)).toEqual([{ kind: 'books', variantId: 'v', left: 0 }])
  expect(asks(board(), setQty(cart, 0, 2), 1)).toEqual([{ kind: 'books', variantId: 'v', left: 1 }])
})

test('goods that come from elsewhere ask nothing here', () => {
  expect(asks(board(promise('asked')), add(emptyCart('c', 1), { variantId: 'v', sourceId: 'depot', qty: 1 }))).toEqual([])
})

test('another piece in the cart asks again', () => {
  expect(asks(board(promise('confirmed')), setQty(answered({ seen: 1 }), 0, 2), 5)).toHaveLength(1)
})

test('a board replaces an older one, one of another opening, and one of another history', () => {
  const kept = board()
  expect(replaces(kept, undefined)).toBe(true)
  expect(replaces({ ...kept, boardNo: 6 }, kept)).toBe(false)
  expect(replaces({ ...kept, boardNo: 8 }, kept)).toBe(true)
  expect(replaces({ ...kept, boardNo: 1, opening: 4 }, kept)).toBe(true)
  expect(replaces({ ...kept, boardNo: 1, incarnation: 2 }, kept)).toBe(true)
})

test('the pieces in hand are those of this branch in all open carts', () => {
  const other = add(add(emptyCart('d', 2), { variantId: 'v', sourceId: 'here', qty: 2 }), { variantId: 'w', sourceId: 'depot', qty: 1 })
  expect(inHand([cart, other], 'here')).toEqual([{ variant_id: 'v', qty: 3 }])
})

test('a held piece of a cart is not one of the floor', () => {
  const held = add(emptyCart('c', 1), { variantId: 'v', sourceId: 'here', qty: 1, promiseId: 'p' })
  expect(asks(board(promise('confirmed')), held, 0)).toEqual([])
  expect(asks(board(promise('confirmed')), add(held, { variantId: 'v', sourceId: 'here', qty: 1 }))).toHaveLength(1)
})

test('off line only what lies in a bag is handed over', () => {
  expect(inBag(board(promise('bagged')), 'p')).toBe(true)
  expect(inBag(board(promise('to_scan_back')), 'p')).toBe(true)
  expect(inBag(board(promise('confirmed')), 'p')).toBe(false)
  expect(inBag(undefined, 'p')).toBe(false)
})
