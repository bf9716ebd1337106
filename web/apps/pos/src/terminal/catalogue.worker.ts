// Everything about catalogue and stock that takes longer than a frame: packing what the server sends, applying changes, writing
// it to the disk, building the search index and searching it.

import {
  applyChanges, openCatalogue, packCatalogue, packStock, SearchIndex,
  type BalanceRow, type CatalogueChanges, type CatalogueSnapshot, type Pack, type VariantRow,
} from '@placket/selling'
import type { Arrived, Asked, Wanted } from './catalogueWorker'
import { db } from './db'
import { forgetCatalogue, packOld, readPack, writePack, type PartRecord } from './keptCatalogue'

interface FirstPart extends Omit<CatalogueSnapshot, 'variants'> {
  edition: string
  parts: number
  variants_total: number
}

/** Typed while the engine is still cold, so that the cashier's first key is not. */
const REHEARSAL = ['a', 'dam l', 'kem m', 'ao so mi trang', 'q']

let pack: Pack | undefined
let index: SearchIndex | undefined
let loading: Promise<unknown> = Promise.resolve()
const decoder = new TextDecoder()

addEventListener('message', (event: MessageEvent<{ no: number; wanted: Wanted }>) => {
  const { no, wanted } = event.data
  // The path of every key: nothing between the question and the answer once the index is there.
  if (wanted.ask === 'find' && index !== undefined) {
    const begun = performance.now()
    const answer = find(wanted.text, wanted.limit)
    postMessage({ no, answer, tookMs: performance.now() - begun })
    return
  }
  const worked = work(wanted)
  if (wanted.ask === 'load') loading = worked
  void reply(no, worked)
})

async function reply(no: number, worked: Promise<unknown>): Promise<void> {
  try {
    postMessage({ no, answer: await worked })
  } catch (error) {
    postMessage({ no, failure: String(error) })
  }
}

function find(text: string, limit: number): Asked['find'] {
  return { edition: pack?.edition ?? '', found: index?.find(text, limit) ?? [] }
}

async function work(wanted: Wanted): Promise<unknown> {
  switch (wanted.ask) {
    case 'find': {
      await loading.catch(() => undefined)
      return find(wanted.text, wanted.limit)
    }
    case 'load': return load()
    case 'arrived': return arrived()
    case 'part': return takePart(wanted.part, wanted.bytes)
    case 'drop': return db.catalogue_parts.clear()
    case 'changes': return takeChanges(wanted.bytes)
    case 'stock': return takeStock(wanted.place, wanted.bytes)
    case 'forget': return forget()
  }
}

/** What the device holds, ready to be searched; answers whether there is anything. */
async function load(): Promise<Asked['load']> {
  const held = (await readPack()) ?? (await packOld())
  if (held !== undefined) hold(held)
  return held !== undefined
}

function hold(fresh: Pack): void {
  pack = fresh
  index = new SearchIndex(openCatalogue(fresh))
  for (const text of REHEARSAL) index.find(text)
}

async function keep(fresh: Pack): Promise<Pack> {
  await writePack(fresh)
  hold(fresh)
  return fresh
}

/** How far a snapshot has come, here or before the last cut. */
async function arrived(): Promise<Arrived | undefined> {
  const rows = await db.catalogue_parts.orderBy('part').toArray()
  return arrivedOf(rows)
}

function arrivedOf(rows: readonly PartRecord[]): Arrived | undefined {
  const [first] = rows
  if (first === undefined) return undefined
  const { edition, parts, variants_total: total } = parse<FirstPart>(first.bytes)
  const have = new Set(rows.map(({ part }) => part))
  const missing = Array.from({ length: parts }, (_, at) => at + 1).filter((part) => !have.has(part))
  return { edition, total, done: rows.reduce((sum, { variants }) => sum + variants, 0), missing }
}

/** Keep a part; with the last one the catalogue is whole. */
async function takePart(part: number, bytes: ArrayBuffer): Promise<Asked['part']> {
  const { edition, variants } = parse<{ edition: string; variants?: VariantRow[] }>(bytes)
  await db.catalogue_parts.put({ part, edition, bytes, variants: variants?.length ?? 0 })
  const rows = await db.catalogue_parts.orderBy('part').toArray()
  const so = arrivedOf(rows)
  const [first, ...others] = rows
  if (first === undefined || so === undefined || so.missing.length > 0) return { arrived: so }
  const all = others.flatMap((row) => parse<{ variants: VariantRow[] }>(row.bytes).variants)
  const whole = await keep(packCatalogue({ ...parse<FirstPart>(first.bytes), variants: all }))
  await db.catalogue_parts.clear()
  return { arrived: so, pack: whole }
}

async function takeChanges(bytes: ArrayBuffer): Promise<Asked['changes']> {
  const changes = parse<CatalogueChanges>(bytes)
  if (changes.snapshot || pack === undefined) return { snapshot: true }
  if (changes.edition === pack.edition) return { snapshot: false }
  return { snapshot: false, pack: await keep(applyChanges(pack, changes)) }
}

async function takeStock(place: string, bytes: ArrayBuffer): Promise<Asked['stock']> {
  const { cursor, items } = parse<{ cursor: string; items: BalanceRow[] }>(bytes)
  const columns = packStock(items)
  await db.stock.put({ place, columns })
  return { cursor, columns }
}

async function forget(): Promise<void> {
  pack = undefined
  index = undefined
  await forgetCatalogue()
}

function parse<T>(bytes: ArrayBuffer): T {
  return JSON.parse(decoder.decode(bytes)) as T
}
