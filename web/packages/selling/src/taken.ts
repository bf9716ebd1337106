/**
 * Payments taken before their sale, as a till shows them: where each stands, and what of it belongs to its cart.
 * The rules are docs/rules/payments.md's.
 */
import type { Cart } from './cart.ts'
import type { Part } from './payment.ts'

/** What the server says of a payment. */
export interface Taken {
  id: string
  kind: 'transfer' | 'card'
  state: 'waiting' | 'expired' | 'received' | 'declined' | 'cancelled' | 'returning' | 'returned'
  /** What the card terminal has just said; `lost` is silence. */
  heard: 'waiting_card' | 'processing' | 'settled' | 'lost' | null
  cart_id: string
  amount_vnd: number
  received_vnd: number
  missing_vnd: number
  surplus_vnd: number
  code: string | null
  reference: string | null
  expires_at: string | null
}

export type PayStep =
  | 'waiting' // for the customer's transfer
  | 'short' // some of it has come
  | 'expired'
  | 'waiting_card'
  | 'processing'
  | 'lost' // nobody knows: ask the terminal before anything else
  | 'received'
  | 'declined'
  | 'cancelled'
  | 'returning'
  | 'returned'

/** Where a payment stands; a transfer's time runs out on the till's own clock as well. */
export function payStep(taken: Taken, nowMs: number): PayStep {
  if (taken.kind === 'card' && (taken.state === 'waiting' || taken.state === 'expired')) return cardStep(taken.heard)
  if (taken.state === 'waiting' && taken.expires_at !== null && Date.parse(taken.expires_at) <= nowMs) return 'expired'
  return taken.state === 'waiting' && taken.received_vnd > 0 ? 'short' : taken.state
}

function cardStep(heard: Taken['heard']): PayStep {
  return heard === 'lost' || heard === 'processing' ? heard : 'waiting_card'
}

/** A charge that may still go through: the cart stays as it is, and nothing else is sent to the terminal. */
export function holdsCart(step: PayStep): boolean {
  return step === 'waiting_card' || step === 'processing' || step === 'lost'
}

/** Whether the till still has something to do about it. */
export function isUnsettled(step: PayStep): boolean {
  return holdsCart(step) || step === 'waiting' || step === 'short' || step === 'expired'
}

/** Nothing came of it, or nothing is left: news of it is no news to a till that does not show it. */
export function isOver({ state }: Pick<Taken, 'state'>): boolean {
  return state === 'declined' || state === 'cancelled' || state === 'returned'
}

/** The cart with a payment that has come among its parts, once; without it when its money goes back. */
export function withTaken(cart: Cart, taken: Taken): Cart {
  const others = cart.parts.filter(({ paymentId }) => paymentId !== taken.id)
  if (taken.state !== 'received') return others.length === cart.parts.length ? cart : { ...cart, parts: others }
  if (others.length < cart.parts.length) return cart
  const part: Part = { kind: taken.kind, amountVnd: taken.amount_vnd, reference: taken.reference ?? taken.code ?? '', paymentId: taken.id }
  return { ...cart, parts: [...cart.parts, part], tendering: { ...cart.tendering, tenderedVnd: null, reference: '' } }
}

const SECOND_MS = 1_000
const MINUTE_S = 60

/** How long a code is still good, as `9:05`. */
export function countdown(expiresAt: string | null, nowMs: number): string {
  const left = expiresAt === null ? 0 : Math.max(0, Math.floor((Date.parse(expiresAt) - nowMs) / SECOND_MS))
  return `${String(Math.floor(left / MINUTE_S))}:${String(left % MINUTE_S).padStart(2, '0')}`
}
