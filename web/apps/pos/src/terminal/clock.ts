// The server's clock on this device: prices change by it, whatever the device believes.

import { useIntervalFn } from '@vueuse/core'
import { ref } from 'vue'

const offsetMs = ref(0)

/** Learn how far this device's clock is off. */
export function setServerTime(serverTime: string): void {
  offsetMs.value = Date.parse(serverTime) - Date.now()
}

/** Now, by the server's clock. */
export function serverNow(): number {
  return Date.now() + offsetMs.value
}

/** The moment that screens price and show by; it moves every second. */
export const moment = ref(Date.now())

/** Let the moment move; called once by the app. */
export function startClock(): void {
  useIntervalFn(() => { moment.value = serverNow() }, 1_000, { immediateCallback: true })
}
