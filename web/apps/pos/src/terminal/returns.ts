// Goods that come back: receipts laid beside the invoice in hand, and what the server gives for what is chosen of them.

import { Refusal, Unreachable } from '@placket/api'
import {
  choices, choose, missingOf, priceAt, retold, swappedFor, withReceipt, withoutReceipt, withReason, withSwaps, type Cart, type Choice, type RefundWay,
  type ReturnableSale, type SwapFacts, type Variant,
} from '@placket/selling'
import { ref, watch } from 'vue'
import { isLocked, useCheckout } from './checkout'
import { changeCart, newInvoice, reviseCart, useInvoices } from './invoices'
import { sellsAlone } from './lights'
import { moment } from './clock'
import { useGoods } from './goods'
import { orderAlone, quoteAlone } from './returnsAlone'
import { server } from './server'

/** Why the last question about a return led nowhere: a sentence for the cashier. */
const trouble = ref('')

/** The sales that a code or an id means: one receipt, or the parcels of an online order. Throws `Unreachable` when nobody can say. */
async function find(what: { barcode: string } | { saleId: string }): Promise<ReturnableSale[]> {
  const alone = async (): Promise<ReturnableSale[]> => {
    const kept = await orderAlone(what)
    return kept === undefined ? [] : [kept]
  }
  if (sellsAlone()) return alone()
  try {
    return 'saleId' in what ? [await server.returnableSale(what.saleId)] : await server.returnableSales(what.barcode)
  } catch (error) {
    if (error instanceof Unreachable) return alone()
    if (error instanceof Refusal && error.status === 404) return []
    throw error
  }
}

/** Lay a receipt, or those of an online order, beside the invoice in hand; one in payment is left alone. Answers whether there is such a sale. */
export async function openReceipt(what: { barcode: string } | { saleId: string }): Promise<boolean> {
  const sales = await find(what)
  if (sales.length === 0) return false
  const { cart } = useInvoices()
  if (isLocked(cart.value.id)) newInvoice()
  trouble.value = ''
  for (const sale of sales) reviseCart(named(withReceipt(cart.value, sale), sale))
  return true
}

/** Whose goods they were is who buys, unless somebody else has been named. */
function named(cart: Cart, sale: ReturnableSale): Cart {
  if (sale.customer_id === null || cart.customer !== undefined) return cart
  return { ...cart, customer: { id: sale.customer_id, name: sale.customer_name ?? '', phone: null } }
}

export function dropReceipt(saleId: string): void {
  reviseCart(withoutReceipt(useInvoices().cart.value, saleId))
}

export function chooseLine(saleId: string, lineNo: number, change: Partial<Choice>): void {
  trouble.value = ''
  reviseCart(choose(useInvoices().cart.value, saleId, lineNo, change))
}

export function payOutBy(refundWay: RefundWay): void {
  const { returnApproval: _, ...rest } = useInvoices().cart.value
  changeCart({ ...rest, refundWay })
}

/** A piece is scanned in: it may say why another one comes back. */
export function explainBy(variant: Variant): void {
  const { cart } = useInvoices()
  const facts = { styleId: variant.style.id, colourVi: variant.colour.name_vi, size: variant.size }
  const next = withReason(cart.value, facts)
  if (next !== cart.value) reviseCart(next)
}

/** What is asked of the server: changes when another piece or number of pieces is chosen, or swapped. */
function questionOf(cart: Cart): string {
  return choices(cart).map(({ sale, choice }) =>
    [sale.id, choice.lineNo, choice.qty, swappedFor(cart.lines, sale.id, choice.lineNo)].join('/')).join(' ')
}

function swapFacts(variantId: string): SwapFacts | undefined {
  const variant = useGoods().catalogue.value?.byId.get(variantId)
  return variant === undefined ? undefined : { styleId: variant.style.id, unitVnd: priceAt(variant, moment.value) }
}

async function askFor(cart: Cart): Promise<void> {
  const question = questionOf(cart)
  const current = (): Cart | undefined => {
    const { tabs } = useInvoices()
    const now = tabs.value.carts.find(({ id }) => id === cart.id)
    return now === undefined || questionOf(now) !== question || isLocked(now.id) ? undefined : now
  }
  try {
    const alone = sellsAlone() || (cart.returns ?? []).some(({ sale }) => sale.alone === true)
    const refund = alone
      ? await quoteAlone(cart)
      : await server.quoteReturn(choices(cart).map(({ sale, choice: { lineNo, qty } }) =>
        ({ sale_id: sale.id, line_no: lineNo, qty, swapped: swappedFor(cart.lines, sale.id, lineNo) })))
    const now = current()
    if (now !== undefined && refund !== undefined) changeCart({ ...now, refund })
  } catch (error) {
    if (error instanceof Unreachable) return
    if (!(error instanceof Refusal)) throw error
    trouble.value = error.detail
    await tellAgain(cart)
  }
}

/** Something has come back meanwhile: the receipts are read anew, and what is no longer there is not chosen any more. */
export async function tellAgain(cart: Cart): Promise<void> {
  for (const { sale } of cart.returns ?? []) {
    const [told] = await find({ saleId: sale.id })
    const now = useInvoices().tabs.value.carts.find(({ id }) => id === cart.id)
    if (told !== undefined && now !== undefined) changeCart(retold(now, told))
  }
}

/** Mark what is swapped, and ask what is given whenever something else is chosen; called once by the sale screen. */
export function followReturns(): void {
  const { cart } = useInvoices()
  watch(
    () => [cart.value.lines, cart.value.returns, cart.value.refund] as const,
    () => {
      const next = isLocked(cart.value.id) ? cart.value : withSwaps(cart.value, swapFacts)
      if (next !== cart.value) changeCart(next)
    },
    { immediate: true },
  )
  watch(
    () => [cart.value.id, questionOf(cart.value), cart.value.refund === undefined, sellsAlone()] as const,
    () => { if (questionOf(cart.value) !== '' && cart.value.refund === undefined) void askFor(cart.value) },
    { immediate: true },
  )
  // Another till was faster: the receipts are read anew, so that they say what came back where.
  const { setback } = useCheckout()
  watch(setback, (now) => {
    const mine = useInvoices().tabs.value.carts.find(({ id }) => id === now?.cartId)
    if (mine !== undefined && (now?.code === 'already_returned' || now?.code === 'return_changed')) void tellAgain(mine)
  })
}

export function useReturns() {
  return { trouble, missing: () => missingOf(useInvoices().cart.value) }
}
