// An order as it is now: asked for again while something is about to happen, by a key from the link or from this device.

import { Refusal } from '@placket/api'
import { computed, onMounted, onScopeDispose, ref } from 'vue'
import { sentenceOf } from '../../api.ts'
import { emptied } from '../../shell/cart.ts'
import * as orders from '../../shell/orders.ts'
import type { Order } from '../../shell/orders.ts'

type Say = (key: string, named?: Record<string, unknown>) => string

const SOON_MS = 1_000
const LATER_MS = 20_000
const SOON_FOR = 60
const HAPPENING = new Set(['asking', 'held'])
const PAID = new Set(['confirmed', 'done'])

/** Whose page this is: `/orders/<id>?key=…`, or the address to which a bank sends people back; `paid` when they went through with it. */
export function addressed(address: URL): { id: string; key: string | null; paid: boolean } {
  const last = address.pathname.split('/').pop() ?? ''
  return { id: address.searchParams.get('order') ?? last, key: address.searchParams.get('key'), paid: address.searchParams.has('paid') }
}

export function useOrder(t: Say) {
  const { id, key: linked, paid } = addressed(new URL(location.href))
  const key = orders.keyOf(id, linked)
  const order = ref<Order>()
  const trouble = ref(key === undefined ? t('order.no_key') : '')
  const asked = ref(0)
  /** Only the last question counts: an answer that is still on its way may be from before what was just done. */
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(work: () => Promise<Order>): Promise<void> {
    const mine = ++turn
    clearTimeout(timer)
    try {
      const found = await work()
      if (mine === turn) take(found)
    } catch (error) {
      if (mine === turn) trouble.value = error instanceof Refusal && error.status === 404 ? t('order.lost') : sentenceOf(error, t)
    }
    if (mine !== turn) return
    asked.value += 1
    const soon = order.value === undefined || HAPPENING.has(order.value.state) || order.value.refunds.some((refund) => refund.state === 'pending')
    if (!document.hidden) timer = setTimeout(() => void look(), soon && asked.value < SOON_FOR ? SOON_MS : LATER_MS)
  }

  const look = async (): Promise<void> => {
    if (key !== undefined) await ask(() => orders.fetchOrder(id, key))
  }

  function take(found: Order): void {
    order.value = found
    trouble.value = ''
    // The goods are bought: the cart that held them is done with.
    if (PAID.has(found.state) && orders.current()?.id === found.id) {
      orders.keepCurrent(undefined)
      emptied()
    }
  }

  async function cancel(): Promise<void> {
    const { value: shown } = order
    if (shown !== undefined) await ask(() => orders.cancel(shown))
  }

  const seen = (): void => {
    if (!document.hidden) void look()
  }
  onMounted(() => {
    document.addEventListener('visibilitychange', seen)
    void look()
  })
  onScopeDispose(() => {
    turn += 1
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  })

  /** What is to be said first: how the payment stands while it is what everything waits for, else how the order does. */
  const head = computed(() => {
    const found = order.value
    if (found === undefined) return undefined
    const paying = found.state === 'held' ? found.payment?.state : undefined
    if (paying === 'open' && found.payment?.qr) return 'order.pay_state.transfer'
    // Who has just paid is not told that nothing was paid, only because the bank's word is still on its way.
    if (paying === 'open' && paid) return asked.value < SOON_FOR ? 'order.pay_state.processing' : 'order.pay_state.late'
    if (paying === 'open' || paying === 'processing' || paying === 'failed' || paying === 'expired') return `order.pay_state.${paying}`
    // What has left is not what has arrived.
    if (found.state === 'done' && found.parcels.some(({ state }) => state === 'shipped' || state === 'not_met')) return 'order.on_road'
    return `order.state.${found.state}`
  })
  return { order, trouble, head, cancel, look }
}
