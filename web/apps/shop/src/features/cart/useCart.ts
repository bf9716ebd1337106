// The cart as it stands in the shop now: priced by the server at every change, and again when a price turns or stock moves.

import { Unreachable } from '@placket/api'
import { computed, onScopeDispose, ref, watch } from 'vue'
import { api, sentenceOf, type Variant } from '../../api.ts'
import { language, named } from '../../i18n.ts'
import { cart, counted, keep, swapped, type CartLine } from '../../shell/cart.ts'
import { watchLive, type LiveVariant } from '../../shell/live.ts'
import { quote as ask, type Quote } from '../../shell/orders.ts'
import { tell } from '../../shell/toast.ts'

type Say = (key: string, named?: Record<string, unknown>) => string

const PAUSE_MS = 120
const FIRST_MS = 200
// Somebody who looks at a cart is about to pay: it hears of a sale that was published only seconds before it starts.
const EVERY_MS = 4_000

export function useCart(t: Say) {
  const quote = ref<Quote>()
  const trouble = ref('')
  const stale = ref(false)
  const nearby = ref<LiveVariant['near']>([])
  const resizing = ref<{ line: CartLine; sizes: Variant[] }>()
  // What the shopper saw when they came: the difference stays told while they are here.
  const seen = new Map(cart.value.lines.map((line) => [line.variant_id, line.seen_vnd]))
  let latest = 0

  async function price(): Promise<void> {
    const mine = ++latest
    if (cart.value.lines.length === 0) return
    try {
      const found = await ask(cart.value)
      if (mine !== latest) return
      quote.value = found
      trouble.value = ''
      stale.value = false
    } catch (error) {
      if (mine !== latest) return
      stale.value = error instanceof Unreachable
      if (!stale.value) trouble.value = sentenceOf(error, t)
    }
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  const wanted = computed(() => JSON.stringify([cart.value.lines.map((line) => [line.variant_id, line.qty]), cart.value.vouchers, cart.value.points]))
  watch(
    wanted,
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => void price(), quote.value === undefined ? 0 : PAUSE_MS)
    },
    { immediate: true },
  )
  // What one piece costs by itself is what a shopper remembers; vouchers and sets are the cart's own doing.
  onScopeDispose(
    watchLive(
      () => cart.value.lines.map((line) => line.variant_id),
      (items) => {
        const unit = new Map(items.map((item) => [item.id, item.price_vnd]))
        nearby.value = items.flatMap((item) => item.near)
        keep({ ...cart.value, lines: cart.value.lines.map((line) => ({ ...line, seen_vnd: unit.get(line.variant_id) ?? line.seen_vnd })) })
        if (quote.value !== undefined) void price()
      },
      FIRST_MS,
      EVERY_MS,
    ),
  )

  /** What promotions take off a line; a voucher is told once, in the sum. */
  const offered = (line: Quote['lines'][number]): number => {
    const vouchers = new Set(quote.value?.offers.filter((offer) => offer.voucher !== null).map((offer) => offer.promotion_id))
    return line.offers.reduce((sum, offer) => sum + (vouchers.has(offer.promotion_id) ? 0 : offer.vnd), 0)
  }

  const lines = computed(() =>
    cart.value.lines.map((line) => {
      const priced = quote.value?.lines.find((each) => each.variant_id === line.variant_id && each.qty === line.qty)
      const before = seen.get(line.variant_id)
      const list_vnd = (priced?.unit_vnd ?? line.seen_vnd) * line.qty
      return {
        ...line,
        path: language() === 'en' ? line.path_en : line.path_vi,
        name: named(line),
        tint: language() === 'en' ? line.colour_en : line.colour_vi,
        list_vnd,
        total_vnd: priced === undefined ? line.seen_vnd * line.qty : list_vnd - offered(priced),
        before_vnd: before !== undefined && before !== line.seen_vnd ? before : undefined,
        left: priced?.stock === 'few' ? priced.left : null,
        trouble: priced?.stock !== 'gone' ? undefined : priced.left ? t('cart.short', { n: priced.left }) : t('cart.gone'),
      }
    }),
  )
  const total_vnd = computed(() => quote.value?.total_vnd ?? lines.value.reduce((sum, line) => sum + line.total_vnd, 0))
  const offers = computed(() => (quote.value?.offers ?? []).map((offer) => ({ ...offer, name: named(offer) })))

  /** What the cart nearly reaches: offers for several pieces that it does not have yet, each once. */
  const near = computed(() => {
    const had = new Set(quote.value?.offers.map((offer) => offer.name_vi))
    return [...new Map(nearby.value.filter((offer) => !had.has(offer.name_vi)).map((offer) => [offer.name_vi, named(offer)])).values()]
  })

  function count(line: CartLine, qty: number): void {
    const before = cart.value
    keep(counted(before, line.variant_id, qty))
    if (qty === 0) tell({ text: t('cart.removed', { name: named(line) }), act: { word: t('undo'), run: () => keep(before) } })
  }

  async function resize(line: CartLine): Promise<void> {
    try {
      const { data } = await api.GET('/api/shop/v1/styles/{code}', { params: { path: { code: line.code } } })
      if (data !== undefined) resizing.value = { line, sizes: data.variants.filter((each) => each.colour === line.colour) }
    } catch (error) {
      tell({ text: sentenceOf(error, t) })
    }
  }

  function choose(found: Variant): void {
    const open = resizing.value
    resizing.value = undefined
    if (open === undefined) return
    const line = cart.value.lines.find((each) => each.variant_id === open.line.variant_id)
    if (line === undefined) return
    seen.set(found.id, found.price_vnd)
    keep(swapped(cart.value, line.variant_id, { ...line, variant_id: found.id, size: found.size, seen_vnd: found.price_vnd }))
  }

  return { lines, quote, total_vnd, offers, near, trouble, stale, resizing, count, resize, choose }
}
