import { afterEach, beforeEach, expect, it, vi } from 'vitest'

/** Questions that wait, oldest first, each with what answers it. */
const waiting: ((items: unknown[], turnsIn_ms?: number) => Promise<unknown>)[] = []
let stop: () => void

beforeEach(async () => {
  vi.useFakeTimers()
  waiting.length = 0
  vi.stubGlobal('fetch', () => new Promise((answer) => waiting.push((items, turnsIn_ms = 3_600_000) => {
    answer(Response.json({ items, now_ms: 0, turns_at_ms: turnsIn_ms }))
    return vi.advanceTimersByTimeAsync(0)
  })))
  vi.resetModules()
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

async function watch(): Promise<unknown[][]> {
  const heard: unknown[][] = []
  const { watchLive } = await import('./live.ts')
  stop = watchLive(() => ['v'], (items) => heard.push(items))
  await vi.advanceTimersByTimeAsync(1_500)
  return heard
}

it('asks once at a time, however often somebody comes back, and hears the last answer only', async () => {
  const heard = await watch()
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.advanceTimersByTimeAsync(0)
  expect(waiting).toHaveLength(2)
  await waiting[1]!(['new'])
  await waiting[0]!(['old'])
  expect(heard).toEqual([['new']])
  await vi.advanceTimersByTimeAsync(15_000)
  expect(waiting, 'one round of questions, not two').toHaveLength(3)
})

it('asks as early for a price that turns as the question is long on its way', async () => {
  await watch()
  await vi.advanceTimersByTimeAsync(700)
  await waiting[0]!(['before'], 5_000)
  await vi.advanceTimersByTimeAsync(4_359)
  expect(waiting).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(waiting).toHaveLength(2)
})
