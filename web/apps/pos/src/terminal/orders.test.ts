// What a till has in memory of the sales it keeps. The server is out of reach here.

import 'fake-indexeddb/auto'
import type { KeptOrder } from '@placket/selling'
import { expect, test, vi } from 'vitest'
import { effectScope } from 'vue'

vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')))
const { db } = await import('./db')
const { loadOrders, refreshOrders, useOrders } = await import('./orders')

const sold: KeptOrder = {
  id: 'one', receipt_code: 'HN01-1-1-0000001', barcode: '0200010100000019', channel: 'store', state: 'posted', till_code: 'HN01-1', till_id: 'till',
  staff_name: 'Lê Ngọc Tiên', customer_name: null, phone_end: null, pieces: 1, total_vnd: 420_000, rounding_vnd: 0,
  sold_at: new Date().toISOString(), changed_at: new Date().toISOString(), lines: [], tenders: [], vat: [],
}

test('sales are read into memory for whoever looks through them, and leave it with the last', async () => {
  await db.orders.put(sold)
  const scope = effectScope()
  const all = scope.run(() => useOrders().all)
  await loadOrders()
  expect(all?.value.map(({ id }) => id)).toEqual(['one'])
  scope.stop()
  const again = effectScope()
  const later = again.run(() => useOrders().all)
  expect(later?.value, 'nothing stays').toEqual([])
  await refreshOrders()
  expect(later?.value.map(({ id }) => id), 'a change reaches whoever looks').toEqual(['one'])
  again.stop()
  await refreshOrders()
  const last = effectScope()
  expect(last.run(() => useOrders().all)?.value, 'and nobody else').toEqual([])
  last.stop()
})
