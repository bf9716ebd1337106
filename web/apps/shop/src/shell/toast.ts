// One sentence about what has just been done, with a way on or back; it goes by itself after six seconds.

import { ref } from 'vue'

export interface Toast {
  text: string
  link?: { word: string; href: string }
  act?: { word: string; run: () => void }
}

const STAYS_MS = 6_000

export const toast = ref<Toast>()
let timer: ReturnType<typeof setTimeout> | undefined

/** Say it. */
export function tell(said: Toast): void {
  toast.value = said
  hold(false)
}

/** Let it stay while somebody is at it. */
export function hold(stays: boolean): void {
  clearTimeout(timer)
  if (!stays) timer = setTimeout(() => (toast.value = undefined), STAYS_MS)
}
