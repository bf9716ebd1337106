// The second copy: every entry of the journal also stands outside this browser's storage, at the print bridge or in a folder.
// It follows the journal and never leads it: a copy that is behind catches up, and no sale waits for it.

import { BridgeRefusal, Refusal, Unreachable, type BridgeEntry, type CopyKept } from '@placket/api'
import { Dexie } from 'dexie'
import { reactive, toRefs } from 'vue'
import { db } from './db'
import { folderCopy, folderState, openFolder } from './folderCopy'
import { onWritten, useJournal } from './journal'
import { bridgeInUse } from './printer'
import { server } from './server'
import { useTill } from './till'

/** Where a second copy can be kept. */
export interface CopyPlace {
  /** Keep entries; answers how far the copy reaches. A hole is refused with the number that is wanted. */
  copy: (till: string, epoch: number, entries: readonly BridgeEntry[]) => Promise<{ head: number }>
  copies: () => Promise<CopyKept[]>
  entries: (till: string, epoch: number, since: number) => Promise<BridgeEntry[]>
}

interface State {
  means: 'bridge' | 'folder' | 'none'
  /** The last entry that stands in the copy. */
  head: number
  behind: number
  forked: boolean
  /** Copies of earlier epochs with entries that the server does not have. */
  recoverable: { epoch: number; since: number; head: number }[]
}

const state = reactive<State>({ means: 'none', head: 0, behind: 0, forked: false, recoverable: [] })
const AT_ONCE = 200
const AGAIN_MS = 5_000
let running: Promise<void> | undefined
let asked = false
let timer: ReturnType<typeof setTimeout> | undefined
let known = ''

/** Follow the journal from now on. */
export function startCopying(): void {
  onWritten(() => void catchUp())
  void catchUp()
}

/** Bring the copy up to the journal; asked again meanwhile, it looks once more. */
export function catchUp(): Promise<void> {
  asked = true
  running ??= follow().finally(() => { running = undefined })
  return running
}

async function follow(): Promise<void> {
  while (asked) {
    asked = false
    await copyOut()
  }
}

function place(): CopyPlace | undefined {
  const bridge = bridgeInUse()
  if (bridge !== undefined) {
    state.means = 'bridge'
    return bridge
  }
  const folder = folderCopy()
  state.means = folder === undefined ? 'none' : 'folder'
  return folder
}

async function copyOut(): Promise<void> {
  const { device, headSeq } = useJournal()
  const to = place()
  if (to === undefined || device.till === '') return
  try {
    await begin(to, device.till, device.epoch, headSeq.value)
    while (state.head < headSeq.value && !state.forked) {
      const rows = await entriesFrom(device.till, device.epoch, state.head + 1)
      if (rows.length === 0) break
      state.head = await copied(to, device.till, device.epoch, rows)
    }
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof BridgeRefusal) && !(error instanceof DOMException)) throw error
    clearTimeout(timer)
    timer = setTimeout(() => void catchUp(), AGAIN_MS)
  }
  state.behind = Math.max(0, headSeq.value - state.head)
}

/** Once for each epoch and place: how far the copy reaches already. One that is ahead of this device is of another history. */
async function begin(to: CopyPlace, till: string, epoch: number, headSeq: number): Promise<void> {
  const name = `${state.means}/${till}/${String(epoch)}`
  if (known === name) return
  const kept = (await to.copies()).find((one) => one.till === till && one.epoch === epoch)
  Object.assign(state, { head: kept?.head ?? 0, forked: (kept?.head ?? 0) > headSeq })
  known = name
}

/** Hand entries over; the answer to a hole is what the copy has. */
async function copied(to: CopyPlace, till: string, epoch: number, rows: readonly BridgeEntry[]): Promise<number> {
  try {
    return (await to.copy(till, epoch, rows)).head
  } catch (error) {
    if (!(error instanceof BridgeRefusal)) throw error
    if (error.code === 'copy_forked') state.forked = true
    if (error.code !== 'copy_gap') throw error
    const [oldest] = await entriesFrom(till, epoch, error.expected)
    // What the copy lacks is no longer on this device: it was posted long ago.
    if (oldest?.seq !== error.expected) throw error
    return error.expected - 1
  }
}

async function entriesFrom(till: string, epoch: number, seq: number): Promise<BridgeEntry[]> {
  const rows = await db.journal.where('[till+epoch+seq]').between([till, epoch, seq], [till, epoch, Dexie.maxKey]).limit(AT_ONCE).toArray()
  return rows.map(({ seq: number, hash, text }) => ({ seq: number, hash, text }))
}

/** Look for copies of this till's earlier epochs that hold what the server does not have. */
export async function lookForLost(): Promise<void> {
  const to = place()
  const { start } = useTill()
  const till = start.value?.till
  if (to === undefined || till === undefined) return
  try {
    const { items } = await server.epochs()
    const posted = new Map(items.map(({ epoch, posted_seq: seq }) => [epoch, seq]))
    state.recoverable = (await to.copies()).flatMap(({ till: of, epoch, head }) => {
      const since = (posted.get(epoch) ?? 0) + 1
      return of === till.id && epoch < till.epoch && posted.has(epoch) && head >= since ? [{ epoch, since, head }] : []
    })
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof BridgeRefusal) && !(error instanceof Refusal)) throw error
  }
}

/** Hand in what a copy of an earlier epoch holds; answers how many entries the server had not. Refuses as server and bridge do. */
export async function recover(epoch: number): Promise<number> {
  const to = place()
  const { start } = useTill()
  const wanted = state.recoverable.find((one) => one.epoch === epoch)
  if (to === undefined || wanted === undefined || start.value === undefined) return 0
  let since = wanted.since
  while (since <= wanted.head) {
    const entries = await to.entries(start.value.till.id, epoch, since)
    if (entries.length === 0) break
    const { posted_seq: posted } = await server.recover(epoch, wanted.head, entries)
    since = posted + 1
  }
  await lookForLost()
  return since - wanted.since
}

/** Keep the copy in a folder that the person chooses. */
export async function chooseFolder(): Promise<void> {
  if (await openFolder()) await catchUp()
}

export function useSecondCopy() {
  return { ...toRefs(state), folder: folderState }
}
