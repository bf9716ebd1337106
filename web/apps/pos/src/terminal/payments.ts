// Payments taken before their sale: asked for, watched until they have come or ended, kept on the device through all of it.
// What has come is a part of its cart; the server checks it again when the sale is posted. docs/rules/payments.md.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { holdsCart, isOver, isUnsettled, newId, payStep, withTaken, type Cart, type PayStep } from '@placket/selling'
import { computed, reactive, toRefs } from 'vue'
import { afresh } from './afresh'
import type { Approval } from './approval'
import { serverNow } from './clock'
import { db, plain, type KeptPayment } from './db'
import { changeCart, useInvoices } from './invoices'
import { server } from './server'

interface Known {
  /** How this till takes payments; undefined until the server has said so. */
  here: Schemas['TillPayments'] | undefined
  rows: KeptPayment[]
  /** A payment has just come for this cart: if it pays the rest, the sale is closed. */
  came: { cartId: string; turn: number }
  /** Why the last thing asked of a payment was not done, by its id. */
  trouble: Record<string, string>
}

const known = reactive<Known>({ here: undefined, rows: [], came: { cartId: '', turn: 0 }, trouble: {} })
const asking = new Set<string>()
/** Told of by the stream while an answer about them was on its way, which may be from before. */
const told = new Set<string>()
/** Taken off the screen since the till was started: an answer that was still on its way does not bring them back. */
const dismissed = new Set<string>()
let timer: ReturnType<typeof setTimeout> | undefined

/** Refusals of a request that leave nothing on the server to ask about. */
const NEVER_MADE = new Set(['no_terminal', 'payment_id_reused', 'payment_open'])

const CARD_EVERY_MS = 600
const LOST_EVERY_MS = 1_500
/** The stream tells at once; this is for the minute in which it is down. */
const TRANSFER_EVERY_MS = 5_000

/** What the device remembers, before the server is asked. */
export async function loadPayments(): Promise<void> {
  known.rows = await db.payments.toArray()
}

/** Ask what this till can take and what it has open; without network what is known stays. */
export const refreshPayments = afresh(async () => {
  try {
    known.here = await server.payments()
    for (const shown of known.here.open) await note(shown)
    const open = new Set(known.here.open.map(({ id }) => id))
    await Promise.all(known.rows.filter(({ id }) => !open.has(id)).map(({ id }) => look(id)))
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
  watchOn()
})

/** Ask for a payment of a cart, when none of it is open any more; answers the server's sentence if it will not have it. */
export async function takePayment(kind: 'transfer' | 'card', cart: Cart, amountVnd: number): Promise<string | undefined> {
  const row: KeptPayment = { id: newId(), cartId: cart.id, kind, amountVnd, shown: null }
  await db.payments.put(plain(row))
  known.rows.push(row)
  await send(row)
  return known.rows.some(({ id }) => id === row.id) ? undefined : known.trouble[row.id]
}

/** Send the wish again: the id is the same, so it is the same payment. */
export async function sendAgain(id: string): Promise<void> {
  const row = known.rows.find((one) => one.id === id)
  if (row !== undefined) await send(row)
}

async function send({ id, cartId, kind, amountVnd }: KeptPayment): Promise<void> {
  await act(id, () => server.askPayment({ id, kind, cart_id: cartId, amount_vnd: amountVnd }))
  watchOn()
}

/** Ask the terminal for the last result, or the server how a transfer stands. */
export async function askAgain(id: string): Promise<void> {
  const row = known.rows.find((one) => one.id === id)
  if (row?.shown == null) return sendAgain(id)
  await act(id, () => (row.kind === 'card' ? server.askTerminal(id) : server.payment(id)))
}

export const renewPayment = (id: string): Promise<boolean> => act(id, () => server.renewPayment(id))

/** Somebody has seen the money: the person at work, or whoever has just agreed to it. */
export const confirmPayment = (id: string, approval: Approval): Promise<boolean> =>
  act(id, () => server.confirmPayment(id, { reason: null, approved_by: approval.id === null ? null : approval.staffId, approval_id: approval.id }))

export const returnPayment = (id: string, reason: string): Promise<boolean> => act(id, () => server.returnPayment(id, reason))

/** Give a payment up; answers whether the cart is free of it. What has come meanwhile has come. */
export async function cancelPayment(id: string): Promise<boolean> {
  const row = known.rows.find((one) => one.id === id)
  if (row === undefined) return true
  const done = await act(id, () => server.cancelPayment(id))
  if (known.trouble[id] === 'already_received') await look(id)
  const now = known.rows.find((one) => one.id === id)
  return done && (now === undefined || !isUnsettled(stepOf(now)))
}

/** An invoice is closed or paid otherwise: codes that wait for its transfer are no longer good. */
export async function giveUpWaiting(cartId: string): Promise<void> {
  const waiting = known.rows.filter((row) => row.cartId === cartId && row.kind === 'transfer' && isUnsettled(stepOf(row)))
  await Promise.all(waiting.map(({ id }) => cancelPayment(id)))
}

/** A sale is made: its payments are used up. */
export async function forgetUsed(ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await db.payments.bulkDelete([...ids])
  known.rows = known.rows.filter(({ id }) => !ids.includes(id))
}

/** Take a payment that has ended off the screen. */
export async function dismissPayment(id: string): Promise<void> {
  dismissed.add(id)
  await forgetUsed([id])
}

/** The stream says that payments of this till have changed. */
export function hearPayments(ids: readonly string[]): void {
  for (const id of ids) {
    told.add(id)
    void look(id)
  }
}

/** Where a payment stands on this till's screen. */
export function stepOf(row: KeptPayment): PayStep {
  return row.shown === null ? 'lost' : payStep(row.shown, serverNow())
}

/** A charge of this cart may still go through. */
export function isHeld(cartId: string): boolean {
  return known.rows.some((row) => row.cartId === cartId && row.kind === 'card' && holdsCart(stepOf(row)))
}

/** Money has been taken for this cart, or may be at this moment: it is not closed before that is settled. */
export function hasMoney(cart: Cart): boolean {
  return isHeld(cart.id) || cart.parts.some(({ paymentId }) => paymentId !== undefined)
}

async function look(id: string): Promise<void> {
  if (asking.has(id)) return
  asking.add(id)
  told.delete(id)
  try {
    await note(await server.payment(id))
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_found') await forgetUsed([id])
    else if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  } finally {
    asking.delete(id)
    if (told.has(id)) void look(id)
  }
}

/** Do something to a payment; answers whether it was done. Silence leaves it as it was, and unknown. */
async function act(id: string, work: () => Promise<Schemas['TakenShown']>): Promise<boolean> {
  asking.add(id)
  try {
    const shown = await work()
    known.trouble = { ...known.trouble, [id]: '' }
    await note(shown)
    return true
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
    const code = error instanceof Refusal ? error.code : 'unreachable'
    known.trouble = { ...known.trouble, [id]: error instanceof Refusal ? error.detail || code : code }
    const row = known.rows.find((one) => one.id === id)
    if (row?.shown != null && row.kind === 'card') row.shown = { ...row.shown, heard: 'lost' }
    if (code === 'already_received') known.trouble[id] = code
    if (NEVER_MADE.has(code)) await forgetUsed([id])
    // Another one is open, asked for by a device that stood here before: it is what the cashier has to see.
    if (error instanceof Refusal && typeof error.facts.payment_id === 'string') await look(error.facts.payment_id)
    return false
  } finally {
    asking.delete(id)
    if (told.has(id)) void look(id)
  }
}

/** Keep what the server says, and let it count in its cart. */
async function note(shown: Schemas['TakenShown']): Promise<void> {
  const before = known.rows.find(({ id }) => id === shown.id)
  if (before?.shown != null && before.shown.version > shown.version) return
  if (shown.sale_id !== null) return forgetUsed([shown.id])
  if (before !== undefined || !(isOver(shown) || (shown.state === 'waiting' && dismissed.has(shown.id)))) await show(shown, before)
  const cart = useInvoices().tabs.value.carts.find(({ id }) => id === shown.cart_id)
  if (cart === undefined) return
  const paid = withTaken(cart, shown)
  if (paid === cart) return
  changeCart(paid)
  if (shown.state === 'received') known.came = { cartId: cart.id, turn: known.came.turn + 1 }
}

/** Rows stand in the order in which they were asked for, whenever they are heard of: the last one is the one in hand. */
async function show(shown: Schemas['TakenShown'], before: KeptPayment | undefined): Promise<void> {
  const row: KeptPayment = {
    id: shown.id, cartId: shown.cart_id, kind: shown.kind, amountVnd: shown.amount_vnd,
    shown: shown.heard === null && before?.shown?.heard != null && shown.state === 'waiting' ? { ...shown, heard: before.shown.heard } : shown,
  }
  await db.payments.put(plain(row))
  known.rows = [...known.rows.filter(({ id }) => id !== row.id), row].sort((one, other) => (one.id < other.id ? -1 : 1))
}

/** Ask about what is on its way, for as long as something is. */
function watchOn(): void {
  clearTimeout(timer)
  const steps = known.rows.map((row) => ({ row, step: stepOf(row) })).filter(({ row, step }) => isUnsettled(step) || (row.kind === 'card' && step === 'returning'))
  if (steps.length === 0) return
  const soon = steps.some(({ step }) => step === 'waiting_card' || step === 'processing')
  const silent = steps.some(({ step }) => step === 'lost' || step === 'returning')
  timer = setTimeout(() => void askAll(), soon ? CARD_EVERY_MS : silent ? LOST_EVERY_MS : TRANSFER_EVERY_MS)
}

async function askAll(): Promise<void> {
  const due = known.rows.filter((row) => !asking.has(row.id) && (isUnsettled(stepOf(row)) || (row.kind === 'card' && stepOf(row) === 'returning')))
  await Promise.all(due.map(({ id }) => askAgain(id)))
  watchOn()
}

export function usePayments() {
  return {
    ...toRefs(known),
    /** Received for a cart that is not open any more: somebody's money without a sale. */
    stray: computed(() => known.rows.filter((row) =>
      stepOf(row) === 'received' && !useInvoices().tabs.value.carts.some(({ id }) => id === row.cartId))),
    /** On their way back by the terminal. */
    goingBack: computed(() => known.rows.filter((row) => row.kind === 'card' && stepOf(row) === 'returning')),
  }
}
