// The catalogue on this till: from the device at once, then whatever has changed since, from the server.

import { hitsOf, nextPriceAfter, openCatalogue, SearchIndex, type Catalogue, type Pack, type StyleHit } from '@placket/selling'
import { ref, shallowRef } from 'vue'
import { Refusal, type Schemas } from '@placket/api'
import { afresh } from './afresh'
import { askCatalogue, type Arrived } from './catalogueWorker'
import { serverNow } from './clock'
import { keep, kept } from './db'
import { whenIdle } from './idle'
import { readPack } from './keptCatalogue'
import { fetchPromotions, loadKeptPromotions } from './promotions'
import { server } from './server'

const catalogue = shallowRef<Catalogue>()
const locations = shallowRef<Schemas['PlaceShown'][]>([])
const today = shallowRef<Schemas['Today']>()
/** Rises when a price has begun to hold by itself. */
const priceTurn = ref(0)
/** When catalogue and prices were last known to be the server's. */
const goodsAtMs = ref(0)
/** A whole catalogue is on its way: so many variants of how many. */
const progress = shallowRef<{ done: number; total: number }>()
/** The search of a catalogue: small beside it, and made in a moment. */
let indexed: { of: Catalogue; index: SearchIndex } | undefined
let flip: ReturnType<typeof setTimeout> | undefined
let fetching: Promise<void> = Promise.resolve()

const RETRY_MS = 3_000
const FLIP_MAX_MS = 12 * 3_600_000
const EDITIONS_TRIED = 5
/** Typed while the engine is still cold, so that the cashier's first key is not. */
const REHEARSAL = ['a', 'dam l', 'kem m', 'ao so mi trang', 'q']
const KEEP_EVERY_MS = 10 * 60_000
let keptAtMs = 0

/** Show what the device holds already. The worker reads the same meanwhile, to change it later. */
export async function loadKeptGoods(): Promise<void> {
  const loaded = askCatalogue({ ask: 'load' })
  let pack = await readPack()
  if (pack === undefined && (await loaded)) pack = await readPack()
  if (pack !== undefined) take(pack)
  locations.value = (await kept('locations')) ?? []
  await loadKeptPromotions()
  goodsAtMs.value = (await kept('goods_at'))?.catalogueMs ?? 0
}

/** Fetch what is new, one fetch after the other; a failure rises, and the till works with what it has. */
export function fetchGoods(locationId: string): Promise<void> {
  fetching = fetching.catch(() => undefined).then(() => fetchNow(locationId))
  return fetching
}

async function fetchNow(locationId: string): Promise<void> {
  const held = catalogue.value?.edition ?? ''
  const goods = held === '' ? fetchWhole(locationId) : fetchChanges(locationId, held)
  const [places] = await Promise.all([server.locations(), goods, fetchPromotions()])
  locations.value = places
  await keep('locations', places)
  keptAtMs = 0
  await noteCurrent()
  await server.pricesHeard(catalogue.value?.priceVersion ?? 0)
}

/** What is held is the server's at this moment: it has just been fetched, or the stream would have told of a change. */
export async function noteCurrent(): Promise<void> {
  goodsAtMs.value = Date.now()
  if (goodsAtMs.value - keptAtMs < KEEP_EVERY_MS) return
  keptAtMs = goodsAtMs.value
  await keep('goods_at', { catalogueMs: goodsAtMs.value, priceVersion: catalogue.value?.priceVersion ?? 0 })
}

async function fetchChanges(locationId: string, held: string): Promise<void> {
  const { snapshot, pack } = await askCatalogue({ ask: 'changes', bytes: await server.catalogueChanges(locationId, held) })
  if (snapshot) await fetchWhole(locationId)
  else if (pack !== undefined) take(pack)
}

/** Part by part, on from where a cut has left it. A catalogue that changes meanwhile is begun anew. */
async function fetchWhole(locationId: string): Promise<void> {
  try {
    for (let tries = 1; ; tries += 1) {
      try {
        take(await fetchEdition(locationId))
        return
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'edition_gone' || tries === EDITIONS_TRIED) throw error
        await askCatalogue({ ask: 'drop' })
      }
    }
  } finally {
    progress.value = undefined
  }
}

async function fetchEdition(locationId: string): Promise<Pack> {
  let so: Arrived | undefined = await askCatalogue({ ask: 'arrived' })
  for (;;) {
    if (so !== undefined) progress.value = { done: so.done, total: so.total }
    // With nothing missing the last part is asked for again: it was kept, and the cut came before it was put together.
    const part: number = so === undefined ? 0 : (so.missing[0] ?? 1)
    const edition: string = so?.edition ?? ''
    const bytes = await server.cataloguePart(locationId, part, edition)
    const answer: { arrived: Arrived | undefined; pack?: Pack } = await askCatalogue({ ask: 'part', part, bytes })
    if (answer.pack !== undefined) return answer.pack
    so = answer.arrived
  }
}

/** Something of the catalogue or of the prices has changed; answers when it is here. */
export async function refetchGoods(locationId: string): Promise<void> {
  try {
    await fetchGoods(locationId)
  } catch {
    setTimeout(() => void refetchGoods(locationId), RETRY_MS)
  }
}

/** What is typed: styles, best first. */
export function findGoods(text: string, limit: number): StyleHit[] {
  const known = catalogue.value
  return known === undefined ? [] : hitsOf(known, indexOf(known).find(text, limit))
}

function indexOf(known: Catalogue): SearchIndex {
  if (indexed?.of !== known) indexed = { of: known, index: new SearchIndex(known) }
  return indexed.index
}

/** The index is there before the first key, and the engine that reads it is warm. */
function prepareSearch(): void {
  const known = catalogue.value
  if (known === undefined) return
  const index = indexOf(known)
  for (const text of REHEARSAL) index.find(text)
}

/** This device becomes another till. */
export async function forgetGoods(): Promise<void> {
  catalogue.value = undefined
  await askCatalogue({ ask: 'forget' })
}

export const fetchToday = afresh(async () => {
  today.value = await server.today()
})

function take(pack: Pack): void {
  catalogue.value = openCatalogue(pack)
  whenIdle(prepareSearch)
  turnPrices()
}

/** Wake up when a price begins to hold. A timer's longest wait is 24 days; a till looks again twice a day anyway. */
function turnPrices(): void {
  clearTimeout(flip)
  const next = catalogue.value === undefined ? null : nextPriceAfter(catalogue.value, serverNow())
  if (next === null) return
  flip = setTimeout(() => {
    priceTurn.value += 1
    turnPrices()
  }, Math.min(next - serverNow() + 1, FLIP_MAX_MS))
}

export function useGoods() {
  return { catalogue, locations, today, priceTurn, goodsAtMs, progress }
}
