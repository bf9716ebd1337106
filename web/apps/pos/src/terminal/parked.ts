// Carts put aside: on this till as tabs, and at the server for every till of the branch. They hold no stock.

import { pieces, withoutRights, type Cart } from '@placket/selling'
import { shallowRef } from 'vue'
import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { afresh } from './afresh'
import { bringInvoice, closeInvoice, useInvoices } from './invoices'
import { server } from './server'

export type Parked = Schemas['ParkedShown']

/** Undefined until the server has answered. */
const parked = shallowRef<Parked[]>()

/** Ask what waits at the branch; without an answer what is known stays. */
export const refreshParked = afresh(async () => {
  try {
    parked.value = await server.parked()
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
})

/** Put the active invoice aside for any till of the branch, without the points this till holds for it. Refuses as the server does. */
export async function parkActive(reason: string): Promise<void> {
  const { cart, quote } = useInvoices()
  const waiting = cart.value
  await server.park({
    id: waiting.id, reason, cart: plain(withoutRights(waiting)), pieces: pieces(waiting), total_vnd: quote.value.totalVnd,
  })
  closeInvoice(waiting.id)
  await refreshParked()
}

/** Take a cart over to this till: exactly one till gets it. Refuses as the server does. */
export async function takeParked(id: string): Promise<void> {
  const { cart } = await server.takeParked(id)
  bringInvoice(unanswered(cart as unknown as Cart))
  await refreshParked()
}

/** Throw a parked cart away. Refuses as the server does. */
export async function dropParked(id: string): Promise<void> {
  await server.dropParked(id)
  await refreshParked()
}

/** What was answered about pieces here is asked anew; what was agreed to stays, and is asked again when the server no longer knows it. */
function unanswered(cart: Cart): Cart {
  const { answers: _, ...rest } = cart
  return rest
}

function plain(cart: Cart): Record<string, unknown> {
  return JSON.parse(JSON.stringify(cart)) as Record<string, unknown>
}

export function useParked() {
  return { parked }
}
