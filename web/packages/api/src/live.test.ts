// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Live, type LiveEvent, type LiveOptions, type LiveState, type Socket } from './live.ts'

class FakeSocket implements Socket {
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  closed = false

  constructor(readonly url: string) {}

  close(): void {
    this.closed = true
  }

  say(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  lose(code = 1006): void {
    this.onclose?.({ code })
  }

  get query(): URLSearchParams {
    return new URL(this.url).searchParams
  }
}

const changed = (version: number): LiveEvent => ({ topic: 'stock.changed', key: 'a:b', version, payload: {} })

function setUp(options: Partial<LiveOptions> = {}) {
  const sockets: FakeSocket[] = []
  const events: LiveEvent[] = []
  const states: LiveState[] = []
  const ended = vi.fn()
  let tickets = 0
  const live = new Live({
    url: 'ws://shop/ws',
    ticket: async () => `ticket-${++tickets}`,
    cursor: 'c0',
    onEvents: (batch) => events.push(...batch),
    onSnapshot: async () => 'fresh',
    onState: (state) => states.push(state),
    onEnded: ended,
    open: (url) => {
      const socket = new FakeSocket(url)
      sockets.push(socket)
      return socket
    },
    random: () => 1,
    ...options,
  })
  return { live, sockets, events, states, ended }
}

const settle = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the stream of events', () => {
  it('connects with a ticket and the cursor of the data on the screen', async () => {
    const { live, sockets, states } = setUp()
    live.start()
    await settle()
    expect(sockets[0]!.query.get('ticket')).toBe('ticket-1')
    expect(sockets[0]!.query.get('cursor')).toBe('c0')
    sockets[0]!.say({ t: 'hello', incarnation: 'i', cursor: 'c0' })
    await settle()
    expect(states).toEqual(['connecting', 'live'])
  })

  it('hands events on and continues from their cursor after an interruption, with a new ticket', async () => {
    const { live, sockets, events } = setUp()
    live.start()
    await settle()
    sockets[0]!.say({ t: 'hello', incarnation: 'i', cursor: 'c0' })
    sockets[0]!.say({ t: 'events', cursor: 'c7', events: [changed(1), changed(2)] })
    sockets[0]!.lose()
    expect(live.state).toBe('offline')
    await vi.advanceTimersByTimeAsync(500)
    expect(events.map((event) => event.version)).toEqual([1, 2])
    expect(sockets[1]!.query.get('cursor')).toBe('c7')
    expect(sockets[1]!.query.get('ticket')).toBe('ticket-2')
  })

  it('takes a socket that has gone silent for dead', async () => {
    const { live, sockets } = setUp()
    live.start()
    await settle()
    sockets[0]!.say({ t: 'hello', incarnation: 'i', cursor: 'c0' })
    await vi.advanceTimersByTimeAsync(20_000)
    sockets[0]!.say({ t: 'beat' })
    await vi.advanceTimersByTimeAsync(24_999)
    expect(live.state).toBe('live')
    await vi.advanceTimersByTimeAsync(1)
    expect(sockets[0]!.closed).toBe(true)
    expect(live.state).toBe('offline')
    sockets[0]!.say({ t: 'events', cursor: 'late', events: [changed(9)] })
    await vi.advanceTimersByTimeAsync(500)
    expect(sockets).toHaveLength(2)
    expect(sockets[1]!.query.get('cursor')).toBe('c0')
  })

  it('backs off up to half a minute and starts afresh after a success', async () => {
    const { live, sockets } = setUp()
    live.start()
    await settle()
    const waits = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    for (const [tries, wait] of waits.entries()) {
      sockets.at(-1)!.lose()
      await vi.advanceTimersByTimeAsync(wait - 1)
      expect(sockets).toHaveLength(tries + 1)
      await vi.advanceTimersByTimeAsync(1)
      expect(sockets).toHaveLength(tries + 2)
    }
    sockets.at(-1)!.say({ t: 'hello', incarnation: 'i', cursor: 'c' })
    sockets.at(-1)!.lose(4408)
    await vi.advanceTimersByTimeAsync(500)
    expect(sockets).toHaveLength(waits.length + 2)
  })

  it('spreads terminals that come back together', async () => {
    const { live, sockets } = setUp({ random: () => 0 })
    live.start()
    await settle()
    sockets[0]!.lose()
    await vi.advanceTimersByTimeAsync(250)
    expect(sockets).toHaveLength(2)
  })

  it('refetches when it was away too long, then connects from the new cursor', async () => {
    const { live, sockets } = setUp()
    live.start()
    await settle()
    sockets[0]!.say({ t: 'snapshot' })
    await settle()
    await settle()
    expect(sockets[0]!.closed).toBe(true)
    expect(sockets[1]!.query.get('cursor')).toBe('fresh')
  })

  it('refetches when the server has another history', async () => {
    const onSnapshot = vi.fn(async () => 'other')
    const { live, sockets } = setUp({ onSnapshot })
    live.start()
    await settle()
    sockets[0]!.say({ t: 'hello', incarnation: 'one', cursor: 'c1' })
    sockets[0]!.lose()
    await vi.advanceTimersByTimeAsync(500)
    sockets[1]!.say({ t: 'hello', incarnation: 'two', cursor: 'x' })
    await settle()
    await settle()
    expect(onSnapshot).toHaveBeenCalledTimes(1)
    expect(sockets[2]!.query.get('cursor')).toBe('other')
  })

  it('tries again when fetching afresh fails', async () => {
    const onSnapshot = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('down')).mockResolvedValue('c5')
    const { live, sockets } = setUp({ onSnapshot })
    live.start()
    await settle()
    sockets[0]!.say({ t: 'snapshot' })
    await vi.advanceTimersByTimeAsync(500)
    sockets[1]!.say({ t: 'snapshot' })
    await settle()
    await settle()
    expect(sockets[2]!.query.get('cursor')).toBe('c5')
  })

  it.each([4401, 4409])('stops for good when the session has ended (%i)', async (code) => {
    const { live, sockets, ended } = setUp()
    live.start()
    await settle()
    sockets[0]!.lose(code)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(live.state).toBe('ended')
    expect(ended).toHaveBeenCalledTimes(1)
    expect(sockets).toHaveLength(1)
  })

  it('stops when no ticket is given to who is not signed in, and retries when the ticket office is unreachable', async () => {
    const refused = setUp({ ticket: () => Promise.reject(Object.assign(new Error(), { status: 401 })) })
    refused.live.start()
    await settle()
    expect(refused.live.state).toBe('ended')

    const ticket = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('network')).mockResolvedValue('t')
    const down = setUp({ ticket })
    down.live.start()
    await vi.advanceTimersByTimeAsync(500)
    expect(down.sockets).toHaveLength(1)
  })

  it('connects at once when the network is back', async () => {
    const { live, sockets } = setUp()
    live.start()
    await settle()
    for (let tries = 0; tries < 5; tries += 1) {
      sockets.at(-1)!.lose()
      live.hurry()
      await settle()
    }
    expect(sockets).toHaveLength(6)
  })

  it('takes the word of a browser that has lost the network', async () => {
    const { live, sockets } = setUp()
    live.start()
    await settle()
    sockets[0]!.say({ t: 'hello', incarnation: 'i', cursor: 'c0' })
    live.lost()
    expect([live.state, sockets[0]!.closed]).toEqual(['offline', true])
    await vi.advanceTimersByTimeAsync(500)
    expect(sockets).toHaveLength(2)
  })

  it('says nothing more after it was stopped', async () => {
    const { live, sockets, events } = setUp()
    live.start()
    await settle()
    live.stop()
    sockets[0]!.say({ t: 'events', cursor: 'c', events: [changed(1)] })
    await vi.advanceTimersByTimeAsync(120_000)
    expect(events).toEqual([])
    expect(sockets).toHaveLength(1)
  })
})
