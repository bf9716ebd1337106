// The cart: what this device would like to buy. It lives in the browser's own storage, in every tab at once, and reserves
// nothing; prices in it are only what the shopper last saw, so that a change can be shown.

import { computed, ref } from 'vue'

export const LINES_MAX = 30
export const PIECES_MAX = 20

export interface CartLine {
  variant_id: string
  qty: number
  code: string
  path_vi: string
  path_en: string
  name_vi: string
  name_en: string
  colour: string
  colour_vi: string
  colour_en: string
  size: string
  picture: string | null
  /** What one piece cost when the shopper last looked. */
  seen_vnd: number
}

export interface Wish {
  kind: 'ship' | 'collect'
  location_id: string | null
}

export interface Cart {
  lines: CartLine[]
  vouchers: string[]
  /** Whether a member's points are spent on it, as many as may be. */
  points: boolean
  wish: Wish
}

const KEY = 'placket.shop.cart'
const EMPTY: Cart = { lines: [], vouchers: [], points: false, wish: { kind: 'ship', location_id: null } }

/** Read a cart as another version or a curious person may have left it. */
export function cartOf(text: string | null): Cart {
  try {
    const read = JSON.parse(text ?? 'null') as Partial<Cart> | null
    if (read === null || !Array.isArray(read.lines)) return structuredClone(EMPTY)
    return {
      lines: read.lines.filter((line) => typeof line.variant_id === 'string' && Number.isInteger(line.qty) && line.qty > 0),
      vouchers: Array.isArray(read.vouchers) ? read.vouchers.filter((code) => typeof code === 'string') : [],
      points: read.points === true,
      wish: read.wish?.kind === 'collect' && typeof read.wish.location_id === 'string' ? read.wish : { ...EMPTY.wish },
    }
  } catch {
    return structuredClone(EMPTY)
  }
}

/** The cart with one more of a line; a piece that is in it already is counted up. */
export function added(cart: Cart, line: CartLine): Cart {
  const known = cart.lines.find((each) => each.variant_id === line.variant_id)
  const lines =
    known === undefined
      ? [...cart.lines, line]
      : cart.lines.map((each) => (each === known ? { ...line, qty: Math.min(PIECES_MAX, each.qty + line.qty) } : each))
  return { ...cart, lines: lines.slice(0, LINES_MAX) }
}

/** The cart with another number of a variant; none takes it out. */
export function counted(cart: Cart, variantId: string, qty: number): Cart {
  const lines = cart.lines
    .map((line) => (line.variant_id === variantId ? { ...line, qty: Math.min(PIECES_MAX, qty) } : line))
    .filter((line) => line.qty > 0)
  return { ...cart, lines }
}

/** The cart with a line changed to another variant of its style, in its place; two lines of one variant become one. */
export function swapped(cart: Cart, variantId: string, line: CartLine): Cart {
  const other = cart.lines.find((each) => each.variant_id === line.variant_id && each.variant_id !== variantId)
  const qty = Math.min(PIECES_MAX, line.qty + (other?.qty ?? 0))
  const lines = cart.lines
    .filter((each) => each !== other)
    .map((each) => (each.variant_id === variantId ? { ...line, qty } : each))
  return { ...cart, lines }
}

// There is no storage while the app is built.
const read = (): Cart => cartOf(globalThis.localStorage?.getItem(KEY) ?? null)
export const cart = ref<Cart>(read())
export const pieces = computed(() => cart.value.lines.reduce((sum, line) => sum + line.qty, 0))

/** Keep a cart, here and for the other tabs. */
export function keep(next: Cart): void {
  cart.value = next
  localStorage.setItem(KEY, JSON.stringify(next))
}

/** Nothing in it any more: its order was paid. */
export const emptied = (): void => keep(structuredClone(EMPTY))

globalThis.addEventListener?.('storage', (event) => {
  if (event.key === KEY) cart.value = read()
})
