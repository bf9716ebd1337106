// A second copy in a folder of this machine, outside the browser's storage: files of entries, one a line (File System Access).
// Browsers ask the person again after a restart; until they say yes there is no copy, and the till says so.

import { BridgeRefusal, type BridgeEntry, type CopyKept } from '@placket/api'
import { ref } from 'vue'
import { db, kept } from './db'
import type { CopyPlace } from './secondCopy'

type Asking = FileSystemDirectoryHandle & {
  queryPermission: (how: { mode: 'readwrite' }) => Promise<PermissionState>
  requestPermission: (how: { mode: 'readwrite' }) => Promise<PermissionState>
}

const SEGMENT = 500
const NAME = /^([0-9a-f-]{36})-(\d{2})-(\d{12})\.jsonl$/
const folder = ref<{ name: string; allowed: boolean }>()
let handle: FileSystemDirectoryHandle | undefined

export const folderState = folder
export const canChooseFolder = (): boolean => 'showDirectoryPicker' in window

/** The folder of last time, if the browser still allows it. */
export async function loadFolder(): Promise<void> {
  const found = (await kept('copy_folder')) as Asking | undefined
  if (found !== undefined) take(found, (await found.queryPermission({ mode: 'readwrite' })) === 'granted')
}

/** Ask for a folder, or for leave to use the one there is; called from a touch. */
export async function openFolder(): Promise<boolean> {
  const before = (await kept('copy_folder')) as Asking | undefined
  if (before !== undefined && (await before.requestPermission({ mode: 'readwrite' })) === 'granted') {
    take(before, true)
    return true
  }
  const pick = (window as unknown as { showDirectoryPicker: (how: { mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle> })
  try {
    const chosen = await pick.showDirectoryPicker({ mode: 'readwrite' })
    await db.kept.put({ name: 'copy_folder', value: chosen })
    take(chosen, true)
    return true
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false
    throw error
  }
}

function take(found: FileSystemDirectoryHandle, allowed: boolean): void {
  handle = allowed ? found : undefined
  folder.value = { name: found.name, allowed }
}

/** The copy in the folder; none without one. */
export function folderCopy(): CopyPlace | undefined {
  const at = handle
  return at === undefined ? undefined : copyIn(at)
}

/** A copy in any folder. */
export function copyIn(at: FileSystemDirectoryHandle): CopyPlace {
  return {
    copies: () => list(at),
    entries: async (till, epoch, since) => (await all(at, till, epoch)).filter(({ seq }) => seq >= since).slice(0, 200),
    copy: async (till, epoch, entries) => {
      const files = await segments(at, till, epoch)
      const last = files.at(-1)
      const before = last === undefined ? [] : await read(at, last.name)
      const head = before.at(-1)?.seq
      const fresh = entries.filter(({ seq }) => head === undefined || seq > head)
      const [first] = fresh
      if (first === undefined) return { head: head ?? 0 }
      if (head !== undefined && first.seq !== head + 1) throw new BridgeRefusal('copy_gap', head + 1)
      const name = last === undefined || before.length >= SEGMENT
        ? `${till}-${String(epoch).padStart(2, '0')}-${String(first.seq).padStart(12, '0')}.jsonl` : last.name
      await append(at, name, fresh)
      return { head: fresh.at(-1)?.seq ?? 0 }
    },
  }
}

/** Add lines to a file; the browser writes beside it and changes it at once when it is closed. */
async function append(at: FileSystemDirectoryHandle, name: string, entries: readonly BridgeEntry[]): Promise<void> {
  const file = await at.getFileHandle(name, { create: true })
  const { size } = await file.getFile()
  const out = await file.createWritable({ keepExistingData: true })
  await out.seek(size)
  await out.write(entries.map(({ seq, hash, text }) => `${JSON.stringify({ seq, hash, text })}\n`).join(''))
  await out.close()
}

interface Segment {
  name: string
  till: string
  epoch: number
  first: number
}

async function segments(at: FileSystemDirectoryHandle, till: string, epoch: number): Promise<Segment[]> {
  return (await files(at)).filter((one) => one.till === till && one.epoch === epoch)
}

async function files(at: FileSystemDirectoryHandle): Promise<Segment[]> {
  const found: Segment[] = []
  for await (const name of (at as unknown as { keys: () => AsyncIterable<string> }).keys()) {
    const [, till, epoch, first] = NAME.exec(name) ?? []
    if (till !== undefined) found.push({ name, till, epoch: Number(epoch), first: Number(first) })
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function read(at: FileSystemDirectoryHandle, name: string): Promise<BridgeEntry[]> {
  const text = await (await (await at.getFileHandle(name)).getFile()).text()
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as BridgeEntry)
}

async function all(at: FileSystemDirectoryHandle, till: string, epoch: number): Promise<BridgeEntry[]> {
  const parts = await Promise.all((await segments(at, till, epoch)).map(({ name }) => read(at, name)))
  return parts.flat()
}

async function list(at: FileSystemDirectoryHandle): Promise<CopyKept[]> {
  const heads = new Map<string, CopyKept>()
  for (const { name, till, epoch, first } of await files(at)) {
    const head = (await read(at, name)).at(-1)?.seq ?? first - 1
    const known = heads.get(`${till}/${String(epoch)}`)
    heads.set(`${till}/${String(epoch)}`, { till, epoch, first: known?.first ?? first, head })
  }
  return [...heads.values()]
}
