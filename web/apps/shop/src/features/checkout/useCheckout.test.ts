import { expect, it, vi } from 'vitest'
import { createApp } from 'vue'

const LINE = { variant_id: 'v', qty: 1 }
const order = (state: string) => ({ id: 'first', key: 'k', code: 'W-1', placed_at: '', state, held_until: '2099-01-01T00:00:00Z', total_vnd: 690_000 })

it('shows no more of an order once another is wanted in its place, whatever is still told of it', async () => {
  localStorage.setItem('placket.shop.cart', JSON.stringify({ lines: [LINE], vouchers: [], points: false, wish: { kind: 'ship', location_id: null } }))
  let quotes = 0
  let tell: (() => void) | undefined
  vi.stubGlobal('fetch', ({ url }: Request) => {
    if (url.endsWith('/checkout/quote')) return ++quotes === 1 ? Promise.resolve(Response.json({ total_vnd: 690_000 })) : new Promise(() => undefined)
    if (url.endsWith('/checkout')) return Promise.resolve(Response.json(order('asking')))
    return new Promise((answer) => (tell = () => answer(Response.json(order('held')))))
  })
  const { useCheckout } = await import('./useCheckout.ts')
  let checkout!: ReturnType<typeof useCheckout>
  const app = createApp({ setup: () => { checkout = useCheckout((key) => key); return () => null } })
  app.mount(document.createElement('div'))
  await vi.waitFor(() => expect(tell).toBeDefined(), 3_000)
  expect(checkout.state.value).toBe('asking')
  void checkout.go({ kind: 'collect', location_id: 'branch' })
  tell!()
  await vi.waitFor(() => expect(quotes).toBe(2))
  await new Promise((done) => { setTimeout(done) })
  expect([checkout.order.value, checkout.state.value]).toEqual([undefined, 'starting'])
  app.unmount()
}, 30_000)
