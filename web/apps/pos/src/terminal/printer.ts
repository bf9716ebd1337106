// Paper and the drawer. A paper goes to the print bridge if this device has one, else to the browser's own print; what the
// bridge could not print waits here and is tried again. Nothing here undoes a sale, and nothing prints before it is kept.

import { BridgeRefusal, makeBridge, Unreachable, type Bridge, type PrinterState } from '@placket/api'
import { drawRows, printPages } from '@placket/paper'
import { newId, type Raster, type Row } from '@placket/selling'
import { computed, reactive, toRefs } from 'vue'
import { db, forget, keep, kept, type PaperRow, type PrinterSettings } from './db'
import { mark } from './marks'

export type PaperKind = 'receipt' | 'gift' | 'z' | 'x' | 'bag' | 'tag' | 'test'

/** What is to be printed: rows of text and codes, or a picture of its own. */
export interface PaperJob {
  kind: PaperKind
  rows?: readonly Row[]
  raster?: Raster
  copies?: number
  /** The drawer opens with it. */
  drawer?: boolean
  /** How it is called in the queue. */
  title?: string
}

/** On paper; waiting for the printer; handed to the browser's dialog; refused for good. */
export type Printed = 'printed' | 'waiting' | 'shown' | 'refused'
export type Trouble = Exclude<PrinterState, 'ready'> | 'away' | 'wrong_token' | 'refused'

interface Device {
  settings: PrinterSettings | undefined
  trouble: Trouble | undefined
  waiting: PaperRow[]
  /** The printer as the bridge names it. */
  name: string
}

const device = reactive<Device>({ settings: undefined, trouble: undefined, waiting: [], name: '' })
const LOOK_MS = 3_000
let bridge: Bridge | undefined
let timer: ReturnType<typeof setTimeout> | undefined

/** What the device remembers of its printer, and what is still to be printed. */
export async function loadPrinter(): Promise<void> {
  use(await kept('printer'))
  device.waiting = await db.papers.orderBy('at').toArray()
  if (device.waiting.length > 0) void look()
}

/** Print through this bridge from now on. */
export async function setPrinter(settings: PrinterSettings | undefined): Promise<void> {
  if (settings === undefined) await forget('printer')
  else await keep('printer', settings)
  use(settings)
  if (settings !== undefined) await look()
}

/** The bridge of this device, for whatever else it keeps. */
export function bridgeInUse(): Bridge | undefined {
  return bridge
}

function use(settings: PrinterSettings | undefined): void {
  device.settings = settings
  device.trouble = undefined
  device.name = ''
  bridge = settings === undefined ? undefined : makeBridge(settings)
}

/** Whether a paper comes out without a dialog. */
export const printsByItself = (): boolean => bridge !== undefined

/** Print. Never throws for what a printer or a network may do. */
export async function print(job: PaperJob): Promise<Printed> {
  const { kind, rows, copies = 1, drawer = false } = job
  const raster = job.raster ?? (await drawRows(rows ?? [])).raster
  if (bridge === undefined) {
    await printPages(Array.from({ length: copies }, () => raster))
    return 'shown'
  }
  const row: PaperRow = {
    id: newId(), at: Date.now(), kind, title: job.title ?? '', copies, bits: raster.bits, width: raster.width, height: raster.height,
    atBridge: 0,
  }
  const outcome = await send(row, drawer)
  if (outcome === 'waiting') await remember(row)
  if (device.waiting.length > 0) lookSoon()
  return outcome
}

/** Open the drawer, whatever waits. Without a bridge there is none. */
export async function openDrawer(): Promise<boolean> {
  if (bridge === undefined) return false
  try {
    const { state } = await bridge.kick()
    noteState(state)
    mark('drawer:open')
    return state !== 'offline'
  } catch (error) {
    noteFailure(error)
    return false
  }
}

/** Try again what waits. */
export async function retryPapers(): Promise<void> {
  clearTimeout(timer)
  await look()
}

/** Print it no more. */
export async function dropPaper(id: string): Promise<void> {
  await db.papers.delete(id)
  device.waiting = device.waiting.filter((row) => row.id !== id)
  if (device.waiting.length === 0) device.trouble = undefined
  await bridge?.drop(id).catch(noteFailure)
}

/** Ask the bridge how it is; answers whether everything works. */
export async function look(): Promise<boolean> {
  if (bridge === undefined) return false
  try {
    const { state, queue, printer } = await bridge.status()
    device.name = printer
    noteState(state)
    for (const row of device.waiting) {
      const done = row.atBridge === 1 ? queue === 0 : (await send(row, false)) !== 'waiting'
      if (done) await over(row.id)
    }
  } catch (error) {
    noteFailure(error)
  }
  if (device.waiting.length > 0) lookSoon()
  return device.trouble === undefined
}

async function send(row: PaperRow, drawer: boolean): Promise<Printed> {
  if (bridge === undefined) return 'waiting'
  const { id, kind, copies, bits, width, height } = row
  try {
    const { outcome, state } = await bridge.print({ id, kind, copies, drawer, raster: { width, height, bits } })
    noteState(state)
    if (outcome === 'printed') mark('paper:out')
    if (outcome !== 'waiting') return 'printed'
    row.atBridge = 1
    return 'waiting'
  } catch (error) {
    noteFailure(error)
    return device.trouble === 'refused' ? 'refused' : 'waiting'
  }
}

async function remember(row: PaperRow): Promise<void> {
  await db.papers.put(row)
  device.waiting = [...device.waiting, row]
}

async function over(id: string): Promise<void> {
  await db.papers.delete(id)
  device.waiting = device.waiting.filter((row) => row.id !== id)
}

function lookSoon(): void {
  clearTimeout(timer)
  timer = setTimeout(() => void look(), LOOK_MS)
}

function noteState(state: PrinterState): void {
  device.trouble = state === 'ready' ? undefined : state
}

function noteFailure(error: unknown): void {
  if (error instanceof Unreachable) device.trouble = 'away'
  else if (error instanceof BridgeRefusal) device.trouble = error.code === 'wrong_token' ? 'wrong_token' : 'refused'
  else throw error
}

export function usePrinter() {
  return { ...toRefs(device), hasBridge: computed(() => device.settings !== undefined) }
}
