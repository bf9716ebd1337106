// How the invoice in hand is paid: method, note chips, typed amounts, parts; and when the pay button may be pressed.

import { fitsAsPart, missingOf, needsOf, noteChips, pieces, piecesBack, typedVnd, withSymbol, type Method, type Settlement } from '@placket/selling'
import { computed, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { askApproval } from '../../terminal/approval'
import { isLocked, pay, useCheckout } from '../../terminal/checkout'
import { overfull } from '../../terminal/drawer'
import { changeCart, setParts, setTendering, useInvoices } from '../../terminal/invoices'
import { useLights } from '../../terminal/lights'
import { usePayments } from '../../terminal/payments'
import { play } from '../../terminal/sound'
import { useTill } from '../../terminal/till'
import { useTaking } from './useTaking'

/** A tap that was meant for the cart must not pay for it. */
const GUARD_MS = 400

export type Way = Method | 'other'

export function usePay() {
  const { cart, quote, netVnd, settlement, unsellable, changedAt } = useInvoices()
  const { start, may, session } = useTill()
  const { t } = useI18n()
  const { stage, busy, setback } = useCheckout()
  const { came } = usePayments()
  const lights = useLights(() => (setback.value?.cartId === cart.value.id ? setback.value.questions : []))

  const guarded = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(changedAt, () => {
    guarded.value = true
    clearTimeout(timer)
    timer = setTimeout(() => { guarded.value = false }, GUARD_MS)
  })

  const tendering = computed(() => cart.value.tendering)
  const method = computed(() => tendering.value.method)
  const count = computed(() => pieces(cart.value))
  const back = computed(() => piecesBack(cart.value))
  /** What goes out to the customer: the goods that come back are worth more than what is taken. */
  const outVnd = computed(() => Math.max(0, -settlement.value.dueVnd))
  const chips = computed(() => noteChips(Math.max(0, settlement.value.dueVnd)))
  const missing = computed(() => missingOf(cart.value))
  const needs = computed(() =>
    back.value === 0 ? [] : needsOf(cart.value, settlement.value.tenders, session.value?.reaches?.['sale.return']?.refund_vnd_max ?? null))
  const creditless = computed(() => cart.value.customer === undefined && settlement.value.tenders.some(({ kind, amount_vnd: vnd }) => kind === 'store_credit' && vnd < 0))
  const step = computed(() => start.value?.settings.cash_rounding_vnd ?? 0)
  const amount = computed(() => tendering.value.tenderedVnd)
  /** A typed amount that is less than what is due can be taken first. */
  const part = computed(() =>
    amount.value !== null && fitsAsPart(amount.value, method.value, settlement.value.dueVnd, step.value) ? amount.value : undefined)
  const uneven = computed(() =>
    method.value === 'cash' && amount.value !== null && amount.value < settlement.value.dueVnd && part.value === undefined)

  const full = computed(() => overfull(settlement.value))
  const asking = computed(() => {
    const [question] = lights.questions.value
    if (question === undefined) return undefined
    return cart.value.lines.findIndex(({ variantId }) => variantId === question.variantId) + 1
  })
  const payable = computed(() =>
    count.value + back.value > 0 && missing.value === undefined && !creditless.value && unsellable.value.length === 0 && !busy.value && asking.value === undefined
    && lights.remote.value.length === 0 && !lights.blind.value && lights.clock.value === undefined && full.value === undefined)

  function takePart(): void {
    if (part.value === undefined) return
    setParts([...cart.value.parts, { kind: method.value, amountVnd: part.value, reference: tendering.value.reference }])
  }

  const taking = useTaking({
    cart, settlement, totalVnd: netVnd, alone: lights.alone, part, takePart, payable, step,
  })
  const { byHand } = taking
  const way = computed<Way>({
    get: () => (tendering.value.byHand === true ? 'other' : method.value),
    set: (next) => taking.choose(next === 'other' ? 'card' : next, next === 'other'),
  })
  /** A transfer written by hand is somebody's word that the money is there. */
  const denied = computed(() => byHand.value && method.value === 'transfer' && !may('payment.confirm'))
  const covered = computed(() => settlement.value.dueVnd === 0 && settlement.value.complete)
  const ready = computed(() =>
    payable.value
    && (covered.value || (outVnd.value > 0 && settlement.value.complete) || ((method.value === 'cash' || byHand.value) && !denied.value && paid(method.value, amount.value, settlement.value))))

  /** Pay; what the policy does not allow by itself is asked of somebody who may agree to it, once. */
  async function submit(print: boolean): Promise<void> {
    if (needs.value.length > 0 && cart.value.returnApproval === undefined) {
      const why = needs.value.map((reason) => t(`returns.needs.${reason}`)).join(' ')
      const about = t('returns.approval', { money: withSymbol(outVnd.value), code: cart.value.returns?.[0]?.sale.receipt_code ?? '' })
      const agreed = await askApproval({ verb: 'sale.refund', about, why, refundVnd: outVnd.value })
      if (agreed === undefined) return
      changeCart({ ...cart.value, returnApproval: { approvedBy: agreed.staffId, approvalId: agreed.id } })
    }
    await pay(print)
  }

  // The payment that pays the rest has come: the sale closes by itself, once.
  let closed = 0
  watch([came, covered, ready, guarded], () => {
    const { cartId, turn } = came.value
    if (turn === closed || cartId !== cart.value.id || !covered.value || !ready.value || guarded.value) return
    closed = turn
    void submit(true)
  })

  /** Why F9 did nothing, when nothing else on the panel says so; until the invoice or its payment changes. */
  const refused = ref<'' | 'empty' | 'short' | 'waiting'>('')
  watch([cart, busy], () => { refused.value = '' })

  function press(print: boolean): void {
    if (busy.value) return
    if (ready.value) return void submit(print)
    play('attention')
    if (count.value + back.value === 0) refused.value = 'empty'
    else if (!payable.value || denied.value) refused.value = ''
    else if (method.value !== 'cash' && !byHand.value) refused.value = 'waiting'
    else if (settlement.value.missingVnd > 0) refused.value = 'short'
  }

  return {
    cart, quote, settlement, method, way, count, chips, step, amount, part, uneven, stage, tendering, busy, taking, byHand, denied,
    locked: computed(() => isLocked(cart.value.id)),
    ...lights,
    /** More cash than the drawer may hold without the server. */
    full,
    /** The line that has to be answered before the button works, counted from one. */
    asking,
    unsellable, payable, covered, ready, guarded,
    tooMuch: computed(() => (netVnd.value < 0 && cart.value.parts.length === 0 ? 0 : outVnd.value)),
    take: (vnd: number | null) => setTendering({ tenderedVnd: vnd }),
    type: (text: string) => setTendering({ tenderedVnd: text.trim() === '' ? null : typedVnd(text) }),
    note: (reference: string) => setTendering({ reference }),
    takePart,
    removePart: taking.removePart,
    /** Pay, or say why not. */
    press, refused,
    back, outVnd, netVnd, missing, needs, creditless,
  }
}

/** A card or a transfer for less than what is due is a part, not a payment. */
function paid(method: Method, amount: number | null, settlement: Settlement): boolean {
  return settlement.complete && (method === 'cash' || amount === null || amount === settlement.dueVnd)
}
