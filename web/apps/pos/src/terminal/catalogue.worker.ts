// Everything about catalogue and stock that takes longer than a frame: packing what the server sends, applying changes, and
// writing it to the disk.

import {
  applyChanges, packCatalogue, packStock,
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

let pack: Pack | undefined
const decoder = new TextDecoder()

addEventListener('message', (event: MessageEvent<{ no: number; wanted: Wanted }>) => {
  const { no, wanted } = event.data
  void reply(no, work(wanted))
})

async function reply(no: number, worked: Promise<unknown>): Promise<void> {
  try {
    postMessage({ no, answer: await worked })
  } catch (error) {
    postMessage({ no, failure: String(error) })
  }
}

async function work(wanted: Wanted): Promise<unknown> {
  switch (wanted.ask) {
    case 'load': return load()
    case 'arrived': return arrived()
    case 'part': return takePart(wanted.part, wanted.bytes)
    case 'drop': return db.catalogue_parts.clear()
    case 'changes': return takeChanges(wanted.bytes)
    case 'stock': return takeStock(wanted.place, wanted.bytes)
    case 'forget': return forget()
  }
}

/** What the device holds, to be changed by what comes; answers whether there is anything. */
async function load(): Promise<Asked['load']> {
  pack = (await readPack()) ?? (await packOld())
  return pack !== undefined
}

async function keep(fresh: Pack): Promise<Pack> {
  await writePack(fresh)
  pack = fresh
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
  await forgetCatalogue()
}

function parse<T>(bytes: ArrayBuffer): T {
  return JSON.parse(decoder.decode(bytes)) as T
}
