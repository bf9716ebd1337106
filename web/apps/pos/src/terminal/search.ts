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
let looking: Promise<void> | undefined
let looks = 0
/** What is asked about a key that the field is about to show; it is good for this key only. */
let foreseen: { words: string; hits: ReturnType<typeof findGoods> } | undefined

/** Ask the worker about words that are just being typed. */
export function foresee(typed: string): void {
  const wanted = typed.trim()
  if (looking !== undefined || wanted === words.value || !isSought(wanted) || isScan(wanted)) return
  foreseen = { words: wanted, hits: findGoods(wanted, HITS_MAX) }
  setTimeout(() => { foreseen = undefined })
}

/** Search at every key while the caller is on the screen; with it goes what was typed. */
export function followSearch(): void {
  watch([words, useGoods().catalogue], () => {
    clearTimeout(waiting)
    if (isScan(words.value)) waiting = setTimeout(look, DIGITS_REST_MS)
    else look()
  })
  onScopeDispose(() => {
    clearTimeout(waiting)
    text.value = ''
    found.value = undefined
  })
}

export function clearSearch(): void {
  text.value = ''
}

/** What is found for what is typed, waiting for it if need be. */
export async function settledHits(): Promise<readonly StyleHit[]> {
  if (waiting !== undefined) {
    clearTimeout(waiting)
    look()
  }
  await looking
  return found.value?.hits ?? []
}

/** Digits alone may be the beginning of a scan, which must not wait for a grid to be painted: they are looked for when they rest. */
const isScan = (wanted: string): boolean => /^\d+$/.test(wanted)
/** A star begins a quantity. */
const isSought = (wanted: string): boolean => wanted !== '' && !wanted.startsWith('*')

function look(): void {
  mark('search:key')
  waiting = undefined
  looks += 1
  looking ??= find().finally(() => { looking = undefined })
}

/** One question at a time: of those that come meanwhile only the newest is asked, when the answer is there. */
async function find(): Promise<void> {
  let asked: number
  do {
    asked = looks
    const wanted = words.value
    const searching = isSought(wanted)
    const asking = foreseen?.words === wanted ? foreseen.hits : undefined
    const hits = searching ? await (asking ?? findGoods(wanted, HITS_MAX)) : undefined
    // With no answer the catalogue is just being replaced, and is looked through again in a moment.
    if (asked === looks && !(searching && hits === undefined)) show(wanted, hits)
  } while (asked !== looks)
}

function show(wanted: string, hits: readonly StyleHit[] | undefined): void {
  found.value = hits === undefined ? undefined : { words: wanted, hits }
  void markShown('search:shown')
  void markPainted('search:painted')
}

export function useSearch() {
  return { text, words, found }
}
