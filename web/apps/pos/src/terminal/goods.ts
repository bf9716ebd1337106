// The catalogue on this till: from the device at once, from the server when it has something newer.

import { readCatalogue, SearchIndex, type Catalogue } from '@placket/selling'
import { computed, ref, shallowRef } from 'vue'
import type { Schemas } from '@placket/api'
import { serverNow } from './clock'
import { keep, kept } from './db'
import { server } from './server'

const catalogue = shallowRef<Catalogue>()
const locations = shallowRef<Schemas['PlaceShown'][]>([])
const today = shallowRef<Schemas['Today']>()
const index = computed(() => (catalogue.value === undefined ? undefined : new SearchIndex(catalogue.value)))
/** Rises when a price has begun to hold by itself. */
const priceTurn = ref(0)
/** When catalogue and prices were last fetched. */
const goodsAtMs = ref(0)
let flip: ReturnType<typeof setTimeout> | undefined

const RETRY_MS = 3_000
const FLIP_MAX_MS = 12 * 3_600_000

/** Show what the device holds already. */
export async function loadKeptGoods(): Promise<void> {
  const snapshot = await kept('catalogue')
  if (snapshot !== undefined) take(readCatalogue(snapshot))
  locations.value = (await kept('locations')) ?? []
  goodsAtMs.value = (await kept('goods_at'))?.catalogueMs ?? 0
}

/** Fetch what is new; a failure is tried again, the till works with what it has. */
export async function fetchGoods(locationId: string): Promise<void> {
  const [snapshot, places] = await Promise.all([server.catalogue(locationId), server.locations()])
  locations.value = places
  take(readCatalogue(snapshot))
  await keep('locations', places)
  await keep('catalogue', snapshot)
  goodsAtMs.value = Date.now()
  await keep('goods_at', { catalogueMs: goodsAtMs.value, priceVersion: snapshot.price_version })
}

/** Something of the catalogue or of the prices has changed; answers when it is here. */
export async function refetchGoods(locationId: string): Promise<void> {
  try {
    await fetchGoods(locationId)
  } catch {
    setTimeout(() => void refetchGoods(locationId), RETRY_MS)
  }
}

export async function fetchToday(): Promise<void> {
  today.value = await server.today()
}

function take(fresh: Catalogue): void {
  catalogue.value = fresh
  clearTimeout(flip)
  const next = fresh.nextPriceAtMs
  if (next === null) return
  // A timer's longest wait is 24 days; a till looks again twice a day anyway.
  flip = setTimeout(() => {
    priceTurn.value += 1
    take(fresh)
  }, Math.min(Math.max(0, next - serverNow()) || FLIP_MAX_MS, FLIP_MAX_MS))
}

export function useGoods() {
  return { catalogue, index, locations, today, priceTurn, goodsAtMs }
}
