// How the invoice in hand is paid: method, note chips, typed amounts, parts; and when the pay button may be pressed.

import { fitsAsPart, noteChips, pieces, typedVnd, type Method, type Settlement } from '@placket/selling'
import { computed, ref, watch } from 'vue'
import { isLocked, pay, useCheckout } from '../../terminal/checkout'
import { setParts, setTendering, useInvoices } from '../../terminal/invoices'
import { useLights } from '../../terminal/lights'
import { usePayments } from '../../terminal/payments'
import { play } from '../../terminal/sound'
import { useTill } from '../../terminal/till'
import { useTaking } from './useTaking'

/** A tap that was meant for the cart must not pay for it. */
const GUARD_MS = 400

export type Way = Method | 'other'

export function usePay() {
  const { cart, quote, settlement, unsellable, changedAt } = useInvoices()
  const { start, may } = useTill()
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
  const chips = computed(() => noteChips(settlement.value.dueVnd))
  const step = computed(() => start.value?.settings.cash_rounding_vnd ?? 0)
  const amount = computed(() => tendering.value.tenderedVnd)
  /** A typed amount that is less than what is due can be taken first. */
  const part = computed(() =>
    amount.value !== null && fitsAsPart(amount.value, method.value, settlement.value.dueVnd, step.value) ? amount.value : undefined)
  const uneven = computed(() =>
    method.value === 'cash' && amount.value !== null && amount.value < settlement.value.dueVnd && part.value === undefined)

  const asking = computed(() => {
    const [question] = lights.questions.value
    if (question === undefined) return undefined
    return cart.value.lines.findIndex(({ variantId }) => variantId === question.variantId) + 1
  })
  const payable = computed(() =>
    count.value > 0 && unsellable.value.length === 0 && !busy.value && asking.value === undefined
    && lights.remote.value.length === 0 && !lights.blind.value)

  function takePart(): void {
    if (part.value === undefined) return
    setParts([...cart.value.parts, { kind: method.value, amountVnd: part.value, reference: tendering.value.reference }])
  }

  const taking = useTaking({
    cart, settlement, totalVnd: computed(() => quote.value.totalVnd), alone: lights.alone, part, takePart, payable, step,
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
    && (covered.value || ((method.value === 'cash' || byHand.value) && !denied.value && paid(method.value, amount.value, settlement.value))))

  // The payment that pays the rest has come: the sale closes by itself, once.
  let closed = 0
  watch([came, covered, ready, guarded], () => {
    const { cartId, turn } = came.value
    if (turn === closed || cartId !== cart.value.id || !covered.value || !ready.value || guarded.value) return
    closed = turn
    void pay(true)
  })

  /** Why F9 did nothing, when nothing else on the panel says so; until the invoice or its payment changes. */
  const refused = ref<'' | 'empty' | 'short' | 'waiting'>('')
  watch([cart, busy], () => { refused.value = '' })

  function press(print: boolean): void {
    if (busy.value) return
    if (ready.value) return void pay(print)
    play('attention')
    if (count.value === 0) refused.value = 'empty'
    else if (!payable.value || denied.value) refused.value = ''
    else if (method.value !== 'cash' && !byHand.value) refused.value = 'waiting'
    else if (settlement.value.missingVnd > 0) refused.value = 'short'
  }

  return {
    cart, quote, settlement, method, way, count, chips, step, amount, part, uneven, stage, tendering, busy, taking, byHand, denied,
    locked: computed(() => isLocked(cart.value.id)),
    ...lights,
    /** The line that has to be answered before the button works, counted from one. */
    asking,
    unsellable, payable, covered, ready, guarded,
    tooMuch: computed(() => Math.max(0, -settlement.value.dueVnd)),
    take: (vnd: number | null) => setTendering({ tenderedVnd: vnd }),
    type: (text: string) => setTendering({ tenderedVnd: text.trim() === '' ? null : typedVnd(text) }),
    note: (reference: string) => setTendering({ reference }),
    takePart,
    removePart: taking.removePart,
    /** Pay, or say why not. */
    press, refused,
  }
}

/** A card or a transfer for less than what is due is a part, not a payment. */
function paid(method: Method, amount: number | null, settlement: Settlement): boolean {
  return settlement.complete && (method === 'cash' || amount === null || amount === settlement.dueVnd)
}
