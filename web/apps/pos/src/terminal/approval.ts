// Somebody else agrees, on this till: asked for by whatever needs it, answered by one overlay. On line the server recognises
// them and counts wrong PINs; without it this device does, and the journal says who it was.

import { Refusal, Unreachable } from '@placket/api'
import { limitBp, type Reach, type Reaches } from '@placket/selling'
import { shallowRef } from 'vue'
import { sellsAlone } from './lights'
import { server } from './server'
import { NotKnownHere, useTill } from './till'
import { recognise, remembered } from './verifier'

export interface ApprovalWish {
  /** The verb that somebody has to hold. */
  verb: string
  /** What is agreed to, as the approver and the log read it. */
  about: string
  /** Why the person at work may not do it alone. */
  why?: string
  /** How far the approver has to reach. */
  discountBp?: number
  refundVnd?: number
}

export interface Approval {
  /** The server's word for it; none when this device alone has recognised somebody, or when one's own right was enough. */
  id: string | null
  staffId: string
  staffName: string
  limits: Reach
}

/** Somebody who may agree. */
export interface Approver {
  id: string
  name: string
  initials: string
  reach: Reach
}

const FREE: Reach = { discount_bp_max: null, refund_vnd_max: null }
const asked = shallowRef<{ wish: ApprovalWish; settle: (approval: Approval | undefined) => void }>()

/** Ask for an approval; none when nobody gave it. Whoever may do it themselves is not asked. */
export function askApproval(wish: ApprovalWish): Promise<Approval | undefined> {
  const { session } = useTill()
  const own = reachOf(session.value?.reaches, session.value?.verbs ?? [], wish.verb)
  if (session.value !== undefined && reaches(own, wish) && limitBp(own, sellsAlone()) >= (wish.discountBp ?? 0)) {
    const { id, full_name: name } = session.value.staff
    return Promise.resolve({ id: null, staffId: id, staffName: name, limits: own ?? FREE })
  }
  asked.value?.settle(undefined)
  return new Promise((settle) => { asked.value = { wish, settle } })
}

/** Who may agree to what is asked. */
export async function approversOf(wish: ApprovalWish): Promise<Approver[]> {
  const { start, session } = useTill()
  const known = await remembered()
  const people = (start.value?.staff ?? []).flatMap(({ id, full_name: name, initials, verbs }) => {
    const verifier = known.find(({ staff }) => staff.id === id)
    if (sellsAlone() && verifier === undefined) return []
    const reach = (verbs as Reaches | undefined)?.[wish.verb] ?? reachOf(verifier?.reaches, verifier?.verbs ?? [], wish.verb)
    return reach !== undefined && reaches(reach, wish) ? [{ id, name, initials, reach }] : []
  })
  return people.filter(({ id }) => id !== session.value?.staff.id)
}

/** Six digits of an approver. Refuses as the server does, or `NotKnownHere`; agreeing closes what was asked. */
export async function approveBy(person: Approver, pin: string): Promise<void> {
  const current = asked.value
  if (current === undefined) return
  const approval = sellsAlone() ? await approveHere(person, pin) : await approveOnline(person, pin, current.wish)
  settle(approval)
}

export function settle(approval: Approval | undefined): void {
  asked.value?.settle(approval)
  asked.value = undefined
}

async function approveOnline(person: Approver, pin: string, wish: ApprovalWish): Promise<Approval> {
  try {
    const given = await server.approve({ staff_id: person.id, pin, verb: wish.verb, about: wish.about })
    return { id: given.id, staffId: given.staff_id, staffName: given.staff_name, limits: given.limits }
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Refusal && error.status >= 500)) throw error
    return approveHere(person, pin)
  }
}

async function approveHere(person: Approver, pin: string): Promise<Approval> {
  const found = await recognise(person.id, pin)
  if ('locked_s' in found) throw new NotKnownHere('locked', found.locked_s)
  if (!('person' in found)) throw new NotKnownHere('wrong' in found ? 'wrong' : 'unknown')
  return { id: null, staffId: person.id, staffName: person.name, limits: person.reach }
}

function reachOf(known: Reaches | undefined, verbs: readonly string[], verb: string): Reach | undefined {
  return known?.[verb] ?? (known === undefined && verbs.includes(verb) ? FREE : undefined)
}

function reaches(reach: Reach | undefined, { discountBp = 0, refundVnd = 0 }: ApprovalWish): boolean {
  if (reach === undefined) return false
  return (reach.discount_bp_max ?? discountBp) >= discountBp && (reach.refund_vnd_max ?? refundVnd) >= refundVnd
}

export function useApproval() {
  return { asked }
}
