// What this till keeps on the device. Every transaction is strict: it is complete when it is on the disk, not before.

import { Dexie, type Table } from 'dexie'
import type {
  Attempt, BalanceRow, Board, BoxWork, CatalogueSnapshot, CountAct, CountWork, Customer, DoorWork, EinvoiceRange, EntryKind, KeptBook, KeptOrder, Left,
  LoyaltyTerms, Promotion, Reaches,
  ReceiptFacts,
  SealedEntry, StockColumns, Tabs, VouchersHeld,
} from '@placket/selling'
import type { Schemas } from '@placket/api'
import type { PackRecord, PartRecord } from './keptCatalogue'

/** Somebody at work here. Without a token they were recognised by this device alone, and only the journal takes their sales. */
export interface Session {
  token?: string | undefined
  expiresAt: string
  staff: Schemas['StaffFace']
  verbs: string[]
  /** How far each of their verbs goes. */
  reaches?: Reaches
}

/** How far this till has numbered: its openings for life, its receipts per epoch. */
export interface Series {
  epoch: number
  opening: number
  receiptNo: number
  /** This opening has been signed off: the next sign-in begins another. */
  closed?: boolean
}

/** A sale this till has made: what its receipt says, for printing it again. */
export interface SoldSale {
  id: string
  soldAt: string
  facts: ReceiptFacts
  /** Another till has made it. */
  foreign?: true
}

/** An entry of the journal as the device keeps it, with what became of it. */
export interface JournalRow extends SealedEntry {
  till: string
  epoch: number
  entryId: string
  kind: EntryKind
  at: string
  /** The sale it speaks of, and what that came to. */
  saleId: string | null
  totalVnd: number
  /** 0 until the server has acknowledged it. */
  sent: 0 | 1
  /** The server did not know of it when it was written. */
  offline: boolean
  /** Pieces that left this branch, by variant: what the books here do not know until the entry is posted. */
  taken: Record<string, number>
  /** Why it waits for a person, when it could not be posted. */
  cause: string | null
}

/** What this device knows to recognise somebody without the server. */
export interface Verifier {
  staff: Schemas['StaffFace']
  verbs: string[]
  reaches?: Reaches
  salt: string
  hash: string
  madeAtMs: number
}

/** Stock as it was last heard: what has changed since the packed snapshots of these places, up to a moment of the stream. */
export interface KeptStock {
  heardAtMs: number
  cursor: string
  places: { id: string; rows: BalanceRow[] }[]
}

/** Where this device prints. */
export interface PrinterSettings {
  /** Address of the print bridge, such as `https://192.168.1.20:8643`. */
  address: string
  /** The code that the bridge showed. */
  token: string
}

/** A paper that has not been printed yet. */
export interface PaperRow {
  id: string
  at: number
  kind: string
  title: string
  copies: number
  width: number
  height: number
  bits: Uint8Array
  /** The bridge has it and waits for the printer. */
  atBridge: 0 | 1
}

/** A wish for a hold that could not be asked: a note for people, no promise. */
export interface HoldNote {
  id: string
  at: string
  placeId: string
  variantId: string
  heldFor: string
  heldPhone: string
}

/** The book of promotions as it was last heard. */
export interface KeptPromotions {
  promoVersion: number
  promotions: Promotion[]
  names: Record<string, { vi: string; en: string }>
  left: Record<string, Left>
  /** Promotions in force that this till does not understand. */
  skipped: string[]
  /** When the server was last asked, by its clock. */
  heardMs: number
}

/** What was unpacked here and is not told yet; `refused` is the server's reason, when it would not have it. */
export interface ReceiptToTell {
  transferId: string
  code: string
  atMs: number
  body: Schemas['Receiving']
  refused: string | null
}

/** What came to the door and is not told yet; `refused` is the server's reason, when it would not have it. */
export interface DeliveryToTell {
  name: string
  body: Schemas['DeliveryNew']
  refused: { code: string; why: string } | null
}

/** Scans of a count on their way to the server; `refused` is its reason, when it would not have them. */
export interface CountToTell {
  countId: string
  number: number
  act: CountAct
  refused: string | null
}

/** Every single thing the till keeps, by its name. */
export interface Kept {
  till_token: string
  start: Schemas['TillStart']
  session: Session
  series: Series
  /** Only of versions before the catalogue had a store of its own. */
  catalogue: CatalogueSnapshot
  locations: Schemas['PlaceShown'][]
  tabs: Tabs
  attempt: Attempt
  sound: boolean
  board: Board
  /** The board of an opening that is over: a server that was restored from a backup learns from it. */
  last_board: Board
  clock_offset_ms: number
  /** The server's time when this device last looked at its clock. */
  clock_seen_ms: number
  /** Who has said to sell on while this till does not know what is promised; over when it attaches. */
  blind_by: string
  verifiers: Verifier[]
  /** The same by the secrets on their badges. */
  badges: Verifier[]
  /** Wrong PINs typed here, by person. */
  pin_tries: Record<string, { wrong: number; untilMs: number }>
  device_key: CryptoKey
  /** Only of versions before the balances had a store of their own. */
  stock: Pick<KeptStock, 'heardAtMs' | 'places'>
  stock_since: KeptStock
  hold_notes: HoldNote[]
  /** The shift as this device knows it. */
  shift_now: Schemas['ShiftNow']
  /** How far the customers of the branch are known, and today's loyalty rule. */
  tiers: readonly TierName[]
  customers_at: { branch: string; form?: number; cursor: string; terms: LoyaltyTerms | null }
  /** Requests for holds so far, and up to which they are over. */
  requests: { lastNo: number; settledNo: number }
  promotions: KeptPromotions
  /** Vouchers that are kept for sales whose money is under way. */
  vouchers_held: VouchersHeld
  goods_at: { catalogueMs: number; priceVersion: number }
  printer: PrinterSettings
  /** A folder outside the browser's storage, for the second copy where no bridge is. */
  copy_folder: FileSystemDirectoryHandle
  /** How far the branch's sales have been told, and when. */
  orders_at: { after: string | undefined; heardAtMs: number }
  /** The numbers from which this till's e-invoices get their codes. */
  einvoice: EinvoiceRange
  /** The day as the server last told it. */
  day: Schemas['DayShown']
  /** What is to be picked here and what comes here, as it was last heard. */
  transfers: { heardAtMs: number; items: Schemas['TransferShown'][] }
  /** What has been scanned for a transfer, by its id. */
  box_works: Record<string, BoxWork>
  receipts_to_tell: ReceiptToTell[]
  /** Online orders to pick, to hand over or to send here, as they were last heard. */
  order_tasks: { heardAtMs: number; items: Schemas['TaskShown'][] }
  /** Orders that were given away here and that the server may not know of yet. */
  orders_given: string[]
  /** What suppliers are to bring here, and who they are, as it was last heard. */
  orders_in: { heardAtMs: number; items: Schemas['OrderShown'][]; suppliers: { id: string; name: string }[] }
  /** What has been scanned at the door, by its order or none. */
  door_works: Record<string, DoorWork>
  deliveries_to_tell: DeliveryToTell[]
  /** The counts that are open here, as they were last heard. */
  counts: { heardAtMs: number; items: Schemas['CountSheet'][] }
  /** What people have counted on this device, by the count's id and theirs. */
  count_works: Record<string, CountWork>
  counts_to_tell: CountToTell[]
  /** Which of several open windows writes; another one that believed it did is refused. */
  writer: string
}

/** A payment this till has asked for, kept before it is sent: a reload or a power cut must not forget money. */
export interface KeptPayment {
  id: string
  cartId: string
  kind: 'transfer' | 'card'
  amountVnd: number
  /** What the server last said; nothing until it has answered. */
  shown: Schemas['TakenShown'] | null
}

class TillDatabase extends Dexie {
  declare kept: Table<{ name: keyof Kept; value: unknown }, keyof Kept>
  declare sales: Table<SoldSale, string>
  declare payments: Table<KeptPayment, string>
  declare orders: Table<KeptOrder, string>
  declare journal: Table<JournalRow, [till: string, epoch: number, seq: number]>
  declare customers: Table<Customer, string>
  declare papers: Table<PaperRow, string>
  declare catalogue: Table<PackRecord, PackRecord['name']>
  declare catalogue_parts: Table<PartRecord, number>
  declare books: Table<KeptBook, number>
  declare stock: Table<{ place: string; columns: StockColumns }, string>

  constructor() {
    super('placket-till', { chromeTransactionDurability: 'strict' })
    // Only ever added to: an update must find what an older version has not sent yet.
    this.version(1).stores({ kept: 'name', sales: 'id, soldAt, facts.barcode' })
    this.version(2).stores({ journal: '[till+epoch+seq], sent, saleId' })
    this.version(3).stores({ customers: 'id' })
    this.version(4).stores({ papers: 'id, at' })
    this.version(5).stores({ catalogue: 'name', catalogue_parts: 'part' })
    this.version(6).stores({ orders: 'id, sold_at' })
    this.version(7).stores({ payments: 'id, cartId' })
    this.version(8).stores({ stock: 'place' })
    this.version(9).stores({ books: 'promoVersion' })
    // Customers of before know neither tier nor group: they have none until they are fetched again.
    this.version(10).upgrade((tx) => tx.table<Customer>('customers').toCollection().modify({ tier: null, segments: [] }))
  }
}

/** What a tier is called in both languages. */
export interface TierName {
  tier: string
  vi: string
  en: string
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

/** Reactive proxies cannot be cloned into the store. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
