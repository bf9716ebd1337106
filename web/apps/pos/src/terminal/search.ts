// What is typed into the search of the sale screen, and what was found for it. Whoever shows it reads it here, so that a key
// paints the field and the tiles and nothing else.

import type { StyleHit } from '@placket/selling'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { findGoods, useGoods } from './goods'
import { mark, markPainted, markShown } from './marks'

/** What was found for these words, best first. */
export interface Found {
  words: string
  hits: readonly StyleHit[]
}

const DIGITS_REST_MS = 250
const HITS_MAX = 60

const text = ref('')
const found = shallowRef<Found>()
/** Spaces around the words find nothing else. */
const words = computed(() => text.value.trim())
let waiting: ReturnType<typeof setTimeout> | undefined

/** Search at every key while the caller is on the screen; with it goes what was typed. */
export function followSearch(): void {
  watch([words, useGoods().catalogue], () => {
    clearTimeout(waiting)
    waiting = isScan(words.value) ? setTimeout(look, DIGITS_REST_MS) : undefined
    if (waiting === undefined) look()
  })
  onScopeDispose(() => {
    clearTimeout(waiting)
    waiting = undefined
    text.value = ''
    found.value = undefined
  })
}

export function clearSearch(): void {
  text.value = ''
}

/** What is found for what is typed, digits that are still resting included. */
export function settledHits(): readonly StyleHit[] {
  if (waiting !== undefined) {
    clearTimeout(waiting)
    look()
  }
  return found.value?.hits ?? []
}

/** Digits alone may be the beginning of a scan, which must not wait for a grid to be painted: they are looked for when they rest. */
const isScan = (wanted: string): boolean => /^\d+$/.test(wanted)
/** A star begins a quantity. */
const isSought = (wanted: string): boolean => wanted !== '' && !wanted.startsWith('*')

/** In the same breath as the key: an answer from a worker would come behind the frame that paints the field. */
function look(): void {
  mark('search:key')
  waiting = undefined
  const wanted = words.value
  found.value = isSought(wanted) ? { words: wanted, hits: findGoods(wanted, HITS_MAX) } : undefined
  void markShown('search:shown')
  void markPainted('search:painted')
}

export function useSearch() {
  return { text, words, found }
}
