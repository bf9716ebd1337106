// Which payment a till shows when the server tells of several. The network is the only thing that is not real here.

import 'fake-indexeddb/auto'
import { beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Cart, Taken } from '@placket/selling'

const CART = '019b0000-0000-7000-8000-00000000000c'
const FIRST = '019b0000-0000-7000-8000-000000000001'
const SECOND = '019b0000-0000-7000-8000-000000000002'

const card = (id: string, told: Partial<Taken & { reason: string; version: number }>) => ({
  id, kind: 'card', state: 'waiting', heard: null, cart_id: CART, amount_vnd: 690_000, received_vnd: 0, missing_vnd: 690_000, surplus_vnd: 0,
  code: null, reference: null, reason: null, expires_at: null, sale_id: null, version: 2, ...told,
})
const declined = card(FIRST, { state: 'declined', reason: 'Không đủ số dư' })

const PAYMENT_OPEN = { code: 'payment_open', detail: 'Đơn này còn chờ 690.000 ₫ ở quầy HN01-1.', facts: { payment_id: FIRST } }

/** A till whose server knows these payments and will not have another, and which itself knows the second one only. */
async function till(...told: ReturnType<typeof card>[]) {
  vi.resetModules()
  const asked: Promise<Response>[] = []
  const answers = (request: Request): Response => {
    if (request.url.endsWith('/payments')) return Response.json(PAYMENT_OPEN, { status: 409 })
    const found = told.find(({ id }) => request.url.includes(id))
    return found === undefined ? Response.json({ code: 'not_found' }, { status: 404 }) : Response.json(found)
  }
  vi.stubGlobal('fetch', (request: Request) => {
    const answer = Promise.resolve(answers(request))
    asked.push(answer)
    return answer
  })
  const { db } = await import('./db')
  await Promise.all(db.tables.map((table) => table.clear()))
  await db.payments.put({ id: SECOND, cartId: CART, kind: 'card', amountVnd: 690_000, shown: card(SECOND, { heard: 'lost' }) as never })
  const payments = await import('./payments')
  await payments.loadPayments()
  return { ...payments, rows: payments.usePayments().rows, asked }
}

beforeAll(() => import('./payments'), 30_000)
beforeEach(() => { vi.unstubAllGlobals() })

test('a try that was declined does not come back over the next one when the stream tells of it again', async () => {
  const { hearPayments, rows, isHeld } = await till(declined, card(SECOND, { heard: 'lost', version: 3 }))
  hearPayments([FIRST, SECOND])
  await vi.waitFor(() => { expect(rows.value.at(-1)?.shown?.version).toBe(3) })
  expect(rows.value.map(({ id }) => id)).toEqual([SECOND])
  expect(isHeld(CART)).toBe(true)
})

test('money that has come is shown although the till had forgotten it, before what was asked for later', async () => {
  const { hearPayments, rows } = await till(card(FIRST, { state: 'received', received_vnd: 690_000 }))
  hearPayments([FIRST])
  await vi.waitFor(() => { expect(rows.value).toHaveLength(2) })
  expect(rows.value.map(({ id }) => id)).toEqual([FIRST, SECOND])
})

test('a payment that was taken off is not brought back by an answer that was on its way', async () => {
  const { asked, dismissPayment, hearPayments, rows } = await till(declined, card(SECOND, { state: 'waiting' }))
  await dismissPayment(SECOND)
  hearPayments([SECOND, FIRST])
  // Nothing is asked for again before its answer has been taken in.
  await vi.waitFor(() => {
    hearPayments([SECOND, FIRST])
    expect(asked.length).toBeGreaterThanOrEqual(4)
  })
  expect(rows.value).toEqual([])
})

test('a payment that another device has left open is shown in place of the one the server will not have', async () => {
  const { forgetUsed, rows, takePayment } = await till(card(FIRST, { state: 'waiting' }))
  await forgetUsed([SECOND])
  expect(await takePayment('card', { id: CART } as Cart, 690_000)).toBe(PAYMENT_OPEN.detail)
  expect(rows.value.map(({ id, shown }) => [id, shown?.state])).toEqual([[FIRST, 'waiting']])
})

test('a payment that the stream tells of while it is being looked at is looked at again', async () => {
  const second = card(SECOND, { version: 3 })
  const { asked, hearPayments, rows } = await till(second)
  hearPayments([SECOND])
  while (asked.length === 0) await Promise.resolve()
  Object.assign(second, { state: 'received', received_vnd: 690_000, version: 4 })
  hearPayments([SECOND])
  await vi.waitFor(() => { expect(rows.value[0]?.shown?.state).toBe('received') })
  expect(asked).toHaveLength(2)
})
