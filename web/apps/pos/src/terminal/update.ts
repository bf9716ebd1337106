// The installed app: it starts without network, and a new version takes over only where it can disturb nothing.

import { isEmpty } from '@placket/selling'
import { registerSW } from 'virtual:pwa-register'
import { computed, ref } from 'vue'
import { useInvoices } from './invoices'
import { useJournal } from './journal'

const waiting = ref(false)
const LOOK_EVERY_MS = 30 * 60_000
let replace: ((reload?: boolean) => Promise<void>) | undefined

/** Keep the app on the device and look for new versions now and then; called once by the app. */
export function installApp(): void {
  replace = registerSW({
    immediate: true,
    onNeedRefresh: () => { waiting.value = true },
    onRegisteredSW: (_, registration) => {
      setInterval(() => { if (navigator.onLine) void registration?.update().catch(() => undefined) }, LOOK_EVERY_MS)
    },
  })
}

/** Start the new version. */
export function updateApp(): void {
  void replace?.(true)
}

export function useUpdate() {
  return {
    waiting,
    /** Nothing is being sold and nothing waits to be sent. */
    safe: computed(() => useJournal().unsent.value.length === 0 && useInvoices().tabs.value.carts.every(isEmpty)),
  }
}
