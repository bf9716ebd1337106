// Stock on this till: the branch and the depots whole, other places for the styles that somebody has looked at.

import { StockView, type BalanceRow, type CartLine, type StockChanged } from '@placket/selling'
import { shallowRef, triggerRef } from 'vue'
import { askCatalogue } from './catalogueWorker'
import { db, forget, keep, kept } from './db'
import { useGoods } from './goods'
import { useJournal } from './journal'
import { server } from './server'

const view = shallowRef(new StockView())
/** Styles whose stock is known at every place. */
const everywhere = new Set<string>()
const asked = new Map<string, Promise<void>>()
/** When the stock on the screen was last confirmed. */
const heardAt = shallowRef<number>()

const KEEP_EVERY_MS = 60_000
/** With more changes than this over the snapshot, a new one is cheaper to read. */
const CHANGED_MAX = 10_000
/** The places whose stock the device keeps. */
let heldPlaces: string[] = []
/** Up to where everything the stream has told is in the view; none before there is a whole snapshot. */
let heldCursor: string | undefined
let keeping: ReturnType<typeof setTimeout> | undefined

/** The cursor from which the stream continues what this device holds; without one the branch and the depots are fetched anew. */
export async function continueStock(locationId: string): Promise<string | undefined> {
  const changed = heldPlaces.reduce((sum, place) => sum + view.value.changed(place).length, 0)
  const whole = placesOf(locationId).every((place) => heldPlaces.includes(place))
  if (heldCursor !== undefined && whole && changed <= CHANGED_MAX) return heldCursor
  await fetchStock(locationId)
  return undefined
}

function placesOf(locationId: string): string[] {
  return [locationId, ...useGoods().locations.value.filter(({ kind }) => kind === 'depot').map(({ id }) => id)]
}

/** Fetch the branch and the depots anew; answers the cursor of the earliest, from which the stream continues. */
export async function fetchStock(locationId: string): Promise<string> {
  const places = placesOf(locationId)
  const cursor = await fetchPlace(locationId)
  await Promise.all(places.slice(1).map(fetchPlace))
  everywhere.clear()
  heardAt.value = Date.now()
  heldPlaces = places
  heldCursor = cursor
  triggerRef(view)
  await keepChanged()
  return cursor
}

async function fetchPlace(place: string): Promise<string> {
  const { cursor, columns } = await askCatalogue({ ask: 'stock', place, bytes: await server.stock(place) })
  view.value.adopt(place, columns)
  return cursor
}

/** Show what an earlier start has heard. */
export async function loadKeptStock(): Promise<void> {
  const held = await kept('stock_since')
  if (held === undefined) return loadOldStock()
  const packed = await db.stock.bulkGet(held.places.map(({ id }) => id))
  held.places.forEach(({ id, rows }, at) => {
    const columns = packed[at]?.columns
    if (columns !== undefined) view.value.adopt(id, columns)
    view.value.take(id, rows)
  })
  heldPlaces = held.places.flatMap(({ id }, at) => (packed[at] === undefined ? [] : [id]))
  heldCursor = held.cursor
  heardAt.value = held.heardAtMs
  triggerRef(view)
}

/** What a version before this one kept: shown until the server is there. */
async function loadOldStock(): Promise<void> {
  const old = await kept('stock')
  if (old === undefined) return
  for (const { id, rows } of old.places) view.value.take(id, rows)
  heardAt.value = old.heardAtMs
  triggerRef(view)
}

async function keepChanged(): Promise<void> {
  if (heldCursor === undefined) return
  await keep('stock_since', {
    heardAtMs: heardAt.value ?? 0,
    cursor: heldCursor,
    places: heldPlaces.map((id) => ({ id, rows: view.value.changed(id) })),
  })
  await forget('stock')
}

/** Fetch one style's stock at every place, once; later changes arrive by the stream. */
export function learnEverywhere(styleId: string): Promise<void> {
  if (everywhere.has(styleId)) return Promise.resolve()
  const running = asked.get(styleId)
  if (running !== undefined) return running
  const asking = learn(styleId).finally(() => asked.delete(styleId))
  asked.set(styleId, asking)
  return asking
}

async function learn(styleId: string): Promise<void> {
  const matrix = await server.stockOfStyle(styleId)
  for (const style of matrix.items) {
    for (const variant of style.variants) {
      for (const [place, counts] of Object.entries(variant.cells)) view.value.take(place, [[variant.id, ...counts] as BalanceRow])
    }
  }
  everywhere.add(styleId)
  triggerRef(view)
}

/** Take changes from the stream up to a cursor, all of them before anything is painted. */
export function applyStock(changes: readonly { change: StockChanged; version: number }[], cursor: string): void {
  let newer = false
  for (const { change, version } of changes) newer = view.value.apply(change, version) || newer
  heardAt.value = Date.now()
  if (heldCursor !== undefined) heldCursor = cursor
  if (!newer) return
  triggerRef(view)
  keeping ??= setTimeout(() => {
    keeping = undefined
    void keepChanged()
  }, KEEP_EVERY_MS)
}

/** A new history begins, or another till: versions of the old one mean nothing. */
export async function forgetStock(): Promise<void> {
  view.value = new StockView()
  everywhere.clear()
  heldPlaces = []
  heldCursor = undefined
  await forget('stock', 'stock_since')
  await db.stock.clear()
}

/** Pieces of this branch that may be sold: what the books say, less what has left and is not handed in yet. */
export function freeHere(branchId: string, variantId: string): number {
  return Math.max(0, view.value.free(branchId, variantId) - (useJournal().takenUnsent.value.get(variantId) ?? 0))
}

/** The variants of these lines that the books of a branch hold too few of. */
export function shortHere(branchId: string, lines: readonly CartLine[]): string[] {
  return lines.filter(({ sourceId, variantId, qty }) => sourceId === branchId && freeHere(branchId, variantId) < qty).map(({ variantId }) => variantId)
}

export function useStock() {
  return { view, heardAt, knowsEverywhere: (styleId: string) => everywhere.has(styleId) }
}
