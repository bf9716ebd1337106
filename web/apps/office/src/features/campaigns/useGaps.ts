// Puts fields that fill themselves in where somebody writes: at the cursor of the part they were last in.
import { nextTick, shallowRef } from 'vue'
import { PARTS, putIn, type Part } from './draft.ts'

type Writing = HTMLInputElement | HTMLTextAreaElement

/** `elsewhere` is the part that takes them when nobody has written anywhere yet. */
export function useGaps(words: () => Record<Part, string>, elsewhere: () => Part) {
  const writing = shallowRef<Writing>()

  function noteCursor({ target }: FocusEvent): void {
    if ((target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && target.dataset.part !== undefined) writing.value = target
  }

  function put(gap: string): void {
    const here = writing.value?.isConnected === true ? writing.value : undefined
    const part = PARTS.find((one) => one === here?.dataset.part) ?? elsewhere()
    const [written, cursor] = putIn(words()[part], gap, here?.selectionStart ?? undefined)
    words()[part] = written
    void nextTick(() => {
      here?.focus()
      here?.setSelectionRange(cursor, cursor)
    })
  }

  return { noteCursor, put }
}
