/**
 * The board of a branch: the promises that its tills hold, and what they mean for a line in a cart that is sold off line.
 * On line the server decides in the transaction that writes the sale.
 */
import type { Cart, CartLine } from './cart.ts'

export interface BoardPromise {
  id: string
  ref: string
  kind: string
  variant_id: string
  qty: number
  phase: string
  /** What its customer shows, digits only; one for a whole order. */
  code: string | null
  /** What stands on its bag. */
  bag_code: string | null
  paid: boolean
  pay_by: string | null
  created_at: string
  /** Whom a hold is for, and from which branch it was asked. */
  held_for: string | null
  phone_tail: string | null
  customer_id: string | null
  asked_from: string | null
  /** Since when somebody is asked to look for it. */
  search_at: string | null
}

/** A board as this till keeps it: under which opening, of which history of the server. */
export interface Board {
  opening: number
  incarnation: number
  boardNo: number
  promises: BoardPromise[]
}

/** Whether a board that has arrived replaces the kept one. Numbers are compared within one history only. */
export function replaces(fresh: Board, kept: Board | undefined): boolean {
  if (kept === undefined || fresh.incarnation !== kept.incarnation || fresh.opening !== kept.opening) return true
  return fresh.boardNo > kept.boardNo
}

/** What a cashier has said about a variant of a cart. */
export interface LineAnswer {
  /** So many promised pieces have been seen to be still there. */
  seen?: number
  /** Nobody can see the promised pieces. */
  missing?: boolean
  /** Somebody answers for selling all the same. */
  override?: { reason: string; approvedBy: string; approvalId?: string }
}

export type Question =
  /** `codes` are what the customers of the promised pieces show. */
  | { kind: 'amber'; variantId: string; promised: number; codes: string[] }
  | { kind: 'asked'; variantId: string }
  | { kind: 'books'; variantId: string; left: number }

export interface LightFacts {
  cart: Cart
  branchId: string
  board: Board
  /** Pieces on the books of the branch that are not sold yet, as far as this till knows. */
  onHand: (variantId: string) => number
}

/** What has to be answered before a cart may be sold off line by a till that holds a board. */
export function questionsOf(facts: LightFacts): Question[] {
  const wanted = new Map<string, number>()
  for (const { variantId, sourceId, qty, promiseId } of facts.cart.lines) {
    // A held piece was never free to others; whether it may be handed over off line is asked of its bag (`inBag`).
    if (sourceId === facts.branchId && promiseId === undefined) wanted.set(variantId, (wanted.get(variantId) ?? 0) + qty)
  }
  return [...wanted].flatMap(([variantId, qty]) => {
    const question = questionOf(facts, variantId, qty)
    return question === undefined || settled(question, answerOf(facts.cart, variantId)) ? [] : [question]
  })
}

function questionOf({ board, onHand }: LightFacts, variantId: string, qty: number): Question | undefined {
  const promises = board.promises.filter((promise) => promise.variant_id === variantId)
  if (promises.some(({ phase }) => phase === 'asked')) return { kind: 'asked', variantId }
  const unbagged = promises.filter(({ phase }) => phase === 'confirmed')
  const promised = unbagged.reduce((sum, promise) => sum + promise.qty, 0)
  if (promised > 0) return { kind: 'amber', variantId, promised, codes: unbagged.map(codeOf) }
  const left = onHand(variantId)
  return left < qty ? { kind: 'books', variantId, left } : undefined
}

/** What names a promise: its customer's code, else the id of its order. */
export function codeOf({ code, ref }: BoardPromise): string {
  return code ?? ref
}

/** Whether a held piece lies in a bag of its own: only bags are handed over off line. */
export function inBag(board: Board | undefined, promiseId: string): boolean {
  return board?.promises.some(({ id, phase }) => id === promiseId && (phase === 'bagged' || phase === 'to_scan_back')) ?? false
}

/** Whether an answer settles a question. */
export function settled(question: Question, answer: LineAnswer | undefined): boolean {
  if (answer?.override !== undefined) return true
  return question.kind === 'amber' && (answer?.seen ?? 0) >= question.promised
}

export function answerOf(cart: Cart, variantId: string): LineAnswer | undefined {
  return cart.answers?.[variantId]
}

/** Pieces of the branch that are in open carts: what a word subtracts. */
export function inHand(carts: readonly { lines: readonly CartLine[] }[], branchId: string): { variant_id: string; qty: number }[] {
  const pieces = new Map<string, number>()
  for (const { lines } of carts) {
    for (const { variantId, sourceId, qty } of lines) {
      if (sourceId === branchId) pieces.set(variantId, (pieces.get(variantId) ?? 0) + qty)
    }
  }
  return [...pieces].map(([variant_id, qty]) => ({ variant_id, qty }))
}
