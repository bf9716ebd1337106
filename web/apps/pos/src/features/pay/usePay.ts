// How the invoice in hand is paid: method, note chips, typed amounts, parts; and when the pay button may be pressed.

import { fitsAsPart, noteChips, pieces, typedVnd, type Method } from '@placket/selling'
import { computed, ref, watch } from 'vue'
import { pay, useCheckout } from '../../terminal/checkout'
import { setParts, setTendering, useInvoices } from '../../terminal/invoices'
import { useLights } from '../../terminal/lights'
import { useTill } from '../../terminal/till'

/** A tap that was meant for the cart must not pay for it. */
const GUARD_MS = 400

export function usePay() {
  const { cart, quote, settlement, unsellable, changedAt } = useInvoices()
  const { start } = useTill()
  const { attempt, stage, busy, setback } = useCheckout()
  const lights = useLights(() => (setback.value?.cartId === cart.value.id ? setback.value.questions : []))

  const guarded = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(changedAt, () => {
    guarded.value = true
    clearTimeout(timer)
    timer = setTimeout(() => { guarded.value = false }, GUARD_MS)
  })

  const tendering = computed(() => cart.value.tendering)
  const method = computed<Method>({
    get: () => tendering.value.method,
    set: (next) => setTendering({ method: next, tenderedVnd: null, reference: '' }),
  })
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

  function takePart(): void {
    if (part.value === undefined) return
    setParts([...cart.value.parts, { kind: method.value, amountVnd: part.value, reference: tendering.value.reference }])
  }

  return {
    cart, quote, settlement, method, count, chips, step, amount, part, uneven, stage, tendering, busy,
    locked: computed(() => attempt.value?.cartId === cart.value.id),
    ...lights,
    /** The line that has to be answered before the button works, counted from one. */
    asking,
    unsellable,
    ready: computed(() =>
      count.value > 0 && unsellable.value.length === 0 && paid(method.value, amount.value, settlement.value) && !busy.value
      && asking.value === undefined && lights.remote.value.length === 0 && !lights.blind.value),
    guarded,
    take: (vnd: number | null) => setTendering({ tenderedVnd: vnd }),
    type: (text: string) => setTendering({ tenderedVnd: text.trim() === '' ? null : typedVnd(text) }),
    note: (reference: string) => setTendering({ reference }),
    takePart,
    removePart: (at: number) => setParts(cart.value.parts.filter((_, place) => place !== at)),
    submit: (print: boolean) => void pay(print),
  }
}

/** A card or a transfer for less than what is due is a part, not a payment. */
function paid(method: Method, amount: number | null, settlement: { complete: boolean; dueVnd: number }): boolean {
  return settlement.complete && (method === 'cash' || amount === null || amount === settlement.dueVnd)
}
