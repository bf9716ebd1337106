// From the pay button to the done strip: stored first, sent until it is known what became of it, never twice.

import { Refusal, Unreachable } from '@placket/api'
import {
  makeAttempt, newId, nextStep, pieces, renewed, type Attempt, type LackingLine, type NextStep, type ReceiptFacts, type SaleAnswer,
} from '@placket/selling'
import { computed, reactive, toRefs } from 'vue'
import { serverNow } from './clock'
import { closeSale, forget, keepSale, kept, storeAttempt, type SoldSale } from './db'
import { refetchGoods, useGoods } from './goods'
import { showTabs, useInvoices, withoutSold } from './invoices'
import { noteAnswer } from './line'
import { mark } from './marks'
import { server } from './server'
import { play } from './sound'
import { attach, useTill } from './till'

export type Stage = 'idle' | 'writing' | 'slow' | 'unknown'

export interface NewPrice {
  variantId: string
  beforeVnd: number
}

/** Why the last attempt of a cart did not become a sale. */
export interface Setback {
  cartId: string
  code: string
  sentence: string
  lacking: LackingLine[]
  prices: NewPrice[]
  beforeVnd: number
}

interface Checkout {
  stage: Stage
  attempt: Attempt | undefined
  setback: Setback | undefined
  done: (SoldSale & { print: boolean; turn: number }) | undefined
}

const checkout = reactive<Checkout>({ stage: 'idle', attempt: undefined, setback: undefined, done: undefined })

const QUIET_MS = 400
const SLOW_MS = 1_500
const RESENDS = 3
const ATTACHES = 2
const WAIT_MS = 700

/** Sell the active cart. Pressed twice, it is still one sale. */
export async function pay(print: boolean): Promise<void> {
  const { cart, quote, settlement, unsellable } = useInvoices()
  const till = useTill()
  if (checkout.attempt !== undefined || till.phase.value !== 'open') return
  if (pieces(cart.value) === 0 || unsellable.value.length > 0 || !settlement.value.complete) return
  mark('pay:tap')
  checkout.setback = undefined
  checkout.done = undefined
  const attempt = makeAttempt({
    id: newId(),
    cartId: cart.value.id,
    opening: till.series.value.opening,
    receiptNo: till.series.value.receiptNo + 1,
    quote: quote.value,
    settlement: settlement.value,
    atMs: serverNow(),
    print,
  })
  checkout.attempt = attempt
  await storeAttempt(attempt)
  await bringThrough()
}

/** An attempt is left from before a reload or a new sign-in: find out what became of it. The till has just attached. */
export async function resumeAttempt(): Promise<void> {
  const left = checkout.attempt ?? (await kept('attempt'))
  if (left === undefined) return
  const { series } = useTill()
  await change(renewed({ ...left, uncertain: true }, series.value.opening, series.value.receiptNo))
  await bringThrough()
}

/** Ask again for an attempt whose answer never came. */
export async function askAgain(): Promise<void> {
  if (checkout.stage === 'unknown') await bringThrough()
}

export function dismissDone(): void {
  checkout.done = undefined
}

/** Show a sale of this till again, as if it had just been made. */
export function showSale(sale: SoldSale): void {
  checkout.done = { ...sale, print: true, turn: Date.now() }
}

export function clearSetback(): void {
  checkout.setback = undefined
}

async function bringThrough(): Promise<void> {
  checkout.stage = 'idle'
  const quiet = setTimeout(() => { checkout.stage = 'writing' }, QUIET_MS)
  const slow = setTimeout(() => { checkout.stage = 'slow' }, SLOW_MS)
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
    try {
      const answer = await server.sell(checkout.attempt.request)
      noteAnswer(performance.now() - started)
      return await complete(checkout.attempt, answer)
    } catch (error) {
      noteAnswer(performance.now() - started)
      const refusal = asRefusal(error)
      const step = nextStep(refusal.code, refusal.status)
      if (step === 'resend' && resends < RESENDS) {
        resends += 1
        await change({ ...checkout.attempt, uncertain: true })
        await new Promise((done) => { setTimeout(done, WAIT_MS * resends) })
      } else if (mayAttach(step, checkout.attempt) && attaches < ATTACHES) {
        attaches += 1
        if (!(await underNewOpening(checkout.attempt))) return
      } else {
        return await stop(step, refusal)
      }
    }
  }
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
  const { quote, cart } = useInvoices()
  checkout.attempt = undefined
  checkout.stage = 'idle'
  checkout.setback = {
    cartId: attempt.cartId,
    code: refusal.code,
    sentence: refusal.detail,
    lacking: (refusal.facts.lines as LackingLine[] | undefined) ?? [],
    prices: [],
    beforeVnd: attempt.request.total_vnd,
  }
  play('attention')
  await forget('attempt')
  if (refusal.code !== 'price_changed' && refusal.code !== 'no_price' && refusal.code !== 'unknown_variant') return
  await refetchGoods(useTill().branchId.value)
  if (cart.value.id !== attempt.cartId) return
  const now = new Map(quote.value.lines.map(({ line, unitVnd }) => [line.variantId, unitVnd]))
  checkout.setback.prices = attempt.request.lines.flatMap(({ variant_id: variantId, unit_vnd: beforeVnd }) =>
    now.get(variantId) === beforeVnd ? [] : [{ variantId, beforeVnd }])
}

async function complete(attempt: Attempt, answer: SaleAnswer): Promise<void> {
  const { series } = useTill()
  const sale: SoldSale = { id: answer.id, soldAt: answer.sold_at, facts: factsOf(attempt, answer) }
  const receiptNo = Math.max(series.value.receiptNo, attempt.request.receipt_no)
  series.value = { ...series.value, receiptNo }
  const tabs = withoutSold(attempt.cartId)
  await closeSale(sale, { ...series.value }, tabs)
  mark('pay:committed')
  checkout.attempt = undefined
  checkout.stage = 'idle'
  showTabs(tabs)
  checkout.done = { ...sale, print: attempt.print, turn: Date.now() }
  play('paid')
}

function factsOf(attempt: Attempt, answer: SaleAnswer): ReceiptFacts {
  const { start, session } = useTill()
  const { catalogue, locations } = useGoods()
  const { request } = attempt
  const branch = start.value?.branch
  return {
    company: start.value?.company.name ?? '',
    taxCode: start.value?.company.tax_code ?? null,
    branch: branch?.name ?? '',
    address: branch?.address ?? null,
    phone: branch?.phone ?? null,
    receiptCode: answer.receipt_code,
    barcode: answer.barcode,
    soldAt: answer.sold_at,
    cashier: session.value?.staff.full_name ?? '',
    lines: request.lines.map((line) => {
      const variant = catalogue.value?.byId.get(line.variant_id)
      return {
        name: variant?.style.name_vi ?? '',
        sku: variant?.sku ?? '',
        qty: line.qty,
        unitVnd: line.unit_vnd,
        totalVnd: line.unit_vnd * line.qty,
        sourceName: line.source_id === branch?.id ? null : (locations.value.find(({ id }) => id === line.source_id)?.name ?? ''),
      }
    }),
    totalVnd: answer.total_vnd,
    roundingVnd: answer.rounding_vnd,
    changeVnd: answer.change_vnd,
    vat: answer.vat.map(({ rate_bp: rateBp, vat_vnd: vatVnd }) => ({ rateBp, vatVnd })),
    tenders: request.tenders.map(({ kind, amount_vnd, tendered_vnd }) => ({ kind, handedVnd: tendered_vnd ?? amount_vnd })),
    copies: 0,
    voided: false,
  }
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

export function useCheckout() {
  return { ...toRefs(checkout), busy: computed(() => checkout.attempt !== undefined) }
}

/** Undo a sale of today. Refuses as the server does; voiding again changes nothing. */
export async function voidDone(sale: SoldSale, reason: string): Promise<void> {
  await server.void(sale.id, reason)
  const facts = { ...sale.facts, voided: true }
  await keepSale({ id: sale.id, soldAt: sale.soldAt, facts })
  if (checkout.done?.id === sale.id) checkout.done = { ...checkout.done, facts, turn: Date.now() }
}

/** A receipt has been printed: the next one is a copy and says so. */
export async function notePrinted(sale: SoldSale): Promise<void> {
  const facts = { ...sale.facts, copies: sale.facts.copies + 1 }
  await keepSale({ id: sale.id, soldAt: sale.soldAt, facts })
  if (checkout.done?.id === sale.id) checkout.done = { ...checkout.done, facts }
}
