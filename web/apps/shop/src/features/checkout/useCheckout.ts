// The checkout: an order that holds the goods of the cart for ten visible minutes, asked for anew when the cart or the way
// changes, resumed after a reload, and paid by the total that the button says.

import { Refusal } from '@placket/api'
import { newId } from '@placket/selling'
import { computed, onMounted, onScopeDispose, ref, watch } from 'vue'
import { sentenceOf } from '../../api.ts'
import { at } from '../../i18n.ts'
import { cart, keep, type Cart, type Wish } from '../../shell/cart.ts'
import * as orders from '../../shell/orders.ts'
import type { Method, Order, Quote, Recipient } from '../../shell/orders.ts'

type Say = (key: string, named?: Record<string, unknown>) => string
type State = 'starting' | 'asking' | 'held' | 'over' | 'refused' | 'changed' | 'failed'

const ASK_AGAIN_MS = 400
const OPEN = new Set(['asking', 'held'])

export function useCheckout(t: Say) {
  const quote = ref<Quote>()
  const order = ref<Order>()
  const state = ref<State>('starting')
  const trouble = ref('')
  const before_vnd = ref(0)
  const left_ms = ref(0)
  const sending = ref(false)
  let behind_ms = 0
  let turn = 0
  let under_way: Promise<void> = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Asked for anew: after what is under way, so that it gives back what that holds; only the last one is shown. */
  function begin(expected_vnd?: number): Promise<void> {
    turn += 1
    const mine = turn
    under_way = under_way.then(() => (mine === turn ? run(mine, expected_vnd) : undefined))
    return under_way
  }

  async function run(mine: number, expected_vnd?: number): Promise<void> {
    trouble.value = ''
    // What is asked for now: the cart may change while the answers are on their way.
    const wanted = cart.value
    try {
      quote.value = await orders.quote(wanted, expected_vnd)
      const resumed = expected_vnd === undefined ? await resume(wanted) : undefined
      const found = resumed ?? (await place(wanted, quote.value.total_vnd))
      if (mine === turn) take(found)
    } catch (error) {
      if (mine === turn) stop(error)
    }
  }

  /** The order of this very cart, if one is still open: a reload makes no second one. */
  async function resume(wanted: Cart): Promise<Order | undefined> {
    const known = orders.current()
    if (known === undefined || known.of !== orders.signature(wanted)) return undefined
    const found = await orders.fetchOrder(known.id, known.key)
    if (found.state === 'confirmed' || found.state === 'done') location.replace(orders.pathOf(found))
    return OPEN.has(found.state) ? found : undefined
  }

  async function place(wanted: Cart, expected_vnd: number): Promise<Order> {
    const known = orders.current()
    const made = await orders.place(wanted, newId(), expected_vnd, known && { id: known.id, key: known.key })
    orders.keepCurrent({ id: made.id, key: made.key, of: orders.signature(wanted) })
    return made
  }

  function take(found: Order): void {
    order.value = found
    behind_ms = 0
    state.value = found.state === 'asking' ? 'asking' : found.state === 'held' ? 'held' : found.state === 'refused' ? 'refused' : 'over'
    clearTimeout(timer)
    if (found.state === 'asking') timer = setTimeout(() => void look(), ASK_AGAIN_MS)
    tick()
  }

  /** Ask about the order that is shown; once another is wanted in its place, its answer says nothing any more. */
  async function about(ask: (shown: Order) => Promise<Order>): Promise<void> {
    const shown = order.value
    if (shown === undefined) return
    const isShown = (): boolean => order.value?.id === shown.id
    try {
      const found = await ask(shown)
      if (isShown()) take(found)
    } catch (error) {
      if (isShown()) stop(error)
    }
  }
  const look = (): Promise<void> => about(({ id, key }) => orders.fetchOrder(id, key))

  function stop(error: unknown): void {
    if (error instanceof Refusal && error.code === 'price_changed') {
      before_vnd.value = quote.value?.total_vnd ?? 0
      quote.value = (error.facts.quote as Quote | undefined) ?? quote.value
      state.value = 'changed'
      return
    }
    if (error instanceof Refusal && error.code === 'not_enough') {
      void shrunk()
      return
    }
    if (error instanceof Refusal && error.code === 'out_of_stock') {
      state.value = 'refused'
      return
    }
    if (error instanceof Refusal && error.code === 'hold_over') state.value = 'over'
    else if (order.value === undefined) state.value = 'failed'
    trouble.value = sentenceOf(error, t)
  }

  /** Points were spent somewhere else in the same moment: what the cart costs with those that are left is shown first. */
  async function shrunk(): Promise<void> {
    before_vnd.value = quote.value?.total_vnd ?? 0
    try {
      quote.value = await orders.quote(cart.value)
      state.value = 'changed'
    } catch (error) {
      stop(error)
    }
  }

  function tick(): void {
    if (order.value === undefined) return
    left_ms.value = Math.max(0, Date.parse(order.value.held_until) - Date.now() - behind_ms)
    if (state.value === 'held' && left_ms.value === 0) void look()
  }
  let clock: ReturnType<typeof setInterval> | undefined
  onScopeDispose(() => {
    clearInterval(clock)
    clearTimeout(timer)
  })

  const extend = (): Promise<void> => about(orders.extend)

  async function go(wish: Wish): Promise<void> {
    keep({ ...cart.value, wish })
    if (wish.kind === 'collect' && wish.location_id === null) return
    order.value = undefined
    state.value = 'starting'
    await begin()
  }

  // Points are taken off or put on where the total stands: the goods are asked for anew at that price.
  watch(
    () => cart.value.points,
    () => {
      order.value = undefined
      state.value = 'starting'
      void begin()
    },
  )

  async function pay(recipient: Recipient, method: Method): Promise<void> {
    if (order.value === undefined) return
    sending.value = true
    try {
      const paid = await orders.pay(order.value, recipient, method)
      order.value = paid
      const url = paid.payment?.url
      location.assign(method === 'card' && url ? url : `${at('/checkout/processing')}?order=${paid.id}&key=${encodeURIComponent(paid.key)}`)
    } catch (error) {
      sending.value = false
      stop(error)
    }
  }

  onMounted(() => {
    clock = setInterval(tick, 1_000)
    if (cart.value.wish.kind === 'collect' && cart.value.wish.location_id === null) keep({ ...cart.value, wish: { kind: 'ship', location_id: null } })
    void begin()
  })

  const total_vnd = computed(() => order.value?.total_vnd ?? quote.value?.total_vnd ?? 0)
  return { quote, order, state, trouble, before_vnd, left_ms, sending, total_vnd, begin, extend, go, pay, restart: () => void begin(quote.value?.total_vnd) }
}
