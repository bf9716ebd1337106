// The catalogue on the disk of this device, in the columns it is used in, and the parts of one that is still on its way.
// The window and its worker both read it; only the worker writes.

import { packCatalogue, type Columns, type Pack } from '@placket/selling'
import { db } from './db'

/** A record of its own for each large thing, so that none is read in one long breath. */
export type PackRecord =
  | { name: 'head'; value: Omit<Pack, 'faces' | 'columns'> }
  | { name: 'faces'; value: string }
  | { name: 'ids' | 'skus' | 'barcodes'; value: Columns['ids'] }
  | { name: 'columns'; value: Omit<Columns, 'ids' | 'skus' | 'barcodes'> }

/** A part of a snapshot as it came over the network. */
export interface PartRecord {
  part: number
  edition: string
  /** How many variants it holds. */
  variants: number
  bytes: ArrayBuffer
}

const NAMES = ['head', 'faces', 'ids', 'skus', 'barcodes', 'columns'] as const

export async function readPack(): Promise<Pack | undefined> {
  const records = await db.catalogue.bulkGet([...NAMES])
  const [head, faces, ids, skus, barcodes, columns] = records.map((record) => record?.value)
  if (head === undefined) return undefined
  return { ...(head as object), faces, columns: { ...(columns as object), ids, skus, barcodes } } as Pack
}

export async function writePack({ faces, columns: { ids, skus, barcodes, ...columns }, ...head }: Pack): Promise<void> {
  await db.transaction('rw', db.catalogue, () => db.catalogue.bulkPut([
    { name: 'head', value: head }, { name: 'faces', value: faces }, { name: 'ids', value: ids }, { name: 'skus', value: skus },
    { name: 'barcodes', value: barcodes }, { name: 'columns', value: columns },
  ]))
}

/** What a version before this one kept is packed once, so that an update finds the till able to sell without network. */
export async function packOld(): Promise<Pack | undefined> {
  const old = await db.kept.get('catalogue')
  if (old === undefined) return undefined
  const pack = packCatalogue(old.value as Parameters<typeof packCatalogue>[0])
  await writePack(pack)
  await db.kept.delete('catalogue')
  return pack
}

/** Forget the catalogue: this device becomes another till. */
export async function forgetCatalogue(): Promise<void> {
  await db.transaction('rw', db.catalogue, db.catalogue_parts, async () => {
    await db.catalogue.clear()
    await db.catalogue_parts.clear()
  })
}
