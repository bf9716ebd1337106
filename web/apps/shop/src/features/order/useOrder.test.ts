import { afterEach, expect, it, vi } from 'vitest'
import { createApp } from 'vue'

const HELD = { id: 'one', key: 'k', state: 'held', payment: { state: 'open', qr: null }, refunds: [], parcels: [] }

afterEach(() => void vi.useRealTimers())

/** The page of an order at an address, and how to leave it. */
async function opened(address: string) {
  history.replaceState(null, '', address)
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(HELD)))
  const { useOrder } = await import('./useOrder.ts')
  let page!: ReturnType<typeof useOrder>
  const app = createApp({ setup: () => { page = useOrder((key) => key); return () => null } })
  app.mount(document.createElement('div'))
  await vi.waitFor(() => expect(page.order.value).toBeDefined())
  return { page, leave: () => { app.unmount() } }
}

it('tells who has just paid that the bank is awaited, not that nothing was paid', async () => {
  const { page, leave } = await opened('/checkout/processing?order=one&key=k&paid=1')
  expect(page.head.value).toBe('order.pay_state.processing')
  leave()
})

it('tells who has given up at the bank that nothing was paid', async () => {
  const { page, leave } = await opened('/checkout/processing?order=one&key=k')
  expect(page.head.value).toBe('order.pay_state.open')
  leave()
})

it('says after a minute that the bank has not answered', async () => {
  vi.useFakeTimers()
  const { page, leave } = await opened('/checkout/processing?order=one&key=k&paid=1')
  await vi.advanceTimersByTimeAsync(61_000)
  expect(page.head.value).toBe('order.pay_state.late')
  leave()
})
