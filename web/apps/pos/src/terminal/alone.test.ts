// What a till that sells without its server holds to by itself: a clock that leapt, a drawer that is full. docs/rules/offline.md.

import 'fake-indexeddb/auto'
import { emptyCart, FRESH_TENDERING, makeAttempt, priceLines, settle } from '@placket/selling'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
// Read once before the first test, which has its seconds for itself.
import './drawer'

const quote = priceLines([{ line: { variantId: 'v', sourceId: 'branch', qty: 2 }, unitVnd: 4_500_000, vatBp: 800 }], 7)
const cash = settle(quote.totalVnd, [], FRESH_TENDERING, 1_000)
const tabs = { carts: [emptyCart('next', 1)], activeId: 'next' }
const NOON = Date.parse('2026-11-26T05:00:00Z')
const MINUTE = 60_000

beforeEach(async () => {
  vi.resetModules()
  const { db } = await import('./db')
  await Promise.all(db.tables.map((table) => table.clear()))
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** A device whose two clocks are set by hand; only one of them can be set by a person. */
async function clockAt(deviceMs: number, steadyMs = 0) {
  const at = { device: deviceMs, steady: steadyMs }
  vi.spyOn(Date, 'now').mockImplementation(() => at.device)
  vi.spyOn(performance, 'now').mockImplementation(() => at.steady)
  vi.resetModules()
  const clock = await import('./clock')
  await clock.loadClock()
  return { ...clock, at, ...clock.useClockDoubt() }
}

test('a till that has never heard the server asks somebody for the time, and one that has does not', async () => {
  const first = await clockAt(NOON)
  expect(first.doubt.value).toBe('unknown')
  first.setServerTime('2026-11-26T05:00:00.200Z')
  expect(first.doubt.value).toBeUndefined()
  const again = await clockAt(NOON + MINUTE)
  expect(again.doubt.value).toBeUndefined()
})

test('a leap of more than two minutes, forwards or back, is doubted until somebody confirms it or the server is heard', async () => {
  const clock = await clockAt(NOON)
  clock.setServerTime('2026-11-26T05:00:00Z')
  clock.at.device += 90_000
  clock.watchJumps()
  expect(clock.doubt.value, 'a minute and a half').toBeUndefined()
  clock.at.device += 60_000
  clock.watchJumps()
  expect(clock.doubt.value).toBe('jumped')
  clock.confirmClock('thu')
  clock.watchJumps()
  expect([clock.doubt.value, clock.confirmedBy.value]).toEqual([undefined, 'thu'])
  clock.at.device -= 10 * MINUTE
  clock.watchJumps()
  expect(clock.doubt.value).toBe('jumped')
  clock.setServerTime('2026-11-26T05:00:00Z')
  expect([clock.doubt.value, clock.confirmedBy.value]).toEqual([undefined, undefined])
})

test('a tablet that slept for hours goes on selling, and a clock set back meanwhile is doubted all the same', async () => {
  const clock = await clockAt(NOON)
  clock.setServerTime('2026-11-26T05:00:00Z')
  const screen = vi.spyOn(document, 'visibilityState', 'get')
  const sleep = (minutes: number): void => {
    screen.mockReturnValue('hidden')
    clock.watchSleep()
    clock.at.device += minutes * MINUTE
    screen.mockReturnValue('visible')
    clock.watchSleep()
  }
  sleep(5 * 60)
  expect([clock.doubt.value, clock.serverNow()]).toEqual([undefined, NOON + 300 * MINUTE])
  clock.at.device += 3 * MINUTE
  clock.watchJumps()
  expect(clock.doubt.value, 'set forward before somebody\'s eyes').toBe('jumped')
  clock.confirmClock('thu')
  sleep(-10)
  expect(clock.doubt.value).toBe('jumped')
})

test('a start before the last moment of the one before it has a clock that was set back', async () => {
  const clock = await clockAt(NOON)
  clock.setServerTime('2026-11-26T05:00:00Z')
  expect((await clockAt(NOON - MINUTE)).doubt.value, 'no more than two minutes').toBeUndefined()
  expect((await clockAt(NOON - 5 * MINUTE)).doubt.value).toBe('jumped')
})

test('a drawer takes no more cash off line than it may hold, and any other tender', async () => {
  const journal = await import('./journal')
  const drawer = await import('./drawer')
  await journal.becomeWriter()
  await journal.openJournal('till', 1, 'branch')
  drawer.watchDrawer()
  for (const receiptNo of [1, 2]) {
    const id = `sale-${String(receiptNo)}`
    const attempt = makeAttempt({
      id, cart: emptyCart('cart', 1), staffId: 'me', blind: false, opening: 4, receiptNo, quote, settlement: cash, atMs: Date.now(), print: true,
    })
    expect(drawer.overfull(cash)).toBeUndefined()
    await journal.closeSale(attempt, { id, soldAt: '', facts: { barcode: '' } as never }, { epoch: 1, opening: 4, receiptNo }, tabs, true)
  }
  await vi.waitFor(() => expect(drawer.overfull(cash)).toEqual({ limitVnd: 20_000_000 }))
  expect(drawer.overfull(settle(2_000_000, [], FRESH_TENDERING, 1_000)), 'exactly full').toBeUndefined()
  expect(drawer.overfull(settle(quote.totalVnd, [], { ...FRESH_TENDERING, method: 'card' }, 1_000))).toBeUndefined()
})
