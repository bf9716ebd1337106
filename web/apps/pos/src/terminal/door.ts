// Goods that suppliers bring here. What is scanned stays on the device until it is told; without network it waits and is told when
// the line is back, under the same id.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { countedAtDoor, deliveredBy, newDoorWork, newId, type AtDoor, type DoorWork } from '@placket/selling'
import { ref, shallowRef } from 'vue'
import { afresh } from './afresh'
import { keep, kept, type DeliveryToTell } from './db'
import { server } from './server'
import { useTill } from './till'

export type OrderIn = Schemas['OrderShown']

const NO_ORDER = 'none'
const orders = shallowRef<OrderIn[]>([])
const suppliers = shallowRef<{ id: string; name: string }[]>([])
const works = shallowRef<Record<string, DoorWork>>({})
const toTell = shallowRef<DeliveryToTell[]>([])
const heardAt = ref<number>()
let loading: Promise<void> | undefined
let telling: Promise<void> | undefined

/** What the device holds, whatever the line is. */
const loadDoor = (): Promise<void> => (loading ??= load())

async function load(): Promise<void> {
  const [held, begun, waiting] = await Promise.all([kept('orders_in'), kept('door_works'), kept('deliveries_to_tell')])
  orders.value = held?.items ?? []
  suppliers.value = held?.suppliers ?? []
  heardAt.value = held?.heardAtMs
  works.value = begun ?? {}
  toTell.value = waiting ?? []
}

/** Ask what is to come; without an answer what is held stays. */
export const refreshDoor = afresh(async () => {
  await loadDoor()
  const { branchId, may } = useTill()
  if (!may('stock.handle')) return
  await tellDelivered()
  try {
    const [items, all] = await Promise.all([server.ordersIn(branchId.value), server.suppliers()])
    orders.value = items
    suppliers.value = all.map(({ id, name }) => ({ id, name }))
    heardAt.value = Date.now()
    await keep('orders_in', { heardAtMs: heardAt.value, items, suppliers: suppliers.value })
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
})

const doorOf = (orderId: string | null): DoorWork => works.value[orderId ?? NO_ORDER] ?? newDoorWork(orderId, newId())

async function keepDoor(orderId: string | null, work: DoorWork | undefined): Promise<void> {
  const { [orderId ?? NO_ORDER]: _, ...others } = works.value
  works.value = work === undefined ? others : { ...others, [orderId ?? NO_ORDER]: work }
  await keep('door_works', works.value)
}

/** One piece more or less at the door; kept before anybody is told that it counts. */
export const countAtDoor = (orderId: string | null, variantId: string, as: AtDoor, by: 1 | -1): Promise<void> =>
  keepDoor(orderId, countedAtDoor(doorOf(orderId), variantId, as, by, newId()))

/** Everything on the table is scanned: kept first, then told; without network it waits here. Answers whether the server has it. */
export async function takeIn(orderId: string | null, supplierId: string | null, name: string): Promise<boolean> {
  const work = doorOf(orderId)
  const { branchId } = useTill()
  const body = { id: work.actId, location_id: branchId.value, order_id: orderId, supplier_id: orderId === null ? supplierId : null, note: null, lines: deliveredBy(work) }
  await keepToTell([...toTell.value, { name, body, refused: null }])
  await keepDoor(orderId, undefined)
  await tellDelivered()
  return !toTell.value.some((one) => one.body.id === body.id)
}

async function keepToTell(now: DeliveryToTell[]): Promise<void> {
  toTell.value = now
  await keep('deliveries_to_tell', now)
}

/** Tell what waits, in its order; what is refused stays with its reason until somebody decides. */
function tellDelivered(): Promise<void> {
  telling ??= tellAll().finally(() => (telling = undefined))
  return telling
}

async function tellAll(): Promise<void> {
  for (const one of toTell.value.filter(({ refused }) => refused === null)) {
    try {
      await server.deliver(one.body)
      await keepToTell(toTell.value.filter((other) => other !== one))
      if (one.body.order_id != null) void refreshDoor()
    } catch (error) {
      if (error instanceof Unreachable || (error instanceof Refusal && (error.status >= 500 || error.status === 401))) return
      if (!(error instanceof Refusal)) throw error
      const refused = { code: error.code, why: error.detail }
      await keepToTell(toTell.value.map((other) => (other === one ? { ...one, refused } : other)))
    }
  }
}

/** Put away what the server would not have. */
export const dropDelivery = (id: string): Promise<void> => keepToTell(toTell.value.filter(({ body }) => body.id !== id))

/** The order was closed meanwhile, and the goods are here: take them in without it. */
export async function takeInWithoutOrder(id: string): Promise<void> {
  await keepToTell(toTell.value.map((one) => (one.body.id === id ? { ...one, body: { ...one.body, id: newId(), order_id: null }, refused: null } : one)))
  await tellDelivered()
}

export function useDoor() {
  return { orders, suppliers, toTell, heardAt, doorOf }
}
