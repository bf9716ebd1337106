// From the pay button to the done strip: stored first, sent until it is known what became of it, never twice.

import { Refusal, Unreachable } from '@placket/api'
import {
  choices, isEmpty, lackingLines, makeAttempt, missingOf, newId, nextStep, receiptRows, relit, renewed, withoutRights, type Attempt, type Cart,
  type NextStep, type RefusedLine, type SaleAnswer,
} from '@placket/selling'
import { until } from '@vueuse/core'
import { computed, shallowReactive, toRefs } from 'vue'
import { serverNow, useClockDoubt } from './clock'
import { forget, keepSale, kept, type SoldSale } from './db'
import { overfull } from './drawer'
import { refetchGoods } from './goods'
import { dropVoucher, showTabs, useInvoices, withoutSold } from './invoices'
import { closeSale, recordVoid, storeAttempt } from './journal'
import { asksBlind, isComing, questionsAlone, remoteLines, sellsAlone } from './lights'
import { noteAnswer } from './line'
import { mark } from './marks'
import { forgetUsed, isHeld } from './payments'
import { openDrawer, print, printsByItself } from './printer'
import { server } from './server'
import { answerHere, factsOf } from './soldFacts'
import { ambers, type Setback } from './setback'
import { play } from './sound'
import { shortHere } from './stock'
import { noteReturned } from './returnsAlone'
import { drain, drainWithin } from './sync'
import { attach, numbered, useTill } from './till'
import { keptFor, soldWith } from './vouchers'

export type Stage = 'idle' | 'writing' | 'slow' | 'unknown'

interface Checkout {
  stage: Stage
  attempt: Attempt | undefined
  setback: Setback | undefined
  done: Done | undefined
}

/** A sale on the done strip; it stands over the invoice it was shown on, until that one changes or another is in hand. */
type Done = SoldSale & { print: boolean; turn: number; over: Cart }

const checkout = shallowReactive<Checkout>({ stage: 'idle', attempt: undefined, setback: undefined, done: undefined })
const done = computed(() => (checkout.done?.over === useInvoices().cart.value ? checkout.done : undefined))

/** The sale whose entry is being written. */
let closing = ''
/** Paying has been pressed and waits for the line. */
let isBooked = false
let slow: ReturnType<typeof setTimeout> | undefined

/** Refusals after which the till fetches what it prices by. */
const REPRICED = new Set(['price_changed', 'offer_gone', 'voucher_not_usable', 'no_price', 'unknown_variant'])
const QUIET_MS = 400
const SLOW_MS = 1_500
const RESENDS = 3
const ATTACHES = 2
const WAIT_MS = 700
/** How long a sale waits for a till that has just started to come on line. */
const COME_MS = 1_000
/** How long a sale waits for older ones to be handed in before it is sold without the server. */
const DRAIN_MS = 1_000

/** Sell the active cart. Pressed twice, it is still one sale. */
export async function pay(print: boolean): Promise<void> {
  const { cart, quote, settlement, unsellable } = useInvoices()
  const till = useTill()
  if (checkout.attempt !== undefined || isBooked || till.phase.value !== 'open') return
  if (isEmpty(cart.value) || missingOf(cart.value) !== undefined || unsellable.value.length > 0 || !settlement.value.complete) return
  mark('pay:tap')
  checkout.setback = undefined
  checkout.done = undefined
  const shown = cart.value
  // Without a wait nothing comes between the press and the attempt, so that a second press finds it.
  if (isComing()) await comeSoon()
  if (cart.value !== shown || till.phase.value !== 'open') return
  let alone = sellsAlone()
  if (alone && (overfull(settlement.value) !== undefined || useClockDoubt().doubt.value !== undefined)) return
  const attempt = makeAttempt({
    id: cart.value.saleId ?? newId(),
    cart: cart.value,
    staffId: till.session.value?.staff.id ?? '',
    blind: alone && till.isBlind.value,
    clockBy: useClockDoubt().confirmedBy.value,
    short: shortHere(till.branchId.value, cart.value.lines),
    opening: till.series.value.opening,
    receiptNo: till.series.value.receiptNo + 1,
    quote: quote.value,
    settlement: settlement.value,
    atMs: serverNow(),
    print,
  })
  checkout.attempt = attempt
  // Numbers are given in order: what waits is handed in before the server is asked for the next.
  alone ||= !(await drainWithin(DRAIN_MS))
  if (alone) return sellAlone()
  await storeAttempt(attempt)
  mark('pay:stored')
  await bringThrough()
}

/** Sell what is being paid without asking the server: under the same id, so that whatever it heard already is the same sale. */
export async function sellAlone(): Promise<void> {
  const { attempt } = checkout
  if (attempt === undefined || closing === attempt.request.id) return
  const paid = useInvoices().tabs.value.carts.find(({ id }) => id === attempt.cartId)
  const questions = paid === undefined ? [] : questionsAlone(paid)
  if (!keptFor(attempt.request.id, attempt.request.vouchers)) return leaveVoucher(attempt)
  if (paid !== undefined && (questions.length > 0 || asksBlind() || remoteLines(paid).length > 0)) {
    const code = remoteLines(paid).length > 0 ? 'needs_network' : 'amber'
    checkout.setback = { cartId: paid.id, code, sentence: '', lacking: [], questions, prices: [], beforeVnd: 0 }
    // A request that may have reached the server stays what it is; one that was never sent is a cart again.
    if (!attempt.uncertain && checkout.stage === 'idle') checkout.attempt = undefined
    play('attention')
    return
  }
  const final = paid === undefined ? attempt : relit(attempt, paid, useTill().isBlind.value)
  await complete(final, answerHere(final), true)
}

/** Without the server a voucher goes only with the sale it is kept for. What may have reached it waits, or its number becomes void. */
async function leaveVoucher(attempt: Attempt): Promise<void> {
  checkout.setback = { cartId: attempt.cartId, code: 'voucher_alone', sentence: '', lacking: [], questions: [], prices: [], beforeVnd: 0 }
  play('attention')
  if (attempt.uncertain || checkout.stage !== 'idle') {
    checkout.stage = 'unknown'
    return change({ ...attempt, uncertain: true })
  }
  checkout.attempt = undefined
  await forget('attempt')
}

/** A till that is just coming on line is there in a moment: its sale had better be the server's to decide. */
async function comeSoon(): Promise<void> {
  isBooked = true
  try {
    await until(isComing).toBe(false, { timeout: COME_MS })
  } finally {
    isBooked = false
  }
}

/** Wait for the server a little longer. */
export async function waitOn(): Promise<void> {
  if (checkout.stage === 'unknown') return askAgain()
  checkout.stage = 'writing'
  slow = setTimeout(() => { if (checkout.attempt !== undefined) checkout.stage = 'slow' }, SLOW_MS)
}

/** The customer has left: the number is void, the goods stay, the cart is open again. */
export async function giveUp(reason: string): Promise<void> {
  const { attempt } = checkout
  if (attempt === undefined || closing === attempt.request.id) return
  closing = attempt.request.id
  const { series } = useTill()
  const { tabs } = useInvoices()
  const used = { ...series.value, receiptNo: Math.max(series.value.receiptNo, attempt.request.receipt_no) }
  const facts = { saleId: attempt.request.id, receiptNo: attempt.request.receipt_no, staffId: attempt.staffId, reason, approvedBy: null, offline: true }
  // The id is dead, and so is what was held for it.
  const spared = { ...tabs.value, carts: tabs.value.carts.map((one) => (one.id === attempt.cartId ? withoutRights(one) : one)) }
  await recordVoid(facts, used, { tabs: spared })
  showTabs(spared)
  numbered(used.receiptNo)
  checkout.attempt = undefined
  checkout.stage = 'idle'
  closing = ''
  void drain()
}

/** An attempt is left from before a reload, a cut or a new sign-in: find out what became of it. */
export async function resumeAttempt(): Promise<void> {
  const left = checkout.attempt ?? (await kept('attempt'))
  if (left === undefined || checkout.stage === 'writing' || checkout.stage === 'slow') return
  const { series } = useTill()
  await until(isComing).toBe(false, { timeout: COME_MS })
  if (sellsAlone()) {
    checkout.attempt = { ...left, uncertain: true }
    checkout.stage = 'unknown'
    return
  }
  await change(renewed({ ...left, uncertain: true }, series.value.opening, series.value.receiptNo))
  await bringThrough()
}

/** Ask again for an attempt whose answer never came. */
export async function askAgain(): Promise<void> {
  if (checkout.stage === 'unknown' && !sellsAlone()) await resumeAttempt()
}

export function dismissDone(): void {
  checkout.done = undefined
}

/** Show a sale of this till again, as if it had just been made. */
export function showSale(sale: SoldSale): void {
  checkout.done = { ...sale, print: true, turn: Date.now(), over: useInvoices().cart.value }
}

export function clearSetback(): void {
  checkout.setback = undefined
}

async function bringThrough(): Promise<void> {
  checkout.stage = 'idle'
  const quiet = setTimeout(() => { checkout.stage = 'writing' }, QUIET_MS)
  slow = setTimeout(() => { checkout.stage = 'slow' }, SLOW_MS)
  try {
    await untilKnown()
  } finally {
    clearTimeout(quiet)
    clearTimeout(slow)
  }
}

async function untilKnown(): Promise<void> {
  let resends = 0
  let attaches = 0
  while (checkout.attempt !== undefined) {
    const started = performance.now()
    const asked = checkout.attempt
    const overtaken = (): boolean => checkout.attempt?.request.id !== asked.request.id || closing === asked.request.id
    try {
      const answer = await server.sell(asked.request)
      mark('pay:answered')
      noteAnswer(performance.now() - started)
      if (overtaken()) return
      return await complete(asked, answer, false)
    } catch (error) {
      noteAnswer(performance.now() - started)
      const refusal = asRefusal(error)
      if (overtaken()) return
      // Our number is ahead of the server's: one before it waits for a person there, and only an entry may pass it.
      if (refusal.code === 'receipt_gap' && Number(refusal.facts.expected) < asked.request.receipt_no) {
        if (!asked.uncertain) checkout.stage = 'idle'
        return sellAlone()
      }
      const step = nextStep(refusal.code, refusal.status)
      if (step === 'resend' && resends < RESENDS) {
        resends += 1
        await change({ ...checkout.attempt, uncertain: true })
        await new Promise((done) => { setTimeout(done, WAIT_MS * resends) })
        if (overtaken() || sellsAlone()) return stopAlone()
      } else if (mayAttach(step, checkout.attempt) && attaches < ATTACHES) {
        attaches += 1
        if (!(await underNewOpening(checkout.attempt))) return
      } else {
        return await stop(step, refusal)
      }
    }
  }
}

/** The line is gone: nobody knows what became of the request. */
function stopAlone(): void {
  if (checkout.attempt !== undefined && closing === '') checkout.stage = 'unknown'
}

/** A refusal says nothing about an earlier request that is still on its way: a new opening shuts that one out for good. */
function mayAttach(step: NextStep, attempt: Attempt): boolean {
  return step === 'attach' || (step === 'give_up' && attempt.uncertain)
}

async function underNewOpening(attempt: Attempt): Promise<boolean> {
  try {
    const { opening, last_receipt_no: last } = await attach()
    await change({ ...renewed(attempt, opening, last), uncertain: false })
    return true
  } catch (error) {
    const refusal = asRefusal(error)
    await stop(refusal.code === 'not_signed_in' ? 'sign_in' : 'resend', refusal)
    return false
  }
}

async function stop(step: NextStep, refusal: Refusal): Promise<void> {
  const { attempt } = checkout
  if (attempt === undefined) return
  if (step === 'resend' || step === 'sign_in') {
    await change({ ...attempt, uncertain: true })
    checkout.stage = 'unknown'
    play('attention')
    return
  }
  const { quote, cart, tabs } = useInvoices()
  const paid = tabs.value.carts.find(({ id }) => id === attempt.cartId)
  checkout.attempt = undefined
  checkout.stage = 'idle'
  const setback: Setback = {
    cartId: attempt.cartId,
    code: refusal.code,
    sentence: refusal.detail,
    lacking: refusal.code === 'out_of_stock' ? lackingLines((refusal.facts.lines as RefusedLine[] | undefined) ?? [], attempt) : [],
    questions: refusal.code === 'amber' && paid !== undefined ? ambers(refusal, paid) : [],
    prices: [],
    beforeVnd: attempt.request.total_vnd,
  }
  checkout.setback = setback
  play('attention')
  await forget('attempt')
  if (!REPRICED.has(refusal.code)) return
  if (typeof refusal.facts.voucher === 'string') dropVoucher(refusal.facts.voucher, attempt.cartId)
  await refetchGoods(useTill().branchId.value)
  if (cart.value.id !== attempt.cartId) return
  const now = new Map(quote.value.lines.map(({ line, unitVnd }) => [line.variantId, unitVnd]))
  const prices = attempt.request.lines.flatMap(({ variant_id: variantId, unit_vnd: beforeVnd }) =>
    now.get(variantId) === beforeVnd ? [] : [{ variantId, beforeVnd }])
  checkout.setback = { ...setback, prices }
}

async function complete(attempt: Attempt, answer: SaleAnswer, offline: boolean): Promise<void> {
  const { series } = useTill()
  closing = attempt.request.id
  const sale: SoldSale = { id: answer.id, soldAt: answer.sold_at, facts: factsOf(attempt, answer, offline) }
  const receiptNo = Math.max(series.value.receiptNo, attempt.request.receipt_no)
  const tabs = withoutSold(attempt.cartId)
  try {
    await closeSale(attempt, sale, { ...series.value, receiptNo }, tabs, offline, shelved(attempt))
  } finally {
    closing = ''
  }
  numbered(receiptNo)
  mark('pay:committed')
  void forgetUsed(attempt.request.tenders.flatMap(({ payment_id: paymentId }) => paymentId ?? []))
  checkout.attempt = undefined
  checkout.stage = 'idle'
  checkout.setback = undefined
  void soldWith(attempt.request.id)
  showTabs(tabs)
  checkout.done = { ...sale, print: attempt.print, turn: Date.now(), over: useInvoices().cart.value }
  play('paid')
  void handOut(sale, attempt)
  void noteReturned(attempt.request.returns)
  void drain()
}

/** What has come back in it and can be sold again. */
function shelved({ cartId, request }: Attempt): { variantId: string; qty: number }[] {
  const paid = useInvoices().tabs.value.carts.find(({ id }) => id === cartId)
  if (paid === undefined || request.returns.length === 0) return []
  return choices(paid).flatMap(({ line, choice }) => (choice.condition === 'sell' ? [{ variantId: line.variant_id, qty: choice.qty }] : []))
}

/** The sale is kept: now the drawer opens and the receipt comes out. What a printer does changes nothing about the sale. */
async function handOut(sale: SoldSale, { print: wanted, request }: Attempt): Promise<void> {
  const drawer = request.tenders.some(({ kind }) => kind === 'cash')
  if (wanted && printsByItself()) await printSale(sale, drawer)
  else if (drawer) await openDrawer()
}

/** Print the receipt of a sale; the next one is a copy and says so. */
export async function printSale(sale: SoldSale, drawer = false): Promise<void> {
  await print({ kind: 'receipt', rows: receiptRows(sale.facts), drawer, title: sale.facts.receiptCode })
  await notePrinted(sale)
}

async function change(next: Attempt): Promise<void> {
  checkout.attempt = next
  await storeAttempt(next)
}

/** No answer is the refusal nobody spoke. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof Unreachable) return new Refusal(error.reason === 'timeout' ? 'timeout' : 'offline', 0, '')
  throw error
}

/** The cart is closed to changes: its sale is on its way, or a card is being charged for it. */
export function isLocked(cartId: string): boolean {
  return checkout.attempt?.cartId === cartId || isHeld(cartId)
}

export function useCheckout() {
  return { ...toRefs(checkout), done, busy: computed(() => checkout.attempt !== undefined) }
}

/** A receipt has been printed: the next one is a copy and says so. */
export async function notePrinted(sale: SoldSale): Promise<void> {
  if (sale.foreign === true) return
  const facts = { ...sale.facts, copies: sale.facts.copies + 1 }
  await keepSale({ id: sale.id, soldAt: sale.soldAt, facts })
  if (checkout.done?.id === sale.id) checkout.done = { ...checkout.done, facts }
}

/** A sale has become void: the done strip says so, if it shows that one. */
export function showVoided({ id }: SoldSale, facts: SoldSale['facts']): void {
  if (checkout.done?.id === id) checkout.done = { ...checkout.done, facts, turn: Date.now() }
}
