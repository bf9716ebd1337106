// A shift run without the server: every act is an entry of the journal, what should be in the drawer is reckoned from it, and
// the Z is provisional until the server has numbered its own.

import type { Schemas } from '@placket/api'
import { drawerOf, newId, notesOf, worthOfAll, type DrawerFigures, type TypedNotes } from '@placket/selling'
import type { Approval } from './approval'
import { serverNow } from './clock'
import { db, plain } from './db'
import { recordShift, useJournal, type ShiftKind } from './journal'
import { useTill } from './till'

type Now = Schemas['ShiftNow']
type Count = Schemas['CountShown']

const VERB = 'shift.approve'
const COUNTS = 2
/** The limits of the rules, for a till that has never asked the server for them. */
const UNKNOWN: Now = { shift: null, last: null, may_approve: false, cash_out_vnd_max: 500_000, variance_vnd_max: 50_000 }

const stamp = (): string => new Date(serverNow()).toISOString()
const me = (): Schemas['StaffFace'] | undefined => useTill().session.value?.staff

/** What is known of the shift without asking: what this device has kept. */
export function known(now: Now | undefined): Now {
  return { ...(now ?? UNKNOWN), may_approve: useTill().may(VERB) }
}

async function write(kind: ShiftKind, body: Record<string, unknown>, next: Now): Promise<Now> {
  await recordShift(kind, useTill().series.value.opening, body, plain(next))
  return next
}

export async function openAlone(now: Now | undefined, id: string, notes: TypedNotes, note: string): Promise<Now> {
  const staff = me()
  const pieces = Object.fromEntries(notesOf(notes).map(({ value_vnd: value, count }) => [String(value), count]))
  const body = { id, staff_id: staff?.id, pieces, note: note.trim() || null }
  const shift: Schemas['ShiftFace'] = {
    id, staff_id: staff?.id ?? '', staff_name: staff?.full_name ?? '', opened_at: stamp(), float_vnd: worthOfAll(notes),
    note: body.note, moves: [], counts: [],
  }
  return write('SHIFT_OPEN', body, { ...known(now), shift })
}

/** Become responsible for the drawer. */
export async function takeOverAlone(now: Now, approval: Approval | undefined): Promise<Now> {
  const shift = open(now)
  const staff = me()
  if (staff === undefined || shift.staff_id === staff.id) return now
  const body = { shift_id: shift.id, staff_id: staff.id, approved_by: approval?.staffId ?? null }
  return write('SHIFT_TAKE', body, { ...now, shift: { ...shift, staff_id: staff.id, staff_name: staff.full_name } })
}

export async function moveAlone(
  now: Now, id: string, kind: 'in' | 'out', amountVnd: number, reason: string, approval: Approval | undefined,
): Promise<Now> {
  const shift = open(now)
  const approver = kind === 'out' && amountVnd > now.cash_out_vnd_max ? approval : undefined
  const body = {
    id, shift_id: shift.id, staff_id: me()?.id, kind, amount_vnd: amountVnd, reason, approved_by: approver?.staffId ?? null,
  }
  const moved: Schemas['CashMoveShown'] = {
    id, kind, amount_vnd: amountVnd, reason, staff_name: me()?.full_name ?? '', approved_by_name: approver?.staffName ?? null, moved_at: stamp(),
  }
  return write('CASH', body, { ...now, shift: { ...shift, moves: [...shift.moves, moved] } })
}

export async function xAlone(now: Now): Promise<Schemas['XReport']> {
  const figures = await figuresOf(now)
  const blind = !useTill().may(VERB)
  return {
    at: stamp(), sales: figures.sales, refunds: figures.refunds,
    tenders: figures.tenders.filter(({ kind }) => !blind || kind !== 'cash'),
    in_vnd: figures.cash.in_vnd, out_vnd: figures.cash.out_vnd,
    total_vnd: blind ? null : figures.tenders.reduce((sum, one) => sum + one.amount_vnd, 0),
    cash: blind ? null : figures.cash,
  }
}

/** Count blind; only the answer tells what should have been there. Counted on this device until the shift is closed. */
export async function countAlone(now: Now, notes: TypedNotes): Promise<{ now: Now; counted: Count }> {
  const shift = open(now)
  const { cash } = await figuresOf(now)
  const same = shift.counts.filter(({ expected_vnd: expected }) => expected === cash.expected_vnd)
  const counts = same.length < COUNTS ? shift.counts : shift.counts.slice(0, -1)
  const countedVnd = worthOfAll(notes)
  const varianceVnd = countedVnd - cash.expected_vnd
  const counted: Count = {
    no: counts.length + 1, pieces: Object.fromEntries(notesOf(notes).map(({ value_vnd: value, count }) => [String(value), count])),
    counted_vnd: countedVnd, expected_vnd: cash.expected_vnd, variance_vnd: varianceVnd,
    needs_approval: Math.abs(varianceVnd) > now.variance_vnd_max, may_recount: same.length + 1 < COUNTS,
    staff_name: me()?.full_name ?? '', counted_at: stamp(),
  }
  const next = { ...now, shift: { ...shift, counts: [...counts, counted] } }
  await db.kept.put({ name: 'shift_now', value: plain(next) })
  return { now: next, counted }
}

/** Close on the last count; answers the provisional Z. Its number comes with the server's. */
export async function closeAlone(
  now: Now, reason: string, bag: string, approval: Approval | undefined,
): Promise<{ now: Now; z: Schemas['ZShown'] }> {
  const shift = open(now)
  const figures = await figuresOf(now)
  const last = shift.counts.at(-1)
  if (last === undefined || last.expected_vnd !== figures.cash.expected_vnd) throw new StaleCount()
  const approver = last.needs_approval ? approval : undefined
  const told = shift.counts.filter(({ expected_vnd: expected }) => expected === last.expected_vnd)
  const { start } = useTill()
  const body = {
    shift_id: shift.id, staff_id: me()?.id, counts: told.map(({ pieces }) => ({ id: newId(), pieces })),
    reason: reason.trim() || null, deposit_bag: bag.trim() || null, approved_by: approver?.staffId ?? null,
  }
  const closedAt = stamp()
  const next: Now = { ...now, shift: null, last: now.last }
  await write('SHIFT_CLOSE', body, next)
  return {
    now: next,
    z: {
      number: 0, till_code: `${start.value?.branch.code ?? ''}-${String(start.value?.till.number ?? '')}`,
      location_name: start.value?.branch.name ?? '', opened_at: shift.opened_at, opened_by_name: shift.staff_name,
      closed_at: closedAt, closed_by_name: me()?.full_name ?? '', approved_by_name: approver?.staffName ?? null,
      sales: figures.sales, refunds: figures.refunds, tenders: figures.tenders, cash: figures.cash,
      counted_vnd: last.counted_vnd, variance_vnd: last.variance_vnd, counts: told.length,
      reason: body.reason, deposit_bag: body.deposit_bag,
    },
  }
}

/** A sale or a move came after the count. */
export class StaleCount extends Error {}

function open(now: Now): Schemas['ShiftFace'] {
  if (now.shift === null) throw new Error('no shift is open')
  return now.shift
}

/** This till's own journal since the shift was opened. */
async function figuresOf(now: Now): Promise<DrawerFigures> {
  const shift = open(now)
  const { device } = useJournal()
  const rows = await db.journal.filter(({ till, kind }) => till === device.till && (kind === 'SALE' || kind === 'VOID')).sortBy('at')
  return drawerOf(rows, shift.opened_at, shift.float_vnd, shift.moves)
}
