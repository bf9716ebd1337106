// The journal of this till on the device: what has happened, whether the server has it, and what still waits. An entry is
// written in one strict transaction with the sale, its number and the cart it empties; only then is anything printed or sent.

import type { Schemas } from '@placket/api'
import { KEPT_ENTRIES, KEPT_MS, newId, saleBody, seal, voidBody, type Attempt, type EntryKind, type Tabs } from '@placket/selling'
import { Dexie } from 'dexie'
import { computed, reactive, shallowRef, toRefs } from 'vue'
import { clockOffsetMs, serverNow } from './clock'
import { db, plain, type JournalRow, type Series, type SoldSale } from './db'

interface Device {
  till: string
  epoch: number
  branch: string
}

const device = reactive<Device>({ till: '', epoch: 0, branch: '' })
const unsent = shallowRef<JournalRow[]>([])
/** What waits here from when this device was another till: its token is gone, so only a person can hand it in. */
const strangers = shallowRef<JournalRow[]>([])
const quarantined = shallowRef<JournalRow[]>([])
const heads = reactive({ headSeq: 0, postedSeq: 0 })
/** Names this window among several of the same till. */
const writer = newId()
const VERSION = (import.meta.env.VITE_VERSION as string | undefined) ?? 'test'
const SALES_KEPT = 200
const PAGE = 200

/** This window no longer writes for the till: another one has taken over. */
export class TakenOver extends Error {}

/** Speak for this till from now on; answers the entries that an earlier epoch has left behind. */
export async function openJournal(till: string, epoch: number, branch: string): Promise<void> {
  Object.assign(device, { till, epoch, branch })
  await readBack()
}

/** Make this window the one that writes. */
export async function becomeWriter(): Promise<void> {
  await db.kept.put({ name: 'writer', value: writer })
}

async function readBack(): Promise<void> {
  const waiting = await db.journal.where('sent').equals(0).toArray()
  unsent.value = waiting.filter(({ till }) => till === device.till).sort((a, b) => a.epoch - b.epoch || a.seq - b.seq)
  strangers.value = waiting.filter(({ till }) => till !== device.till)
  const own = await lastRow()
  heads.headSeq = own?.seq ?? 0
  const first = unsent.value.find(({ epoch }) => epoch === device.epoch)
  heads.postedSeq = first === undefined ? heads.headSeq : first.seq - 1
  quarantined.value = await db.journal.where('sent').equals(1).filter(({ cause }) => cause !== null).toArray()
}

function lastRow(): Promise<JournalRow | undefined> {
  const { till, epoch } = device
  return db.journal.where('[till+epoch+seq]').between([till, epoch, Dexie.minKey], [till, epoch, Dexie.maxKey]).last()
}

/** The entries of this epoch from a moment on, in order: read backwards, for a shift is the end of a long journal. */
export async function entriesSince(at: string): Promise<JournalRow[]> {
  const { till, epoch } = device
  const rows: JournalRow[] = []
  for (let before = heads.headSeq; before > 0; before -= PAGE) {
    const first = Math.max(before - PAGE + 1, 1)
    const page = await db.journal.where('[till+epoch+seq]').between([till, epoch, first], [till, epoch, before], true, true).toArray()
    rows.unshift(...page.filter((row) => row.at >= at))
    if (page.some((row) => row.at < at)) break
  }
  return rows
}

interface NewEntry {
  kind: EntryKind
  opening: number
  body: Record<string, unknown>
  saleId?: string
  totalVnd?: number
  offline?: boolean
  taken?: Record<string, number>
  atMs?: number
}

/** Add an entry; the caller's strict transaction holds `kept` and `journal`. */
async function append(entry: NewEntry): Promise<JournalRow> {
  const row = await next(entry)
  await db.journal.add(row)
  return row
}

/** An entry behind the last one, sealed and not yet written. */
async function next(entry: NewEntry): Promise<JournalRow> {
  const [mine, last] = await Promise.all([db.kept.get('writer'), lastRow()])
  if (mine?.value !== writer) throw new TakenOver()
  const entryId = newId()
  const atMs = entry.atMs ?? serverNow()
  const sealed = seal(
    {
      entryId, epoch: device.epoch, opening: entry.opening, kind: entry.kind, atMs, clockOffsetMs: clockOffsetMs(),
      appVersion: VERSION, body: entry.body,
    },
    last,
  )
  return {
    ...sealed, till: device.till, epoch: device.epoch, entryId, kind: entry.kind, at: new Date(atMs).toISOString(),
    saleId: entry.saleId ?? null, totalVnd: entry.totalVnd ?? 0, sent: 0, offline: entry.offline ?? false,
    taken: entry.taken ?? {}, cause: null,
  }
}

function noted(row: JournalRow): void {
  unsent.value = [...unsent.value, row]
  heads.headSeq = row.seq
  written()
}

let written = (): void => undefined

/** Tell the second copy of every entry that is on the disk. */
export function onWritten(tell: () => void): void {
  written = tell
}

/** Keep how far this till has numbered. A sale and an attach may be on their way at once: neither takes a number back. */
export function keepSeries(series: Series): Promise<void> {
  return db.transaction('rw', db.kept, async () => {
    await db.kept.put({ name: 'series', value: await further(series) })
  })
}

/** The further of what is kept and what is told, of each number; the caller's transaction holds `kept`. */
async function further(told: Series): Promise<Series> {
  const held = (await db.kept.get('series'))?.value as Series | undefined
  if (held?.epoch !== told.epoch) return plain(told)
  const newest = held.opening > told.opening ? held : told
  return plain({ ...newest, receiptNo: Math.max(held.receiptNo, told.receiptNo) })
}

/** The next sale as the one open attempt, before it is sent: a reload finds it. */
export async function storeAttempt(attempt: Attempt): Promise<void> {
  await db.transaction('rw', db.kept, async () => {
    const mine = await db.kept.get('writer')
    if (mine?.value !== writer) throw new TakenOver()
    await db.kept.put({ name: 'attempt', value: plain(attempt) })
  })
}

/** A sale is over: entry, receipt, number and cart are kept at once, and its attempt is gone. */
export async function closeSale(
  attempt: Attempt, sale: SoldSale, series: Series, tabs: Tabs, offline: boolean, back: readonly { variantId: string; qty: number }[] = [],
): Promise<void> {
  const { request } = attempt
  const taken: Record<string, number> = {}
  for (const { variant_id: variant, qty, source_id: source } of request.lines) {
    if (source === device.branch) taken[variant] = (taken[variant] ?? 0) + qty
  }
  for (const { variantId, qty } of back) taken[variantId] = (taken[variantId] ?? 0) - qty
  const row = await db.transaction('rw', db.kept, db.sales, db.journal, async () => {
    // Asked for together: each answer that is waited for by itself costs the cashier a turn of the browser.
    const [numbered, added] = await Promise.all([further(series), next({
      kind: 'SALE', opening: request.opening, body: saleBody(plain(attempt)), saleId: request.id, totalVnd: request.total_vnd,
      offline, taken, atMs: Date.parse(request.at),
    })])
    await Promise.all([
      db.journal.add(added),
      db.sales.put(plain(sale)),
      db.kept.bulkPut([{ name: 'series', value: numbered }, { name: 'tabs', value: plain(tabs) }]),
      db.kept.delete('attempt'),
    ])
    return added
  })
  noted(row)
  void forgetOldSales()
}

/** The device keeps the receipts of the last sales; older ones are the server's. Off the path of the sale. */
async function forgetOldSales(): Promise<void> {
  const spare = (await db.sales.count()) - SALES_KEPT
  if (spare > 0) await db.sales.orderBy('soldAt').limit(spare).delete()
}

/** A sale is undone, or the customer has left before it became one: the number stays used. */
export async function recordVoid(
  facts: { saleId: string; receiptNo: number; staffId: string; reason: string; approvedBy: string | null; offline: boolean },
  series: Series,
  kept: { sale?: SoldSale; tabs?: Tabs },
): Promise<void> {
  const row = await db.transaction('rw', db.kept, db.sales, db.journal, async () => {
    const sold = unsent.value.find(({ saleId, kind }) => saleId === facts.saleId && kind === 'SALE')
    const back = Object.fromEntries(Object.entries(sold?.taken ?? {}).map(([variant, qty]) => [variant, -qty]))
    const added = await append({
      kind: 'VOID', opening: series.opening, body: voidBody(facts), saleId: facts.saleId, totalVnd: -(sold?.totalVnd ?? 0),
      offline: facts.offline, taken: back,
    })
    await db.kept.put({ name: 'series', value: await further(series) })
    if (kept.sale !== undefined) await db.sales.put(plain(kept.sale))
    if (kept.tabs !== undefined) {
      await db.kept.put({ name: 'tabs', value: plain(kept.tabs) })
      await db.kept.delete('attempt')
    }
    return added
  })
  noted(row)
}

/** The opening is over: from here on the till is blind until it attaches again. */
export async function recordClose(series: Series): Promise<void> {
  const row = await db.transaction('rw', db.kept, db.journal, async () => {
    const held = await db.kept.get('board')
    if (held !== undefined) await db.kept.put({ name: 'last_board', value: held.value })
    const added = await append({ kind: 'CLOSE', opening: series.opening, body: {} })
    await db.kept.put({ name: 'series', value: plain({ ...series, closed: true }) })
    await db.kept.bulkDelete(['board', 'session'])
    return added
  })
  noted(row)
}

/**
 * An entry of its own: a customer was made here, requests for holds are over, or an order was given to its customer, `taken` with
 * it. `more` is kept in the same transaction.
 */
export async function recordEntry(
  kind: 'CUSTOMER' | 'SETTLED' | 'HANDOVER', opening: number, body: Record<string, unknown>, more: () => Promise<unknown>,
  taken: Record<string, number> = {},
): Promise<void> {
  const row = await db.transaction('rw', db.kept, db.journal, db.customers, async () => {
    const added = await append({ kind, opening, body, taken, offline: kind === 'HANDOVER' })
    await more()
    return added
  })
  noted(row)
}

const SHIFT_KINDS = ['SHIFT_OPEN', 'SHIFT_TAKE', 'CASH', 'SHIFT_CLOSE'] as const
export type ShiftKind = (typeof SHIFT_KINDS)[number]

/** An act of a shift, and how the shift stands after it, kept at once. */
export async function recordShift(
  kind: ShiftKind, opening: number, body: Record<string, unknown>, now: Schemas['ShiftNow'],
): Promise<void> {
  const row = await db.transaction('rw', db.kept, db.journal, async () => {
    const added = await append({ kind, opening, body, offline: true })
    await db.kept.put({ name: 'shift_now', value: now })
    return added
  })
  noted(row)
}

/** An act of a shift waits to be handed in: until then this device knows better than the server how its shift stands. */
const shiftWaits = computed(() => unsent.value.some(({ kind }) => (SHIFT_KINDS as readonly string[]).includes(kind)))

export interface EntryOutcome {
  seq: number
  status: string
  result: Record<string, unknown>
}

/** The server has everything of an epoch up to a number. */
export async function noteAcknowledged(epoch: number, postedSeq: number, outcomes: readonly EntryOutcome[]): Promise<void> {
  const causes = new Map(outcomes.filter(({ status }) => status === 'quarantined').map(({ seq, result }) => [seq, String(result.cause ?? '')]))
  await db.transaction('rw', db.journal, async () => {
    const known = unsent.value.filter((row) => row.epoch === epoch && row.seq <= postedSeq)
    await db.journal.bulkPut(known.map((row) => ({ ...plain(row), sent: 1 as const, cause: causes.get(row.seq) ?? null })))
    const spare = (await db.journal.where('sent').equals(1).count()) - KEPT_ENTRIES
    if (spare <= 0) return
    const before = new Date(serverNow() - KEPT_MS).toISOString()
    await db.journal.where('sent').equals(1).filter(({ at, cause }) => at < before && cause === null).limit(spare).delete()
  })
  await readBack()
}

/** The entries of an epoch from a number on: what a server that has been restored asks for again. */
export async function unsendFrom(epoch: number, seq: number): Promise<void> {
  const { till } = device
  await db.journal
    .where('[till+epoch+seq]')
    .between([till, epoch, seq], [till, epoch, Dexie.maxKey])
    .modify({ sent: 0 })
  await readBack()
}

/** Pieces of this branch that have left and that the books do not know of yet. */
const takenUnsent = computed(() => {
  const pieces = new Map<string, number>()
  for (const { taken, offline } of unsent.value) {
    if (!offline) continue
    for (const [variant, qty] of Object.entries(taken)) pieces.set(variant, (pieces.get(variant) ?? 0) + qty)
  }
  return pieces
})

/** Sales that were made without the server and that it does not have yet. */
const unsentSales = computed(() => unsent.value.filter(({ kind, offline }) => offline && kind === 'SALE').length)

export function useJournal() {
  return { shiftWaits, ...toRefs(heads), device, unsent, strangers, quarantined, takenUnsent, unsentSales }
}
