// A form that is filled from an answer: once for each time it opens, as soon as both are there. An answer that comes again
// while somebody types writes over nothing.

import { watch } from 'vue'

export function fillOnce<T>(open: () => boolean, known: () => T | undefined, fill: (known: T) => void): void {
  let filled = false
  watch([open, known], () => {
    const now = known()
    if (!open()) filled = false
    else if (!filled && now !== undefined) {
      filled = true
      fill(now)
    }
  }, { immediate: true })
}
