/**
 * Search over the whole catalogue at every key: marks and case do not matter, words in any order, beginnings count.
 *
 * A variant's words are those of its style, its colour and its size. The distinct words of the catalogue stand sorted, each
 * with the styles that hold it, and each colour and size with the styles that come in it: a word typed touches only what
 * begins with it. Variants are looked at one by one only where two words must meet in one of them. Words judged at one key
 * are remembered for the next.
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
const JUDGED_MAX = 64

/** A style, and those of its variants that were meant. They become objects when somebody looks at them. */
export interface StyleHit {
  style: Style
  /** Where they stand in the columns of their catalogue. */
  catalogue: Catalogue
  readonly places: readonly number[]
  readonly variants: readonly Variant[]
}

/** What was found as things to show. */
export function hitsOf(catalogue: Catalogue, found: readonly Found[]): StyleHit[] {
  return found.flatMap(({ style: place, variants }) => {
    const style = catalogue.styles[place]
    return style === undefined ? [] : [hitOf(catalogue, style, variants)]
  })
}

/** A style with every variant, or with these, counted from its first. */
export function hitOf(catalogue: Catalogue, style: Style, chosen: readonly number[] | null = null): StyleHit {
  const { firsts } = catalogue.columns
  const first = firsts[style.index] ?? 0
  return {
    style,
    catalogue,
    get places(): readonly number[] {
      if (chosen !== null) return chosen.map((at) => first + at)
      return Array.from({ length: (firsts[style.index + 1] ?? first) - first }, (_, at) => first + at)
    },
    get variants(): readonly Variant[] {
      return chosen === null ? style.variants : chosen.flatMap((at) => style.variants[at] ?? [])
    },
  }
}

interface Word {
  marked: string
  plain: string
  id: number
  /** Places of the styles that hold it in their Vietnamese name, and elsewhere. */
  names: number[]
  others: number[]
}

/** What a search found, without objects: places of styles, and of their variants counted from the style's first. */
export interface Found {
  style: number
  /** Every variant of the style, or these. */
  variants: number[] | null
}

export class SearchIndex {
  /** The distinct words, sorted as they are without marks. */
  private readonly words: Word[]
  private readonly colours: number[][]
  private readonly sizes: number[][]
  /** The styles that come in each colour, and in each size. */
  private readonly inColour: number[][]
  private readonly inSize: number[][]
  private readonly judged = new Map<string, Judged>()

  constructor(private readonly catalogue: Catalogue) {
    const known = new Map<string, Word>()
    const learn = (text: string): Word[] =>
      wordsOf(text).map((marked) => {
        const word = known.get(marked) ?? { marked, plain: folded(marked), id: 0, names: [], others: [] }
        known.set(marked, word)
        return word
      })
    catalogue.styles.forEach((style, place) => {
      for (const word of learn(style.name_vi)) word.names.push(place)
      for (const word of learn(`${style.name_en} ${style.code}`)) word.others.push(place)
    })
    const colours = catalogue.colours.map((colour) => learn(`${colour.name_vi} ${colour.name_en} ${colour.code}`))
    const sizes = catalogue.sizes.map((size) => learn(size))
    this.words = [...known.values()].sort((one, other) => (one.plain < other.plain ? -1 : one.plain > other.plain ? 1 : 0))
    this.words.forEach((word, id) => { word.id = id })
    this.colours = colours.map((held) => held.map(({ id }) => id))
    this.sizes = sizes.map((held) => held.map(({ id }) => id))
    this.inColour = stylesOf(catalogue, catalogue.columns.colours, catalogue.colours.length)
    this.inSize = stylesOf(catalogue, catalogue.columns.sizes, catalogue.sizes.length)
  }

  /** Styles whose variants hold every word, best first; an exact code answers alone. */
  find(text: string, limit = 60): Found[] {
    const code = text.trim()
    const exact = this.catalogue.byBarcode.get(code) ?? this.catalogue.bySku.get(code)
    if (exact !== undefined) return [{ style: exact.style.index, variants: [exact.style.variants.indexOf(exact)] }]
    const asked = wordsOf(text).slice(0, WORDS_MAX)
    if (asked.length === 0) return []
    const judged = asked.map((word) => this.judgedOf(word))
    // Scores are few and small: each has its heap, and a heap holds no more than are shown.
    const heaps: number[][] = []
    for (let place = 0; place < this.catalogue.styles.length; place += 1) {
      const score = this.bestOf(judged, place)
      if (score >= MISS) continue
      const heap = (heaps[score] ??= [])
      if (heap.length < limit) heap.push(place)
    }
    return heaps.flat().slice(0, limit).map((place) => ({ style: place, variants: this.variantsOf(judged, place) }))
  }

  private variantsOf(judged: readonly Judged[], place: number): number[] | null {
    const { firsts } = this.catalogue.columns
    const count = (firsts[place + 1] ?? 0) - (firsts[place] ?? 0)
    const fitting: number[] = []
    for (let at = 0; at < count; at += 1) if (this.score(judged, place, at) < MISS) fitting.push(at)
    return fitting.length === count ? null : fitting
  }

  /**
   * The best score of a style's variants. If at most one word leans on a colour or a size, some variant has it; if two do,
   * they must meet in one.
   */
  private bestOf(judged: readonly Judged[], place: number): number {
    let sum = 0
    let leaning = 0
    for (const word of judged) {
      const fit = word.best[place] ?? MISS
      if (fit === MISS) return MISS
      sum += fit
      if (fit < (word.styles[place] ?? MISS)) leaning += 1
    }
    if (leaning < 2) return sum
    let best = MISS
    const { firsts } = this.catalogue.columns
    const variants = (firsts[place + 1] ?? 0) - (firsts[place] ?? 0)
    for (let at = 0; at < variants && best > sum; at += 1) best = Math.min(best, this.score(judged, place, at))
    return best
  }

  private score(judged: readonly Judged[], place: number, at: number): number {
    const { firsts, colours, sizes } = this.catalogue.columns
    const colour = colours[(firsts[place] ?? 0) + at] ?? 0
    const size = sizes[(firsts[place] ?? 0) + at] ?? 0
    let sum = 0
    for (const word of judged) {
      const fit = Math.min(word.styles[place] ?? MISS, word.colours[colour] ?? MISS, word.sizes[size] ?? MISS)
      if (fit === MISS) return MISS
      sum += fit
    }
    return sum
  }

  private judgedOf(word: string): Judged {
    const known = this.judged.get(word)
    if (known !== undefined) return known
    if (this.judged.size >= JUDGED_MAX) this.judged.clear()
    const fresh = this.judge(word)
    this.judged.set(word, fresh)
    return fresh
  }

  private judge(marked: string): Judged {
    const plain = folded(marked)
    const fits = new Map<number, number>()
    const styles = new Uint8Array(this.catalogue.styles.length).fill(MISS)
    for (let id = this.firstFrom(plain); id < this.words.length; id += 1) {
      const word = this.words[id]
      if (word === undefined || !word.plain.startsWith(plain)) break
      const fit = fitOf(word, marked, plain)
      const inName = fit === WHOLE ? WHOLE_IN_NAME : fit === START ? START_IN_NAME : fit
      fits.set(id, fit)
      for (const place of word.names) if (inName < (styles[place] ?? 0)) styles[place] = inName
      for (const place of word.others) if (fit < (styles[place] ?? 0)) styles[place] = fit
    }
    const best = (ids: readonly number[]): number => ids.reduce((found, id) => Math.min(found, fits.get(id) ?? MISS), MISS)
    const [colours, sizes] = [Uint8Array.from(this.colours, best), Uint8Array.from(this.sizes, best)]
    return { styles, best: this.withVariants(styles, colours, sizes), colours, sizes }
  }

  /** How well a style fits by itself or by any of its variants. */
  private withVariants(styles: Uint8Array, colours: Uint8Array, sizes: Uint8Array): Uint8Array {
    const best = styles.slice()
    for (const [fits, holders] of [[colours, this.inColour], [sizes, this.inSize]] as const) {
      fits.forEach((fit, at) => {
        if (fit < MISS) for (const place of holders[at] ?? []) if (fit < (best[place] ?? 0)) best[place] = fit
      })
    }
    return best
  }

  /** The first word that is not before this one. */
  private firstFrom(plain: string): number {
    let [low, high] = [0, this.words.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.words[middle]?.plain ?? '') < plain) low = middle + 1
      else high = middle
    }
    return low
  }
}

interface Judged {
  styles: Uint8Array
  /** The same with the colours and sizes that a style comes in. */
  best: Uint8Array
  colours: Uint8Array
  sizes: Uint8Array
}

/** The styles that have a variant of each kind, each once. */
function stylesOf({ columns: { firsts }, styles }: Catalogue, kinds: Uint16Array, count: number): number[][] {
  const holders: number[][] = Array.from({ length: count }, () => [])
  styles.forEach((_, place) => {
    for (let at = firsts[place] ?? 0; at < (firsts[place + 1] ?? 0); at += 1) {
      const of = holders[kinds[at] ?? 0]
      if (of !== undefined && of.at(-1) !== place) of.push(place)
    }
  })
  return holders
}

/** How well a word that begins with what was typed fits. */
function fitOf(word: Word, marked: string, plain: string): number {
  const whole = word.plain.length === plain.length
  if (word.marked.startsWith(marked)) return whole ? WHOLE_MARKED : START_MARKED
  // Marks were typed and differ: `đầm` still finds `đậm`, behind everything that fits as typed.
  return whole ? WHOLE : START
}
