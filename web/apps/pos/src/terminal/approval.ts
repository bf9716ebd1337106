// Somebody else agrees, on this till: asked for by whatever needs it, answered by one overlay. On line the server recognises
// them and counts wrong PINs; without it this device does, and the journal says who it was.

import { Refusal, Unreachable } from '@placket/api'
import { limitBp, type Reach, type Reaches } from '@placket/selling'
import { shallowRef } from 'vue'
import type { Verifier } from './db'
import { sellsAlone } from './lights'
import { server } from './server'
import { NotKnownHere } from './proof'
import { useTill } from './till'
import { recognise, recogniseBadge, remembered } from './verifier'

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
  /** Whoever is at work proves it too, whatever they may do alone. */
  always?: boolean
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

/** What an approver proves themselves with. */
export type Proof = { staff_id: string; pin: string } | { badge: string }

/** The proof is right, but whose it is may not agree to this, or not as far. */
export class MayNotAgree extends Error {
  constructor(readonly person: string) {
    super(person)
  }
}

const FREE: Reach = { discount_bp_max: null, refund_vnd_max: null }
const asked = shallowRef<{ wish: ApprovalWish; settle: (approval: Approval | undefined) => void }>()

/** Ask for an approval; none when nobody gave it. Whoever may do it themselves is not asked, unless everybody is. */
export function askApproval(wish: ApprovalWish): Promise<Approval | undefined> {
  const { session } = useTill()
  const own = reachOf(session.value?.reaches, session.value?.verbs ?? [], wish.verb)
  if (wish.always !== true && session.value !== undefined && reaches(own, wish) && limitBp(own, sellsAlone()) >= (wish.discountBp ?? 0)) {
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
  const people = (start.value?.staff ?? []).flatMap(({ id, full_name: name, initials }) => {
    const verifier = known.find(({ staff }) => staff.id === id)
    if (sellsAlone() && verifier === undefined) return []
    const reach = reachHere(id, verifier, wish.verb)
    return reach !== undefined && reaches(reach, wish) ? [{ id, name, initials, reach }] : []
  })
  const me = session.value?.staff.id
  return wish.always === true ? people.sort((one, other) => Number(other.id === me) - Number(one.id === me)) : people.filter(({ id }) => id !== me)
}

/** Agree by PIN or badge. Refuses as the server does, `NotKnownHere`, or `MayNotAgree`; agreeing closes what was asked. */
export async function approveBy(proof: Proof): Promise<void> {
  const current = asked.value
  if (current === undefined) return
  const approval = sellsAlone() ? await approveHere(proof, current.wish) : await approveOnline(proof, current.wish)
  if (!reaches(approval.limits, current.wish)) throw new MayNotAgree(approval.staffName)
  if (asked.value === current) settle(approval)
}

export function settle(approval: Approval | undefined): void {
  asked.value?.settle(approval)
  asked.value = undefined
}

async function approveOnline(proof: Proof, wish: ApprovalWish): Promise<Approval> {
  try {
    const given = await server.approve({ ...proof, verb: wish.verb, about: wish.about })
    return { id: given.id, staffId: given.staff_id, staffName: given.staff_name, limits: given.limits }
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Refusal && error.status >= 500)) throw error
    return approveHere(proof, wish)
  }
}

async function approveHere(proof: Proof, { verb }: ApprovalWish): Promise<Approval> {
  const found = 'badge' in proof ? await recogniseBadge(proof.badge) : await recognise(proof.staff_id, proof.pin)
  if ('locked_s' in found) throw new NotKnownHere('locked', found.locked_s)
  if (!('person' in found)) throw new NotKnownHere('wrong' in found ? 'wrong' : 'unknown')
  const { id, full_name: name } = found.person.staff
  const limits = reachHere(id, found.person, verb)
  if (limits === undefined) throw new MayNotAgree(name)
  return { id: null, staffId: id, staffName: name, limits }
}

/** How far somebody reaches here: by what the branch said last, else by what this device remembers of them. */
function reachHere(staffId: string, person: Verifier | undefined, verb: string): Reach | undefined {
  const known = useTill().start.value?.staff.find(({ id }) => id === staffId)?.verbs as Reaches | undefined
  return known?.[verb] ?? reachOf(person?.reaches, person?.verbs ?? [], verb)
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
