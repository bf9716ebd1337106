import { expect, test } from 'vitest'
import { lackingLines, makeAttempt, nextStep, renewed, stillLacks } from './attempt.ts'
import { emptyCart, FRESH_TENDERING } from './cart.ts'
import { settle } from './payment.ts'
import { priceLines } from './pricing.ts'

const quote = priceLines([{ line: { variantId: 'v', sourceId: 'here', qty: 2 }, unitVnd: 690_000, vatBp: 800 }], 7)
const attempt = makeAttempt({
  id: 'id', cart: emptyCart('cart', 1), staffId: 'me', blind: false, opening: 4, receiptNo: 12, quote, settlement: settle(quote.totalVnd, [], FRESH_TENDERING, 1_000),
  atMs: Date.parse('2026-11-23T07:32:00Z'), print: true,
})

test('the request is what the server asks for', () => {
  expect(attempt.request).toEqual({
    id: 'id', opening: 4, receipt_no: 12, price_version: 7, promo_version: 0, at: '2026-11-23T07:32:00.000Z',
    lines: [{ variant_id: 'v', qty: 2, source_id: 'here', unit_vnd: 690_000, discount_vnd: 0, adviser_id: null, looked_for: 0, adjust: null, gift: null, note: null, promise_id: null, swaps: null, offers: [] }],
    total_vnd: 1_380_000, rounding_vnd: 0,
    tenders: [{ kind: 'cash', amount_vnd: 1_380_000, tendered_vnd: 1_380_000, change_vnd: 0, reference: null, payment_id: null }],
    customer_id: null, override: null, points: null, vouchers: [], offers: [], skipped: [], returns: [], return_approval: null,
  })
})

test.each([
  ['timeout', 0, 'resend'], ['offline', 0, 'resend'], ['failure', 500, 'resend'], ['busy', 503, 'resend'],
  ['not_attached', 409, 'attach'], ['receipt_gap', 409, 'attach'], ['opening_ended', 409, 'attach'],
  ['not_signed_in', 401, 'sign_in'], ['out_of_stock', 409, 'give_up'], ['price_changed', 409, 'give_up'],
])('%s means %s, %s', (code, status, step) => {
  expect(nextStep(code, status)).toBe(step)
})

test('after attaching, a sale that may be posted keeps its number and one that cannot takes the next', () => {
  const lost = { ...attempt, uncertain: true }
  expect(renewed(lost, 5, 12).request).toMatchObject({ id: 'id', opening: 5, receipt_no: 12 })
  expect(renewed(lost, 5, 11).request).toMatchObject({ opening: 5, receipt_no: 12 })
  expect(renewed(attempt, 5, 20).request.receipt_no).toBe(21)
})

const refused = { line_no: 1, variant_id: 'v', asked: 2, left: 1, elsewhere: [] }

test('an edited line is asked anew, and so is one that is to come from somewhere else', () => {
  const [lacking] = lackingLines([refused], attempt)
  if (lacking === undefined) throw new Error('the refused line is told of')
  expect(stillLacks(lacking, { variantId: 'v', sourceId: 'here', qty: 2 })).toBe(true)
  expect(stillLacks(lacking, { variantId: 'v', sourceId: 'here', qty: 1 })).toBe(false)
  expect(stillLacks(lacking, { variantId: 'v', sourceId: 'depot', qty: 2 })).toBe(false)
})

test('the books of the till tell whether somebody was quicker', () => {
  expect(lackingLines([refused], attempt)).toEqual([{ ...refused, source_id: 'here', by_books: false }])
  expect(lackingLines([refused], { ...attempt, short: ['v'] })).toEqual([{ ...refused, source_id: 'here', by_books: true }])
})
