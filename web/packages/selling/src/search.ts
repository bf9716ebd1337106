/**
 * Search over the whole catalogue at every key: marks and case do not matter, words in any order, beginnings count.
 *
 * A variant's words are those of its style, its colour and its size. So a word typed is judged once for every distinct
 * word of the catalogue, then once for every style, colour and size, and a variant costs three look-ups a word.
 */
import type { Catalogue, Style, Variant } from './catalogue.ts'
import { folded, wordsOf } from './words.ts'

/** How well a word fits, best first; docs/rules/search.md. */
const WHOLE_MARKED = 0
const WHOLE_IN_NAME = 1
const WHOLE = 2
const START_MARKED = 3
const START_IN_NAME = 4
const START = 5
const MISS = 99
const WORDS_MAX = 12

export interface StyleHit {
  style: Style
  variants: Variant[]
}

interface Word {
  marked: string
  plain: string
}

export class SearchIndex {
  private readonly words: Word[] = []
  private readonly wordIds = new Map<string, number>()
  private readonly styleNames: number[][]
  private readonly styleOthers: number[][]
  private readonly colours: number[][]
  private readonly sizes: number[][] = []
  private readonly sizeIds = new Map<string, number>()
  /** Where the variants of each style begin in the two arrays below. */
  private readonly firsts: Uint32Array
  private readonly colourOf: Uint16Array
  private readonly sizeOf: Uint16Array

  constructor(private readonly catalogue: Catalogue) {
    this.styleNames = catalogue.styles.map((style) => this.idsOf(style.name_vi))
    this.styleOthers = catalogue.styles.map((style) => this.idsOf(`${style.name_en} ${style.code}`))
    this.colours = catalogue.colours.map((colour) => this.idsOf(`${colour.name_vi} ${colour.name_en} ${colour.code}`))
    const variants = catalogue.styles.flatMap((style) => style.variants)
    this.colourOf = Uint16Array.from(variants, ({ colourIndex }) => colourIndex)
    this.sizeOf = Uint16Array.from(variants, ({ size }) => this.sizeId(size))
    this.firsts = new Uint32Array(catalogue.styles.length)
    let first = 0
    catalogue.styles.forEach((style, place) => {
      this.firsts[place] = first
      first += style.variants.length
    })
  }

  /** The one variant that a code means, if what was typed or scanned is a barcode or an SKU. */
  exact(text: string): Variant | null {
    const code = text.trim()
    return this.catalogue.byBarcode.get(code) ?? this.catalogue.bySku.get(code.toUpperCase()) ?? null
  }

  /** Styles whose variants hold every word, best first; an exact code answers alone. */
  find(text: string, limit = 60): StyleHit[] {
    const code = this.exact(text)
    if (code !== null) return [{ style: code.style, variants: [code] }]
    const asked = wordsOf(text).slice(0, WORDS_MAX)
    if (asked.length === 0) return []
    const judged = asked.map((word) => this.judge(word))
    const hits: { place: number; score: number }[] = []
    for (let place = 0; place < this.catalogue.styles.length; place += 1) {
      const score = this.bestOf(judged, place)
      if (score < MISS) hits.push({ place, score })
    }
    return hits
      .sort((one, other) => one.score - other.score || one.place - other.place)
      .slice(0, limit)
      .flatMap(({ place }) => {
        const style = this.catalogue.styles[place]
        if (style === undefined) return []
        return [{ style, variants: style.variants.filter((_, at) => this.score(judged, place, at) < MISS) }]
      })
  }

  /** The best score of a style's variants. Words that the style itself holds need no look at its variants. */
  private bestOf(judged: readonly Judged[], place: number): number {
    let sum = 0
    for (const word of judged) sum += word.styles[place] ?? MISS
    if (sum < MISS) return sum
    let best = MISS
    const variants = this.catalogue.styles[place]?.variants.length ?? 0
    for (let at = 0; at < variants && best > 0; at += 1) best = Math.min(best, this.score(judged, place, at))
    return best
  }

  private score(judged: readonly Judged[], place: number, at: number): number {
    const colour = this.colourOf[(this.firsts[place] ?? 0) + at] ?? 0
    const size = this.sizeOf[(this.firsts[place] ?? 0) + at] ?? 0
    let sum = 0
    for (const word of judged) {
      const fit = Math.min(word.styles[place] ?? MISS, word.colours[colour] ?? MISS, word.sizes[size] ?? MISS)
      if (fit === MISS) return MISS
      sum += fit
    }
    return sum
  }

  private judge(marked: string): Judged {
    const plain = folded(marked)
    const fits = new Uint8Array(this.words.length)
    for (let id = 0; id < fits.length; id += 1) fits[id] = fitOf(this.words[id], marked, plain)
    const styles = new Uint8Array(this.styleNames.length)
    for (let place = 0; place < styles.length; place += 1) {
      styles[place] = Math.min(
        best(fits, this.styleNames[place], true),
        best(fits, this.styleOthers[place], false),
      )
    }
    return {
      styles,
      colours: Uint8Array.from(this.colours, (ids) => best(fits, ids, false)),
      sizes: Uint8Array.from(this.sizes, (ids) => best(fits, ids, false)),
    }
  }

  private idsOf(text: string): number[] {
    return wordsOf(text).map((marked) => {
      const known = this.wordIds.get(marked)
      if (known !== undefined) return known
      this.words.push({ marked, plain: folded(marked) })
      this.wordIds.set(marked, this.words.length - 1)
      return this.words.length - 1
    })
  }

  private sizeId(size: string): number {
    const known = this.sizeIds.get(size)
    if (known !== undefined) return known
    this.sizes.push(this.idsOf(size))
    this.sizeIds.set(size, this.sizes.length - 1)
    return this.sizes.length - 1
  }
}

interface Judged {
  styles: Uint8Array
  colours: Uint8Array
  sizes: Uint8Array
}

function fitOf(word: Word | undefined, marked: string, plain: string): number {
  if (word === undefined || !word.plain.startsWith(plain)) return MISS
  const whole = word.plain.length === plain.length
  if (word.marked.startsWith(marked)) return whole ? WHOLE_MARKED : START_MARKED
  // Marks were typed and differ: `đầm` still finds `đậm`, behind everything that fits as typed.
  return whole ? WHOLE : START
}

function best(fits: Uint8Array, ids: readonly number[] = [], name: boolean): number {
  let found = MISS
  for (const id of ids) {
    const fit = fits[id] ?? MISS
    const here = !name ? fit : fit === WHOLE ? WHOLE_IN_NAME : fit === START ? START_IN_NAME : fit
    if (here < found) found = here
  }
  return found
}
