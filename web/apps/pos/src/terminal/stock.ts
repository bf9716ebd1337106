// Stock on this till: the branch and the depots whole, other places for the styles that somebody has looked at.

import { StockView, type BalanceRow, type StockChanged } from '@placket/selling'
import { shallowRef, triggerRef } from 'vue'
import { keep, kept } from './db'
import { useGoods } from './goods'
import { useJournal } from './journal'
import { server } from './server'

const view = shallowRef(new StockView())
/** Styles whose stock is known at every place. */
const everywhere = new Set<string>()
const asked = new Map<string, Promise<void>>()
/** When the stock on the screen was last confirmed. */
const heardAt = shallowRef<number>()

/** Fetch the branch and the depots anew; answers the cursor of the earliest, from which the stream continues. */
export async function fetchStock(locationId: string): Promise<string> {
  const { locations } = useGoods()
  const places = [locationId, ...locations.value.filter(({ kind }) => kind === 'depot').map(({ id }) => id)]
  const first = await server.stock(locationId)
  const others = await Promise.all(places.slice(1).map((place) => server.stock(place)))
  everywhere.clear()
  view.value.take(locationId, first.items)
  others.forEach(({ items }, at) => view.value.take(places[at + 1] ?? '', items))
  heardAt.value = Date.now()
  triggerRef(view)
  heldPlaces = places
  await keepStock()
  return first.cursor
}

const KEEP_EVERY_MS = 60_000
/** The places whose stock the device keeps. */
let heldPlaces: string[] = []
let keeping: ReturnType<typeof setTimeout> | undefined

/** Show what an earlier start has heard. */
export async function loadKeptStock(): Promise<void> {
  const held = await kept('stock')
  if (held === undefined) return
  for (const { id, rows } of held.places) view.value.take(id, rows)
  heardAt.value = held.heardAtMs
  triggerRef(view)
}

async function keepStock(): Promise<void> {
  await keep('stock', {
    heardAtMs: heardAt.value ?? 0,
    places: heldPlaces.map((id) => ({ id, rows: view.value.rows(id) })),
  })
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

/** Take changes from the stream, all of them before anything is painted. */
export function applyStock(changes: readonly { change: StockChanged; version: number }[]): void {
  let newer = false
  for (const { change, version } of changes) newer = view.value.apply(change, version) || newer
  heardAt.value = Date.now()
  if (!newer) return
  triggerRef(view)
  keeping ??= setTimeout(() => {
    keeping = undefined
    void keepStock()
  }, KEEP_EVERY_MS)
}

/** A new history begins: versions of the old one mean nothing. */
export function forgetStock(): void {
  view.value = new StockView()
  everywhere.clear()
}

/** Pieces of this branch that may be sold: what the books say, less what has left and is not handed in yet. */
export function freeHere(branchId: string, variantId: string): number {
  return Math.max(0, view.value.free(branchId, variantId) - (useJournal().takenUnsent.value.get(variantId) ?? 0))
}

export function useStock() {
  return { view, heardAt, knowsEverywhere: (styleId: string) => everywhere.has(styleId) }
}
