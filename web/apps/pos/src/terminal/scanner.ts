// Scans from any focus: hears every key before anybody else and gives back the text field that a scan typed into.

import { ScanReader, SILENCE_MS } from '@placket/selling'
import { useEventListener } from '@vueuse/core'
import { onScopeDispose } from 'vue'
import { mark } from './marks'

interface Field {
  element: HTMLInputElement | HTMLTextAreaElement
  value: string
}

/** Somebody tries the scanner out: what it reads means nothing else meanwhile. */
let borrowed: ((code: string, tookMs: number) => void) | undefined

/** Hear the next scans instead of the screen; without anybody the screen hears them again. */
export function borrowScans(hear: ((code: string, tookMs: number) => void) | undefined): void {
  borrowed = hear
}

/** A busy browser hands keys on late: silence ends at once only what is a whole code. */
const PATIENCE_MS = 600

/**
 * Hear scans while the caller is on the screen. `onScan` is also told what stood in the field with the focus;
 * `means` says whether a code is known, so that half of one is not taken for an unknown code.
 */
export function useScanner(onScan: (code: string, typed: string) => void, means: (code: string) => boolean): void {
  let field: Field | undefined
  /** The field took the focus only during the scan: its first key had gone to the search of the screen. */
  let strayed = false
  let silence: ReturnType<typeof setTimeout> | undefined
  let begunAt = 0

  const reader = new ScanReader(
    (code) => {
      mark('scan:in')
      const before = field
      if (before !== undefined) giveBack(before)
      // Where nothing had the focus, nothing has it after: the next key is the sale's, not the search's.
      if (strayed) before?.element.blur()
      if (borrowed !== undefined) return borrowed(code, performance.now() - begunAt)
      onScan(code, before?.value ?? '')
    },
    () => {
      field = focused()
      strayed = false
      begunAt = performance.now()
    },
  )

  useEventListener(
    window,
    'keydown',
    (event) => {
      clearTimeout(silence)
      if (reader.press(event) === 'swallow') {
        event.preventDefault()
        event.stopImmediatePropagation()
        return
      }
      if (!reader.scanning) return
      silence = setTimeout(() => {
        if (means(reader.soFar)) reader.silence()
        else silence = setTimeout(() => reader.silence(), PATIENCE_MS)
      }, SILENCE_MS)
    },
    { capture: true },
  )

  // Heard before the key that moved the focus has typed anything, so what stood in the field is whole.
  useEventListener(window, 'focusin', () => {
    if (reader.soFar === '' || field !== undefined) return
    field = focused()
    strayed = field !== undefined
  })

  // A code that is begun on one screen is not read out into the fields of the next.
  onScopeDispose(() => { clearTimeout(silence) })
}

function focused(): Field | undefined {
  const element = document.activeElement
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
    ? { element, value: element.value }
    : undefined
}

function giveBack({ element, value }: Field): void {
  element.value = value
  element.dispatchEvent(new Event('input', { bubbles: true }))
}
