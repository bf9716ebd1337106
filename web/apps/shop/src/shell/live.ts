// Keeps what a page shows of prices and stock true: asks every few seconds while the page is seen, and at the very moment
// at which a price turns, by the shop's clock and not by the device's.

import type { Schemas } from '@placket/api'
import { api } from '../api.ts'

export type LiveVariant = Schemas['LiveVariant']

const EVERY_MS = 15_000
const TURN_SLACK_MS = 60

/** Watch some variants, first after a moment; the answer to call stops it. */
export function watchLive(variantIds: () => string[], hear: (items: LiveVariant[]) => void, first_ms = 1_500, every_ms = EVERY_MS): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Whoever comes back to the page asks at once: an answer that is still on its way is not waited for any more. */
  let turn = 0

  async function ask(): Promise<void> {
    const mine = ++turn
    clearTimeout(timer)
    const asked = variantIds()
    let wait_ms = every_ms
    if (asked.length > 0 && !document.hidden) {
      const askedAt = performance.now()
      try {
        const { data } = await api.GET('/api/shop/v1/live', { params: { query: { variant: asked } } })
        if (data !== undefined && mine === turn) {
          hear(data.items)
          // The next question takes as long on its way as this one: it arrives when the price has turned.
          const took_ms = performance.now() - askedAt
          wait_ms = Math.min(every_ms, Math.max(250, data.turns_at_ms - data.now_ms - took_ms + TURN_SLACK_MS))
        }
      } catch {
        // Without an answer the page keeps what it shows; the next question may have more luck.
      }
    }
    if (mine === turn) timer = setTimeout(() => void ask(), wait_ms)
  }

  const seen = (): void => {
    if (!document.hidden) void ask()
  }
  document.addEventListener('visibilitychange', seen)
  timer = setTimeout(() => void ask(), first_ms)
  return () => {
    turn += 1
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  }
}
