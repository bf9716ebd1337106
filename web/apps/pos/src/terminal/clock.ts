// The server's clock on this device: prices change and sales are dated by it, whatever the device believes. When the device's
// clock cannot be trusted and the server cannot be asked, somebody confirms the time with their PIN: docs/rules/offline.md.

import { useEventListener, useIntervalFn } from '@vueuse/core'
import { ref } from 'vue'
import { keep, kept } from './db'

/** Why the time is not sure: the server was never heard, or the clock has jumped since. */
export type ClockDoubt = 'unknown' | 'jumped'

const offsetMs = ref(0)
const doubt = ref<ClockDoubt>()
/** Who has confirmed the time since the server was last heard. */
const confirmedBy = ref<string>()
/** The device's clock beside one that nobody can set: what it has jumped by since the server was last heard. */
let anchor = { deviceMs: Date.now(), steadyMs: performance.now() }
/** The offset on the device is the server's, or the last start's; before that nothing is kept. */
let loaded = false
let seenMs = 0
const NOTICEABLE_MS = 1_000
const JUMP_MS = 120_000
const SEEN_EVERY_MS = 60_000

/** What an earlier start has learnt: the offset, and up to when it had been. */
export async function loadClock(): Promise<void> {
  const [offset, seen] = await Promise.all([kept('clock_offset_ms'), kept('clock_seen_ms')])
  offsetMs.value = offset ?? 0
  seenMs = seen ?? 0
  if (offset === undefined) doubt.value = 'unknown'
  else if (serverNow() < seenMs - JUMP_MS) doubt.value = 'jumped'
  loaded = true
}

/** Learn how far this device's clock is off: from here on its time is the server's. */
export function setServerTime(serverTime: string): void {
  setOffset(Date.parse(serverTime) - Date.now(), doubt.value === 'unknown' || !loaded)
  doubt.value = undefined
  confirmedBy.value = undefined
  loaded = true
  noteSeen(serverNow() < seenMs)
}

/** Somebody has looked at the time and proved who they are. */
export function confirmClock(staffId: string): void {
  anchor = { deviceMs: Date.now(), steadyMs: performance.now() }
  confirmedBy.value = staffId
  doubt.value = undefined
  noteSeen(true)
}

function setOffset(next: number, always = false): void {
  anchor = { deviceMs: Date.now(), steadyMs: performance.now() }
  if (always || Math.abs(next - offsetMs.value) > NOTICEABLE_MS) void keep('clock_offset_ms', next)
  offsetMs.value = next
}

/** A start whose clock is before the last moment of the one before it has a clock that was set back. */
function noteSeen(always = false): void {
  if (!always && serverNow() - seenMs < SEEN_EVERY_MS) return
  seenMs = serverNow()
  void keep('clock_seen_ms', seenMs)
}

/** How far the device's clock is behind the server's. */
export const clockOffsetMs = (): number => offsetMs.value

/** Now, by the server's clock. */
export function serverNow(): number {
  return Date.now() + offsetMs.value
}

/** The screen was dark since the clocks were last compared, or somebody looked at something else. */
let away = false

/** The screen goes dark, or comes back. */
export function watchSleep(): void {
  if (document.visibilityState === 'hidden') away = true
  else watchJumps()
}

/**
 * Somebody set the device's clock back: the offset makes up for it. A leap forward while the screen was dark is a sleep, in which
 * the steady clock stands still: the device's clock went on, and is believed as it is at a start. Any other leap is doubted until
 * the server is heard.
 */
export function watchJumps(): void {
  const jumpedMs = Date.now() - anchor.deviceMs - (performance.now() - anchor.steadyMs)
  const slept = away && jumpedMs > JUMP_MS
  if (document.visibilityState !== 'hidden') away = false
  if (slept) anchor = { deviceMs: Date.now(), steadyMs: performance.now() }
  else if (Math.abs(jumpedMs) > JUMP_MS) doubt.value = 'jumped'
  if (jumpedMs < -NOTICEABLE_MS) setOffset(offsetMs.value - jumpedMs)
  if (loaded && doubt.value === undefined) noteSeen()
}

/** The moment that screens price and show by; it moves every second. */
export const moment = ref(Date.now())

/** Move the moment now: something begins or ends at it. */
export function turnMoment(): void {
  moment.value = serverNow()
}

/** Let the moment move; called once by the app. */
export function startClock(): void {
  useEventListener(document, 'visibilitychange', watchSleep)
  useIntervalFn(() => {
    watchJumps()
    turnMoment()
  }, 1_000, { immediateCallback: true })
}

export function useClockDoubt() {
  return { doubt, confirmedBy }
}
