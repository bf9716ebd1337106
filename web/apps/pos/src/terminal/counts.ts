// Counts that are open at this branch, and what people count on this device, each for themselves. Every scan is on the disk before
// it counts; it is told when the line allows, for whoever made it, and under the same id again when an answer is lost.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { heldBy, newCountWork, newId, nextAct, tallied, untallied, type CountScan, type CountWork } from '@placket/selling'
import { computed, shallowRef, ref } from 'vue'
import { afresh } from './afresh'
import { serverNow } from './clock'
import { db, keep, kept, type CountToTell } from './db'
import { server } from './server'
import { useTill } from './till'

export type Sheet = Schemas['CountSheet']

const sheets = shallowRef<Sheet[]>([])
const works = shallowRef<Record<string, CountWork>>({})
const toTell = shallowRef<CountToTell[]>([])
const heardAt = ref<number>()
let loading: Promise<void> | undefined
let telling: Promise<void> | undefined
/** Scans follow one another faster than the disk: each is written after the one before it. */
let line: Promise<unknown> = Promise.resolve()

/** What the device holds, whatever the line is. */
export const loadCounts = (): Promise<void> => (loading ??= load())

async function load(): Promise<void> {
  const [held, begun, waiting] = await Promise.all([kept('counts'), kept('count_works'), kept('counts_to_tell')])
  sheets.value = held?.items ?? []
  heardAt.value = held?.heardAtMs
  works.value = begun ?? {}
  toTell.value = waiting ?? []
}

/** Ask which counts are open here; without an answer what is held stays. */
export const refreshCounts = afresh(async () => {
  await loadCounts()
  const { branchId, may } = useTill()
  if (!may('stock.count')) return
  await tellCounted()
  try {
    const open = await server.counts(branchId.value)
    await inLine(async () => {
      sheets.value = open
      heardAt.value = Date.now()
      const mine = open.map((sheet) => (isTold(sheet.id) ? heldBy(workOf(sheet.id), sheet.lines) : workOf(sheet.id)))
      const others = Object.entries(works.value).filter(([key, { untold }]) => untold.length > 0 && !mine.some((work) => placeOf(work) === key))
      works.value = Object.fromEntries([...mine.map((work) => [placeOf(work), work] as const), ...others])
      await Promise.all([keep('counts', { heardAtMs: heardAt.value, items: open }), keep('count_works', works.value)])
    })
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
})

/** Whatever this device has counted there is told, whoever counted it. */
const isTold = (countId: string): boolean =>
  !Object.values(works.value).some((work) => work.countId === countId && work.untold.length > 0) && !toTell.value.some((one) => one.countId === countId)

const placeOf = ({ countId, staffId }: Pick<CountWork, 'countId' | 'staffId'>): string => (staffId === undefined ? countId : `${countId}/${staffId}`)

/** What whoever is signed in counts there. */
function workOf(countId: string): CountWork {
  const fresh = newCountWork(countId, useTill().session.value?.staff.id ?? '')
  return works.value[placeOf(fresh)] ?? fresh
}

function inLine<T>(run: () => Promise<T>): Promise<T> {
  const done = line.then(run)
  line = done.catch(() => undefined)
  return done
}

async function keepWork(work: CountWork): Promise<void> {
  works.value = { ...works.value, [placeOf(work)]: work }
  await keep('count_works', works.value)
}

/** A piece (or as many as somebody has typed) counts here. */
export async function countScan(countId: string, scan: Omit<CountScan, 'atMs'>): Promise<void> {
  const atMs = serverNow()
  await inLine(() => keepWork(tallied(workOf(countId), { ...scan, atMs })))
  void tellCounted()
}

export async function undoScan(countId: string): Promise<void> {
  const atMs = serverNow()
  await inLine(() => keepWork(untallied(workOf(countId), atMs)))
  void tellCounted()
}

/** Tell the server what was counted; one act after the other, so none overtakes another. */
export function tellCounted(): Promise<void> {
  telling ??= tell().finally(() => (telling = undefined))
  return telling
}

async function tell(): Promise<void> {
  await loadCounts()
  for (;;) {
    await inLine(pack)
    const next = toTell.value.find(({ refused }) => refused === null)
    if (next === undefined) return
    try {
      took(await server.enterCounted(next.countId, next.act))
      await settle(next, undefined)
    } catch (error) {
      if (error instanceof Unreachable || (error instanceof Refusal && (error.status >= 500 || error.status === 401))) return
      if (!(error instanceof Refusal)) throw error
      await settle(next, error.detail)
    }
  }
}

/** Scans become acts with ids, on the disk, before any of them is sent. */
async function pack(): Promise<void> {
  for (const work of Object.values(works.value)) {
    const packed = nextAct(work, newId())
    if (packed === undefined) continue
    const number = sheets.value.find(({ id }) => id === work.countId)?.number ?? 0
    toTell.value = [...toTell.value, { countId: work.countId, number, act: packed.act, refused: null }]
    works.value = { ...works.value, [placeOf(work)]: { ...work, untold: packed.rest } }
    // Both or none: scans that are in an act are not untold any more, also after a power cut.
    await db.transaction('rw', db.kept, async () => {
      await keep('counts_to_tell', toTell.value)
      await keep('count_works', works.value)
    })
  }
}

async function settle(told: CountToTell, refused: string | undefined): Promise<void> {
  toTell.value = refused === undefined ? toTell.value.filter((one) => one !== told) : toTell.value.map((one) => (one === told ? { ...told, refused } : one))
  await keep('counts_to_tell', toTell.value)
}

/** Put away what the server would not have. */
export async function dropCounted(id: string): Promise<void> {
  toTell.value = toTell.value.filter(({ act }) => act.id !== id)
  await keep('counts_to_tell', toTell.value)
}

function took(now: Schemas['StockCountShown']): void {
  sheets.value = sheets.value.map((one) => (one.id === now.id ? { ...one, ...now } : one))
}

/** Say that a zone is counted; everything counted is told before. Refusals and a dark line rise. */
export async function finishZone(countId: string, zoneNo: number, done: boolean): Promise<void> {
  await tellCounted()
  if (!isTold(countId)) throw new Unreachable('network')
  took(await server.finishZone(countId, zoneNo, done))
}

export function useCounts() {
  return {
    sheets, toTell, heardAt, workOf,
    waiting: computed(() => toTell.value.filter(({ refused }) => refused === null).length + Object.values(works.value).reduce((sum, { untold }) => sum + untold.length, 0)),
  }
}
