// Transfers and cards of the invoice in hand: which payment is on the panel, and what the cashier can do about it. Choosing
// a method asks for it at once; what was asked before is given up first, so that there is one at a time.

import { fitsAsPart, isUnsettled, type Cart, type Method, type Settlement } from '@placket/selling'
import { toast } from '@placket/ui'
import { computed, ref, watch, type ComputedRef } from 'vue'
import { setParts, setTendering } from '../../terminal/invoices'
import {
  askAgain, cancelPayment, dismissPayment, giveUpWaiting, renewPayment, stepOf, takePayment, usePayments,
} from '../../terminal/payments'
import { followVouchers, keepVouchers } from '../../terminal/vouchers'

export function useTaking(facts: {
  cart: ComputedRef<Cart>
  settlement: ComputedRef<Settlement>
  totalVnd: ComputedRef<number>
  alone: ComputedRef<boolean>
  /** A typed amount that can be taken first. */
  part: ComputedRef<number | undefined>
  takePart: () => void
  /** Nothing else stands between the cart and its payment. */
  payable: ComputedRef<boolean>
  step: ComputedRef<number>
}) {
  const { cart, settlement, alone, part, takePart, payable } = facts
  const { here, rows, trouble } = usePayments()
  const busy = ref(false)
  /** The method chosen last, until it can be had: what is under way with the one before is finished first. */
  let wish: { cartId: string; next: Method; hand: boolean } | undefined
  const method = computed<Method>(() => cart.value.tendering.method)

  /** Taken on a loose terminal or seen in the bank's app: the cashier types its reference. */
  const byHand = computed(() =>
    method.value !== 'cash'
    && (cart.value.tendering.byHand === true || alone.value || here.value === undefined || (method.value === 'card' && !here.value.terminal)))

  /** The payment on the panel: the last one asked for, until it has come or was taken off. */
  const current = computed(() => {
    const mine = rows.value.filter((row) =>
      row.cartId === cart.value.id && row.kind === method.value && !['received', 'returning', 'returned'].includes(stepOf(row)))
    return mine.at(-1)
  })
  const due = computed(() => settlement.value.dueVnd)

  async function once(work: () => Promise<unknown>): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      await work()
      await fulfil()
    } finally {
      wish = undefined
      busy.value = false
    }
  }

  /** What is on the panel ends first; answers false when nobody knows yet whether it has. */
  async function clear(): Promise<boolean> {
    const row = current.value
    if (row === undefined) return true
    if (isUnsettled(stepOf(row)) && !(await cancelPayment(row.id))) return false
    if (current.value?.id === row.id) await dismissPayment(row.id)
    return true
  }

  async function take(amountVnd: number): Promise<void> {
    const kind = method.value
    if (kind === 'cash' || byHand.value || amountVnd <= 0 || !payable.value) return
    if (!(await clear())) return
    await giveUpWaiting(cart.value.id)
    const vnd = Math.min(amountVnd, due.value)
    if (vnd <= 0) return
    const refused = (await keepVouchers(cart.value.id)) ?? (await takePayment(kind, cart.value, vnd))
    if (refused !== undefined) toast(refused, { tone: 'warn' })
  }

  async function fulfil(): Promise<void> {
    while (wish !== undefined) {
      const { cartId, next, hand } = wish
      wish = undefined
      const chosen = (cart.value.tendering.byHand === true) === hand && (hand || method.value === next)
      if (cartId === cart.value.id && !chosen) await change(next, hand)
    }
  }

  function choose(next: Method, hand: boolean): void {
    wish = { cartId: cart.value.id, next, hand }
    void once(fulfil)
  }

  async function change(next: Method, hand: boolean): Promise<void> {
    if (method.value === 'card' && !(await clear())) return
    if (method.value === 'transfer' && (hand || next === 'cash')) void giveUpWaiting(cart.value.id)
    if (part.value !== undefined && method.value === 'cash') takePart()
    setTendering({ method: next, byHand: hand, tenderedVnd: null, reference: '' })
    if (!hand) await take(due.value)
  }

  // What is due has changed: a code with the old amount would only bring the wrong money.
  watch(facts.totalVnd, () => {
    if (method.value === 'transfer' && current.value !== undefined && isUnsettled(stepOf(current.value))) void once(() => take(due.value))
  })

  followVouchers()

  return {
    here, byHand, current, busy,
    trouble: computed(() => (current.value === undefined ? '' : (trouble.value[current.value.id] ?? ''))),
    choose,
    start: () => void once(() => take(due.value)),
    /** Ask for another amount: a part of what is due. */
    retake: (vnd: number) => {
      if (vnd === due.value || fitsAsPart(vnd, method.value, due.value, facts.step.value)) void once(() => take(vnd))
    },
    stop: () => void once(clear),
    ask: () => { const { value: row } = current; if (row !== undefined) void once(() => askAgain(row.id)) },
    renew: () => { const { value: row } = current; if (row !== undefined) void once(() => renewPayment(row.id)) },
    removePart: (at: number) => setParts(cart.value.parts.filter((_, place) => place !== at)),
  }
}
