// What the tiles of a shelf say: each with price and stock, the first at once, the rest and pictures when nobody types.

import { pictureOf, priceRange, type Style, type StyleHit } from '@placket/selling'
import { number } from '@placket/ui'
import { computed, onScopeDispose, ref, watch, type InjectionKey, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { moment } from '../../terminal/clock'
import { useGoods } from '../../terminal/goods'
import { whenIdle } from '../../terminal/idle'
import { useSearch } from '../../terminal/search'
import { freeHere, learnEverywhere, useStock } from '../../terminal/stock'
import { useTill } from '../../terminal/till'

/** What a screen shows without scrolling is painted at once; further tiles, and pictures, when nobody types any more. */
export const FIRST = 10
const PAGE = 10
const REST_MS = 400
const LEARN_MAX = 12

/** So many tiles stay as they are, and may fetch and show their pictures; a few more of them whenever the till is idle. */
export const RESTING: InjectionKey<Readonly<Ref<number>>> = Symbol('resting')
const PICTURES_AT_ONCE = 1

/** A tile's words and figures; nothing in it has to be worked out at a key. */
export interface TileFace {
  key: string
  style: Style
  hit: StyleHit
  places: readonly number[]
  picture: string | null
  name: string
  from: string
  price: string
  priced: boolean
  /** Colour and size, when only one variant is meant. */
  detail: string
  free: number
  badge: string
}

/** Follow some hits on a shelf that is open, or closed behind another: then it keeps what stands on it. */
export function useTiles(hits: Ref<readonly StyleHit[]>, open: Ref<boolean>) {
  const { locations, priceTurn } = useGoods()
  const { text } = useSearch()
  const { view, knowsEverywhere } = useStock()
  const { branchId } = useTill()
  const { t, locale } = useI18n()
  const shown = ref(FIRST)
  const resting = ref(0)
  let rest: ReturnType<typeof setTimeout> | undefined
  let callOff: (() => void) | undefined
  // Prices are those of this minute; the second hand would paint the grid for nothing.
  const minute = computed(() => Math.floor(moment.value / 60_000) * 60_000 + 59_999)
  const others = computed(() => locations.value.filter(({ id, kind }) => id !== branchId.value && kind === 'branch').map(({ id }) => id))
  const said = computed(() => ({ from: t('tiles.from', { price: '' }), out: t('tiles.out'), noPrice: t('tiles.no_price') }))

  // A face that says the same as before is the same, so a change of stock somewhere paints only the tiles it is about.
  let last = new Map<string, TileFace>()
  const faces = computed(() => {
    void priceTurn.value
    const now = hits.value.slice(0, shown.value).map((hit) => {
      const fresh = face(hit)
      const before = last.get(fresh.key)
      return before !== undefined && isSame(before, fresh) ? before : fresh
    })
    last = new Map(now.map((one) => [one.key, one]))
    return now
  })

  function face(hit: StyleHit): TileFace {
    const { style, places, catalogue: known } = hit
    const colours = new Set(places.map((place) => known.columns.colours[place]))
    const [colour] = colours
    const range = priceRange(known, places, minute.value)
    const free = places.reduce((sum, place) => sum + freeHere(branchId.value, known.idAt(place)), 0)
    return {
      key: style.id,
      style,
      hit,
      places,
      picture: pictureOf(style, colours.size === 1 ? (known.colours[colour ?? -1]?.code ?? null) : null),
      name: locale.value === 'en' ? style.name_en : style.name_vi,
      from: range?.differs ? said.value.from : '',
      price: range === null ? said.value.noPrice : number(range.fromVnd),
      priced: range !== null,
      detail: places.length === 1 ? detailOf(hit) : '',
      free,
      badge: free > 0 ? String(free) : soldOut(hit),
    }
  }

  function detailOf({ variants: [only] }: StyleHit): string {
    return only === undefined ? '' : `${locale.value === 'en' ? only.colour.name_en : only.colour.name_vi} · ${only.size}`
  }

  function soldOut({ style, places, catalogue: known }: StyleHit): string {
    const holders = knowsEverywhere(style.id) ? view.value.holders(others.value, places.map(known.idAt)).length : 0
    return holders > 0 ? t('tiles.out_elsewhere', { count: holders }) : said.value.out
  }

  // What is sold out here is asked for at the other branches, as far as it is in sight and stays there.
  function learn(): void {
    const unknown = faces.value.filter(({ free, style }) => free === 0 && !knowsEverywhere(style.id))
    for (const { style } of unknown.slice(0, LEARN_MAX)) void learnEverywhere(style.id).catch(() => undefined)
  }
  /** Let some more tiles rest; a drawing takes longer than a frame to read, and a key may come at any moment. */
  function settle(): void {
    resting.value += PICTURES_AT_ONCE
    callOff = resting.value < faces.value.length ? whenIdle(settle) : undefined
  }
  function stir(): void {
    clearTimeout(rest)
    callOff?.()
    resting.value = 0
  }
  watch([hits, text, open], () => {
    stir()
    if (!open.value) return
    rest = setTimeout(() => {
      settle()
      learn()
    }, REST_MS)
  }, { immediate: true })
  watch(hits, () => { shown.value = FIRST })
  onScopeDispose(stir)

  return {
    faces,
    resting,
    /** Show some more of them, if there are any. */
    more: () => {
      if (faces.value.length < shown.value) return
      shown.value += PAGE
      callOff ??= whenIdle(settle)
    },
  }
}

function isSame(one: TileFace, other: TileFace): boolean {
  const { hit: _one, places, ...said } = one
  return places.length === other.places.length && places.every((place, at) => place === other.places[at]) &&
    (Object.keys(said) as (keyof typeof said)[]).every((part) => said[part] === other[part])
}
