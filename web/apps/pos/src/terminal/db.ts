// What this till keeps on the device. Every transaction is strict: it is complete when it is on the disk, not before.

import { Dexie, type Table } from 'dexie'
import type { Attempt, CatalogueSnapshot, ReceiptFacts, Tabs } from '@placket/selling'
import type { Schemas } from '@placket/api'

export interface Session {
  token: string
  expiresAt: string
  staff: Schemas['StaffFace']
  verbs: string[]
}

/** How far this till has numbered: its openings for life, its receipts per epoch. */
export interface Series {
  epoch: number
  opening: number
  receiptNo: number
}

/** A sale this till has made: what its receipt says, for printing it again. */
export interface SoldSale {
  id: string
  soldAt: string
  facts: ReceiptFacts
}

/** Every single thing the till keeps, by its name. */
export interface Kept {
  till_token: string
  start: Schemas['TillStart']
  session: Session
  series: Series
  catalogue: CatalogueSnapshot
  locations: Schemas['PlaceShown'][]
  tabs: Tabs
  attempt: Attempt
  sound: boolean
}

class TillDatabase extends Dexie {
  declare kept: Table<{ name: keyof Kept; value: unknown }, keyof Kept>
  declare sales: Table<SoldSale, string>

  constructor() {
    super('placket-till', { chromeTransactionDurability: 'strict' })
    this.version(1).stores({ kept: 'name', sales: 'id, soldAt, facts.barcode' })
  }
}

export const db = new TillDatabase()

export async function kept<N extends keyof Kept>(name: N): Promise<Kept[N] | undefined> {
  return (await db.kept.get(name))?.value as Kept[N] | undefined
}

export async function keep<N extends keyof Kept>(name: N, value: Kept[N]): Promise<void> {
  await db.kept.put({ name, value: plain(value) })
}

export async function forget(...names: (keyof Kept)[]): Promise<void> {
  await db.kept.bulkDelete(names)
}

const SALES_KEPT = 200

/** A sale is over: its receipt is kept, its attempt is gone, its number is used and its cart is replaced, all at once. */
export async function closeSale(sale: SoldSale, series: Series, tabs: Tabs): Promise<void> {
  await db.transaction('rw', db.kept, db.sales, async () => {
    await db.sales.put(plain(sale))
    await db.kept.bulkPut([
      { name: 'series', value: series },
      { name: 'tabs', value: plain(tabs) },
    ])
    await db.kept.delete('attempt')
    const spare = (await db.sales.count()) - SALES_KEPT
    if (spare > 0) await db.sales.orderBy('soldAt').limit(spare).delete()
  })
}

export async function keepSale(sale: SoldSale): Promise<void> {
  await db.sales.put(plain(sale))
}

/** A sale of this till by the code under its receipt. */
export function saleByBarcode(barcode: string): Promise<SoldSale | undefined> {
  return db.sales.where('facts.barcode').equals(barcode).first()
}

/** The last sale of this till. */
export function lastSale(): Promise<SoldSale | undefined> {
  return db.sales.orderBy('soldAt').last()
}

/** The next receipt number and the sale that takes it, in one strict transaction, before anything is sent. */
export async function storeAttempt(attempt: Attempt): Promise<void> {
  await keep('attempt', attempt)
}

/** Reactive proxies cannot be cloned into the store. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
