// The server's clock on this device: prices change and sales are dated by it, whatever the device believes.

import { useIntervalFn } from '@vueuse/core'
import { ref } from 'vue'
import { keep, kept } from './db'

const offsetMs = ref(0)
/** The device's clock beside one that nobody can set: what it has jumped back by since the server was last heard. */
let anchor = { deviceMs: Date.now(), steadyMs: performance.now() }
const NOTICEABLE_MS = 1_000

/** What an earlier start has learnt. */
export async function loadClock(): Promise<void> {
  offsetMs.value = (await kept('clock_offset_ms')) ?? 0
}

/** Learn how far this device's clock is off. */
export function setServerTime(serverTime: string): void {
  setOffset(Date.parse(serverTime) - Date.now())
}

function setOffset(next: number): void {
  anchor = { deviceMs: Date.now(), steadyMs: performance.now() }
  if (Math.abs(next - offsetMs.value) > NOTICEABLE_MS) void keep('clock_offset_ms', next)
  offsetMs.value = next
}

/** How far the device's clock is behind the server's. */
export const clockOffsetMs = (): number => offsetMs.value

/** Now, by the server's clock. */
export function serverNow(): number {
  return Date.now() + offsetMs.value
}

/**
 * Somebody set the device's clock back: the offset makes up for it. A jump forward is not told from sleep, in which the steady
 * clock stands still; the server puts such a time right when it hears of it.
 */
function watchJumps(): void {
  const jumpedMs = Date.now() - anchor.deviceMs - (performance.now() - anchor.steadyMs)
  if (jumpedMs < -NOTICEABLE_MS) setOffset(offsetMs.value - jumpedMs)
}

/** The moment that screens price and show by; it moves every second. */
export const moment = ref(Date.now())

/** Move the moment now: something begins or ends at it. */
export function turnMoment(): void {
  moment.value = serverNow()
}

/** Let the moment move; called once by the app. */
export function startClock(): void {
  useIntervalFn(() => {
    watchJumps()
    turnMoment()
  }, 1_000, { immediateCallback: true })
}
