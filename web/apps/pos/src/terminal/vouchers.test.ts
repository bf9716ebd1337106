// A voucher off line: it goes with the sale it was kept for before the line dropped, and with no other. docs/rules/pricing.md 8.

import { emptyCart } from '@placket/selling'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { attemptNo, restart, wipe } from './testing'
// Read once before the first test, which has its seconds for itself.
import './checkout'
import './till'

const NOON = Date.parse('2026-11-26T05:00:00Z')
const CODE = '030000000000070'
const voucher = { code: CODE, promotionId: 'thanks', name: 'Tri ân' }
const base = attemptNo(1)
const attempt = { ...base, request: { ...base.request, vouchers: [CODE] } }

beforeEach(wipe)
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** A till without network, left with an attempt that uses a voucher. The server hears only of vouchers that are let go. */
async function cutOff(untilMs?: number) {
  vi.spyOn(Date, 'now').mockReturnValue(NOON)
  const letGo: string[] = []
  vi.stubGlobal('fetch', (request: Request) => {
    if (!request.url.endsWith('/release')) return Promise.reject(new TypeError('no network'))
    letGo.push(new URL(request.url).pathname)
    return Promise.resolve(new Response(null, { status: 204 }))
  })
  const app = await restart()
  if (untilMs !== undefined) await app.db.kept.put({ name: 'vouchers_held', value: { [CODE]: { saleId: attempt.request.id, untilMs } } })
  await app.db.kept.put({ name: 'attempt', value: attempt })
  const [vouchers, checkout, invoices, sync] = [await import('./vouchers'), await import('./checkout'), await import('./invoices'), await import('./sync')]
  const { series } = (await import('./till')).useTill()
  await app.db.kept.put({ name: 'board', value: { opening: series.value.opening, incarnation: 1, boardNo: 1, promises: [] } })
  await sync.loadBoard()
  const cart = { ...emptyCart(attempt.cartId, 1), saleId: attempt.request.id, vouchers: [voucher] }
  invoices.showTabs({ carts: [cart], activeId: cart.id })
  await vouchers.loadVouchers()
  vouchers.followVouchers()
  await checkout.resumeAttempt()
  await checkout.sellAlone()
  return { ...checkout.useCheckout(), ...invoices, tabs: invoices.useInvoices().tabs, letGo, db: app.db, sold: await app.db.journal.count() }
}

test.for([[undefined], [NOON + 30_000]])('a sale that nobody knows of is not sold alone with a voucher that was not kept for it, or not for long enough', async ([until]) => {
  const { sold, stage, attempt: waits, setback } = await cutOff(until)
  expect([sold, stage.value, waits.value?.request.id, setback.value?.code]).toEqual([0, 'unknown', attempt.request.id, 'voucher_alone'])
})

test('it is sold alone with one that was kept for it before the line dropped, which is not let go behind its back', async () => {
  const { sold, stage, attempt: waits, letGo, db, tabs } = await cutOff(NOON + 10 * 60_000)
  expect([sold, stage.value, waits.value]).toEqual([1, 'idle', undefined])
  expect(tabs.value.carts.some(({ id }) => id === attempt.cartId)).toBe(false)
  expect(letGo).toEqual([])
  expect((await db.kept.get('vouchers_held'))?.value).toEqual({})
})

test('one that is taken off its invoice is let go', async () => {
  const { letGo, dropVoucher } = await cutOff(NOON + 30_000)
  dropVoucher(CODE, attempt.cartId)
  await vi.waitFor(() => expect(letGo).toEqual([`/api/vouchers/${CODE}/release`]))
})
