// Which styles the grid shows: what is typed, a category, or what sells here today; each with price and stock.

import { pictureOf, priceRange, type Style, type StyleHit } from '@placket/selling'
import { computed, onScopeDispose, ref, watch, type InjectionKey, type Ref } from 'vue'
import { moment } from '../../terminal/clock'
import { useGoods } from '../../terminal/goods'
import { freeHere, learnEverywhere, useStock } from '../../terminal/stock'
import { useTill } from '../../terminal/till'

export const BEST = 'best'
const PAGE = 60
/** What a screen shows without scrolling is painted at once; the rest, and pictures, when nobody types any more. */
const FIRST = 12
const REST_MS = 300
const LEARN_MAX = 12

/** Whether the tiles stay for now. */
export const RESTING: InjectionKey<Readonly<Ref<boolean>>> = Symbol('resting')

export interface TileFace {
  key: string
  style: Style
  hit: StyleHit
  picture: string | null
  priceVnd: number | null
  from: boolean
  free: number
  /** Other branches with some, or none while nobody has asked yet. */
  elsewhere: number | undefined
}

export function useTiles(hits: Ref<StyleHit[] | undefined>) {
  const { catalogue, locations, today, priceTurn } = useGoods()
  const { view, knowsEverywhere } = useStock()
  const { branchId } = useTill()
  const category = ref(BEST)
  const shown = ref(FIRST)
  const resting = ref(false)
  let rest: ReturnType<typeof setTimeout> | undefined
  // Prices are those of this minute; the second hand would paint the grid for nothing.
  const minute = computed(() => Math.floor(moment.value / 60_000) * 60_000 + 59_999)

  const categories = computed(() => {
    const used = new Set(catalogue.value?.styles.map(({ category_id: id }) => id))
    const all = catalogue.value?.categories ?? []
    return all
      .filter(({ parent_id: parent }) => parent === null)
      .map((top) => ({ top, ids: [top.id, ...all.filter(({ parent_id: parent }) => parent === top.id).map(({ id }) => id)] }))
      .filter(({ ids }) => ids.some((id) => used.has(id)))
      .sort((a, b) => a.top.position - b.top.position)
  })

  const styles = computed<StyleHit[]>(() => {
    const known = catalogue.value
    if (known === undefined) return []
    if (hits.value !== undefined) return hits.value
    if (category.value !== BEST) {
      const ids = new Set(categories.value.find(({ top }) => top.id === category.value)?.ids)
      return known.styles.filter(({ category_id: id }) => ids.has(id)).map(whole)
    }
    const best = (today.value?.best_styles ?? []).flatMap((id) => known.styleById.get(id) ?? [])
    const seen = new Set(best)
    return [...best, ...known.styles.filter((style) => !seen.has(style))].slice(0, PAGE).map(whole)
  })

  // A face that says the same as before is the same, so a change of stock somewhere paints only the tiles it is about.
  let last = new Map<string, TileFace>()
  const faces = computed(() => {
    void priceTurn.value
    const now = styles.value.slice(0, shown.value).map((hit) => {
      const fresh = face(hit)
      const before = last.get(fresh.key)
      return before !== undefined && isSame(before, fresh) ? before : fresh
    })
    last = new Map(now.map((one) => [one.key, one]))
    return now
  })

  function face(hit: StyleHit): TileFace {
    const { style, variants } = hit
    const colours = new Set(variants.map(({ colour }) => colour.code))
    const price = priceRange({ ...style, variants }, minute.value)
    const ids = variants.map(({ id }) => id)
    const free = ids.reduce((sum, id) => sum + freeHere(branchId.value, id), 0)
    const others = locations.value.filter(({ id, kind }) => id !== branchId.value && kind === 'branch').map(({ id }) => id)
    return {
      key: style.id,
      style,
      hit,
      picture: pictureOf(style, colours.size === 1 ? ([...colours][0] ?? null) : null),
      priceVnd: price?.fromVnd ?? null,
      from: price?.differs ?? false,
      free,
      elsewhere: free === 0 && knowsEverywhere(style.id) ? view.value.holders(others, ids).length : undefined,
    }
  }

  // What is sold out here is asked for at the other branches, as far as it is in sight and stays there.
  function learn(): void {
    const unknown = faces.value.filter(({ free, elsewhere }) => free === 0 && elsewhere === undefined)
    for (const { style } of unknown.slice(0, LEARN_MAX)) void learnEverywhere(style.id).catch(() => undefined)
  }
  watch([category, hits], () => {
    clearTimeout(rest)
    shown.value = FIRST
    resting.value = false
    rest = setTimeout(() => {
      resting.value = true
      learn()
      shown.value = PAGE
    }, REST_MS)
  }, { immediate: true })
  onScopeDispose(() => clearTimeout(rest))

  return {
    category,
    categories,
    faces,
    resting,
    left: computed(() => Math.max(0, styles.value.length - shown.value)),
    more: () => { shown.value += PAGE },
  }
}

function isSame(one: TileFace, other: TileFace): boolean {
  return (Object.keys(one) as (keyof TileFace)[]).every((part) => one[part] === other[part])
}

/** All of a style; its variants are made when its tile is. */
function whole(style: Style): StyleHit {
  return { style, get variants() { return style.variants } }
}
