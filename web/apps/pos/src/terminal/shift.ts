// The till's shift as the server knows it: opened, counted and closed on line in this version.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { newId, notesOf, type TypedNotes } from '@placket/selling'
import { reactive, toRefs } from 'vue'
import { server } from './server'

export type ShiftFace = Schemas['ShiftFace']
export type CountShown = Schemas['CountShown']
export type Approval = Schemas['Approval']

interface Known {
  /** Undefined until the server has answered. */
  now: Schemas['ShiftNow'] | undefined
}

const known = reactive<Known>({ now: undefined })

/** Ask how it stands; without network what is known stays. */
export async function refreshShift(): Promise<void> {
  try {
    known.now = await server.shiftNow()
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
}

export function forgetShift(): void {
  known.now = undefined
}

export async function openShift(id: string, notes: TypedNotes, note: string): Promise<void> {
  await server.openShift({ id, pieces: notesOf(notes), note: note.trim() || null })
  await refreshShift()
}

export async function moveCash(
  id: string, kind: 'in' | 'out', amountVnd: number, reason: string, approval: Approval | null,
): Promise<void> {
  await server.moveCash({ id, shift_id: shiftId(), kind, amount_vnd: amountVnd, reason, approval })
  await refreshShift()
}

export async function takeOver(approval: Approval | null): Promise<void> {
  await server.takeOver({ shift_id: shiftId(), approval })
  await refreshShift()
}

export async function countDrawer(id: string, notes: TypedNotes): Promise<CountShown> {
  return server.countDrawer({ id, shift_id: shiftId(), pieces: notesOf(notes) })
}

export async function closeShift(reason: string, bag: string, approval: Approval | null): Promise<Schemas['ZShown']> {
  const z = await server.closeShift({
    shift_id: shiftId(), reason: reason.trim() || null, deposit_bag: bag.trim() || null, approval,
  })
  await refreshShift()
  return z
}

export const xReport = (): Promise<Schemas['XReport']> => server.xReport()

/** The id of what is about to be done: kept until it is answered, so that pressing again does it once. */
export const freshId = (): string => newId()

export function useShift() {
  return toRefs(known)
}

function shiftId(): string {
  const id = known.now?.shift?.id
  if (id === undefined) throw new Error('no shift is open')
  return id
}
