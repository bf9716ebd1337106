import { expect, it, vi } from 'vitest'
import type { Cart } from './cart.ts'

const cartOf = (qty: number): Cart => ({ lines: [{ variant_id: 'v', qty } as Cart['lines'][number]], vouchers: [], points: false, wish: { kind: 'ship', location_id: null } })

it('takes a price that was asked for early once, for the very same cart, and asks anew for any other', async () => {
  let asked = 0
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ total_vnd: ++asked })))
  const { quote, quoteEarly } = await import('./orders.ts')

  quoteEarly(cartOf(1))
  expect((await quote(cartOf(1))).total_vnd).toBe(1)
  expect((await quote(cartOf(1))).total_vnd).toBe(2)

  quoteEarly(cartOf(1))
  expect((await quote(cartOf(2))).total_vnd).toBe(4)
  expect((await quote(cartOf(1))).total_vnd).toBe(5)
})
