// The present, as often as a screen needs it.

import { useIntervalFn } from '@vueuse/core'
import { ref, type Ref } from 'vue'

export function useClock(every_ms: number): Readonly<Ref<number>> {
  const now = ref(Date.now())
  useIntervalFn(() => (now.value = Date.now()), every_ms)
  return now
}
