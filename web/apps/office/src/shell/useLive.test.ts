import { answer } from '@placket/api'
import { QueryObserver } from '@tanstack/vue-query'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const sockets: { onmessage?: (event: { data: string }) => void; close: () => void }[] = []
let asked = 0
let giveTicket: () => void

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', class { onmessage = undefined; constructor() { sockets.push(this) } close(): void { /* nobody is there */ } })
  const ticket = new Promise<Response>((give) => (giveTicket = () => give(Response.json({ ticket: 't' }))))
  vi.stubGlobal('fetch', ({ url }: Request) => {
    if (url.endsWith('/api/realtime/ticket')) return ticket
    asked += 1
    return Promise.resolve(Response.json({ permissions: {} }))
  })
})
afterEach(() => vi.useRealTimers())

it('asks again for what a screen was filled with before the stream had begun', async () => {
  const { api, queries } = await import('../api.ts')
  const { startLive, stopLive } = await import('./useLive.ts')
  startLive()
  const leave = new QueryObserver(queries, { queryKey: ['me'], queryFn: () => answer(api.GET('/api/me')) }).subscribe(() => undefined)
  await vi.advanceTimersByTimeAsync(999)
  expect(asked, 'what is fetched behind the beginning misses nothing').toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(asked, 'nobody waits longer than a second').toBe(1)
  giveTicket()
  await vi.advanceTimersByTimeAsync(0)
  sockets[0]!.onmessage!({ data: JSON.stringify({ t: 'hello', incarnation: 'i', cursor: 'c' }) })
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toBe(2)
  leave()
  stopLive()
}, 30_000)
