// Points and store credit under holds: asked for on line, spent by the one sale they are for, let go when no cart waits for
// them. A hold is named by a request number; the till says up to which number all is over.

import { Refusal } from '@placket/api'
import { newId, replaceCart, requestsOf, withoutRights, type Cart } from '@placket/selling'
import { watch } from 'vue'
import { keep, kept } from './db'
import { changeCart, showTabs, useInvoices } from './invoices'
import { recordEntry } from './journal'
import { server } from './server'
import { requestsNow, setRequests } from './settled'
import { drain } from './sync'
import { useTill } from './till'

/** Requests on their way: their answer may hold something. */
const underWay = new Set<number>()

/** Remember how far the requests are numbered. */
export async function loadRights(): Promise<void> {
  setRequests((await kept('requests')) ?? requestsNow())
}

/** Say what is over whenever a cart lets go of something; called once, when the till has started. */
export function watchRights(): void {
  watch(useInvoices().tabs, ({ carts }) => {
    for (const cart of carts) if (requestsOf(cart).some((no) => no <= requestsNow().settledNo)) takeOff(cart)
    void settle()
  }, { immediate: true })
}

/** Keep an amount for the sale of a cart. Refuses as the server does, or `Unreachable`. */
export async function keepRight(cart: Cart, type: 'points' | 'store_credit', amount: number): Promise<void> {
  const customer = cart.customer
  if (customer === undefined) return
  const saleId = cart.saleId ?? newId()
  const requestNo = requestsNow().lastNo + 1
  setRequests({ ...requestsNow(), lastNo: requestNo })
  underWay.add(requestNo)
  await keep('requests', requestsNow())
  const body = { type, id: customer.id, amount, request_no: requestNo, sale_id: saleId }
  try {
    const held = await server.keepRight(body)
    const now = useInvoices().tabs.value.carts.find(({ id }) => id === cart.id)
    if (now === undefined || now.customer?.id !== customer.id) return
    const spent = { holdId: held.hold_id, points: held.amount, valueVnd: held.value_vnd, requestNo }
    const part = { kind: 'store_credit' as const, amountVnd: held.amount, reference: held.hold_id, requestNo }
    changeCart(type === 'points' ? { ...now, saleId, points: spent } : { ...now, saleId, parts: [...now.parts, part] })
  } catch (error) {
    if (error instanceof Refusal && error.code === 'hold_number_reused') {
      setRequests({ ...requestsNow(), lastNo: Math.max(requestsNow().lastNo, Number(error.facts.last_no ?? 0)) })
      await keep('requests', requestsNow())
    }
    throw error
  } finally {
    underWay.delete(requestNo)
    void settle()
  }
}

/** Take the points off a cart: what was held for them is free again. */
export function dropPoints(cart: Cart): void {
  const { points: _points, ...rest } = cart
  changeCart(rest)
}

function takeOff(cart: Cart): void {
  const { tabs } = useInvoices()
  showTabs(replaceCart(tabs.value, withoutRights(cart)))
}

/** Everything below the lowest request that a cart still has is over. */
async function settle(): Promise<void> {
  const { phase, series } = useTill()
  if (phase.value !== 'open' && phase.value !== 'locked') return
  const open = [...useInvoices().tabs.value.carts.flatMap(requestsOf), ...underWay]
  const { lastNo, settledNo } = requestsNow()
  const upTo = open.length === 0 ? lastNo : Math.min(...open) - 1
  if (upTo <= settledNo) return
  setRequests({ lastNo, settledNo: upTo })
  await recordEntry('SETTLED', series.value.opening, { settled_no: upTo }, () => keep('requests', requestsNow()))
  void drain()
}
