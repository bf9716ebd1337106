// The till's shift: opened, counted and closed with the server, or without it from the journal, which the server posts later.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { newId, notesOf, type TypedNotes } from '@placket/selling'
import { computed, reactive, toRefs } from 'vue'
import { afresh } from './afresh'
import type { Approval } from './approval'
import { keep, kept } from './db'
import { useJournal } from './journal'
import { sellsAlone } from './lights'
import { server } from './server'
import { closeAlone, countAlone, known as knownHere, moveAlone, openAlone, takeOverAlone, xAlone } from './shiftAlone'

export type ShiftFace = Schemas['ShiftFace']
export type CountShown = Schemas['CountShown']

interface Known {
  /** Undefined until the server or this device has answered. */
  now: Schemas['ShiftNow'] | undefined
}

const known = reactive<Known>({ now: undefined })

/** Whether an act of the shift goes into the journal: the server cannot be asked, or has not heard of the acts before it. */
const alone = (): boolean => sellsAlone() || useJournal().shiftWaits.value

/** Ask how it stands; without network what this device has kept counts. */
export const refreshShift = afresh(async () => {
  known.now ??= await kept('shift_now')
  if (alone()) {
    known.now = knownHere(known.now)
    return
  }
  try {
    const told = await server.shiftNow()
    if (alone()) return // what was done here meanwhile is not in it
    known.now = told
    await keep('shift_now', known.now)
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
})

export function forgetShift(): void {
  known.now = undefined
}

export async function openShift(id: string, notes: TypedNotes, note: string): Promise<void> {
  if (alone()) {
    known.now = await openAlone(known.now, id, notes, note)
    return
  }
  await server.openShift({ id, pieces: notesOf(notes), note: note.trim() || null })
  await refreshShift()
}

export async function moveCash(
  id: string, kind: 'in' | 'out', amountVnd: number, reason: string, approval: Approval | undefined,
): Promise<void> {
  if (alone()) {
    known.now = await moveAlone(here(), id, kind, amountVnd, reason, approval)
    return
  }
  await server.moveCash({ id, shift_id: shiftId(), kind, amount_vnd: amountVnd, reason, approval: named(approval) })
  await refreshShift()
}

export async function takeOver(approval: Approval | undefined): Promise<void> {
  if (alone()) {
    known.now = await takeOverAlone(here(), approval)
    return
  }
  await server.takeOver({ shift_id: shiftId(), approval: named(approval) })
  await refreshShift()
}

export async function countDrawer(id: string, notes: TypedNotes): Promise<CountShown> {
  if (!alone()) return server.countDrawer({ id, shift_id: shiftId(), pieces: notesOf(notes) })
  const { now, counted } = await countAlone(here(), notes)
  known.now = now
  return counted
}

export async function closeShift(reason: string, bag: string, approval: Approval | undefined): Promise<Schemas['ZShown']> {
  if (alone()) {
    const closed = await closeAlone(here(), reason, bag, approval)
    known.now = closed.now
    return closed.z
  }
  const z = await server.closeShift({
    shift_id: shiftId(), reason: reason.trim() || null, deposit_bag: bag.trim() || null, approval: named(approval),
  })
  await refreshShift()
  return z
}

export const xReport = (): Promise<Schemas['XReport']> => (alone() ? xAlone(here()) : server.xReport())

/** An approval as the server asks for it; one's own needs none. */
function named(approval: Approval | undefined): Schemas['Approval'] | null {
  return approval?.id == null ? null : { approved_by: approval.staffId, approval_id: approval.id }
}

/** The id of what is about to be done: kept until it is answered, so that pressing again does it once. */
export const freshId = (): string => newId()

export function useShift() {
  return { ...toRefs(known), alone: computed(alone) }
}

function here(): Schemas['ShiftNow'] {
  return knownHere(known.now)
}

function shiftId(): string {
  const id = known.now?.shift?.id
  if (id === undefined) throw new Error('no shift is open')
  return id
}
