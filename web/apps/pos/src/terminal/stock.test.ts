// What a start finds of stock on the disk, and from where the stream goes on. The network is the only thing that is not real here.

import 'fake-indexeddb/auto'
import { packStock } from '@placket/selling'
import { beforeEach, expect, test, vi } from 'vitest'
// Read once before the first test, which has its seconds for itself.
import './stock'

const change = (onHand: number) => ({ location_id: 'branch', variant_id: 'a', on_hand: onHand, promised: 0, asked: 0, short: 0 })

/** The app as a start finds it: the same device, nothing in memory, no network. */
async function restart() {
  vi.resetModules()
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')))
  const stock = await import('./stock')
  const { db, keep } = await import('./db')
  const { useGoods } = await import('./goods')
  return { ...stock, view: stock.useStock().view, locations: useGoods().locations, db, keep }
}

beforeEach(async () => {
  const { db, keep } = await restart()
  await Promise.all(db.tables.map((table) => table.clear()))
  await db.stock.put({ place: 'branch', columns: packStock([['a', 3, 1, 0, 0, 4], ['b', 9, 0, 0, 0, 2]]) })
  await keep('stock_since', { heardAtMs: 7, cursor: 'one/5:5:', places: [{ id: 'branch', rows: [['b', 8, 0, 0, 0, 3]] }] })
})

test('a start shows the snapshot with what has changed since, and the stream goes on behind it', async () => {
  const app = await restart()
  await app.loadKeptStock()
  expect([app.view.value.free('branch', 'a'), app.view.value.free('branch', 'b')]).toEqual([2, 8])
  expect(app.useStock().heardAt.value).toBe(7)
  expect(await app.continueStock('branch')).toBe('one/5:5:')
  app.applyStock([{ change: change(1), version: 5 }], 'one/9:9:')
  expect(app.view.value.free('branch', 'a')).toBe(1)
  expect(await app.continueStock('branch')).toBe('one/9:9:')
})

test('what it does not hold of a depot, or of another history, has to be fetched', async () => {
  const app = await restart()
  await app.loadKeptStock()
  app.locations.value = [{ id: 'depot', kind: 'depot' } as never]
  await expect(app.continueStock('branch')).rejects.toThrow()
  app.locations.value = []
  await app.forgetStock()
  await expect(app.continueStock('branch')).rejects.toThrow()
  const after = await restart()
  await after.loadKeptStock()
  expect(after.view.value.free('branch', 'b')).toBe(0)
})
