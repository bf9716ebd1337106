/**
 * Stock as this terminal knows it: full state per (location, variant) with a version, so repeats and disorder are harmless.
 * A snapshot stands in columns as it came from the server or the disk; what has changed since lies over it.
 */
import { packStrings, placeOf, type Strings } from './strings.ts'

export interface Balance {
  onHand: number
  promised: number
  asked: number
  short: number
  version: number
}

/** variant, on hand, promised, asked, short, version: a row of a snapshot. */
export type BalanceRow = [string, number, number, number, number, number]

/** A snapshot of a place, packed: a till reads a hundred thousand balances from its disk without making one object each. */
export interface StockColumns {
  ids: Strings
  /** On hand, promised, asked, short: four of each variant. */
  counts: Int32Array
  versions: Float64Array
}

export function packStock(rows: readonly BalanceRow[]): StockColumns {
  const counts = new Int32Array(rows.length * COUNTS)
  rows.forEach((row, place) => counts.set(row.slice(1, 1 + COUNTS) as number[], place * COUNTS))
  return { ids: packStrings(rows.map(([id]) => id)), counts, versions: Float64Array.from(rows, (row) => row[5]) }
}

export interface StockChanged {
  location_id: string
  variant_id: string
  on_hand: number
  promised: number
  asked: number
  short: number
}

const COUNTS = 4
const NOTHING: Balance = { onHand: 0, promised: 0, asked: 0, short: 0, version: 0 }

/** What a person in the shop may buy. */
export function freeToSell(balance: Balance): number {
  return Math.max(0, balance.onHand - balance.promised)
}

interface Place {
  packed: StockColumns | undefined
  /** Balances newer than the packed ones. */
  changed: Map<string, Balance>
  /** Packed balances that somebody has looked at. */
  seen: Map<string, Balance>
}

export class StockView {
  private readonly places = new Map<string, Place>()

  /** Take a packed snapshot of a location in place of an older one: newer balances that arrived before it stay. */
  adopt(locationId: string, packed: StockColumns): void {
    const place = this.at(locationId)
    const before = [...place.changed]
    Object.assign(place, { packed, changed: new Map(), seen: new Map() })
    for (const [variantId, balance] of before) note(place, variantId, balance)
  }

  /** Take some balances of a location, those that are newer than what is known. */
  take(locationId: string, rows: readonly BalanceRow[]): void {
    const place = this.at(locationId)
    for (const [variantId, onHand, promised, asked, short, version] of rows) {
      note(place, variantId, { onHand, promised, asked, short, version })
    }
  }

  /** Take one change if it is newer than what is known; answers whether it was. */
  apply({ location_id: locationId, variant_id: variantId, on_hand: onHand, promised, asked, short }: StockChanged, version: number): boolean {
    return note(this.at(locationId), variantId, { onHand, promised, asked, short, version })
  }

  balance(locationId: string, variantId: string): Balance {
    const place = this.places.get(locationId)
    return (place === undefined ? undefined : known(place, variantId)) ?? NOTHING
  }

  /** What has changed at a location since its packed snapshot. */
  changed(locationId: string): BalanceRow[] {
    return [...this.at(locationId).changed].map(([variantId, { onHand, promised, asked, short, version }]) =>
      [variantId, onHand, promised, asked, short, version])
  }

  free(locationId: string, variantId: string): number {
    return freeToSell(this.balance(locationId, variantId))
  }

  /** The locations of a list that have at least one piece free of one of the variants. */
  holders(locationIds: readonly string[], variantIds: readonly string[]): string[] {
    return locationIds.filter((place) => variantIds.some((variant) => this.free(place, variant) > 0))
  }

  private at(locationId: string): Place {
    const place = this.places.get(locationId) ?? { packed: undefined, changed: new Map<string, Balance>(), seen: new Map<string, Balance>() }
    this.places.set(locationId, place)
    return place
  }
}

function note(place: Place, variantId: string, balance: Balance): boolean {
  const held = known(place, variantId)
  if (held !== undefined && held.version >= balance.version) return false
  place.changed.set(variantId, balance)
  return true
}

function known({ packed, changed, seen }: Place, variantId: string): Balance | undefined {
  const held = changed.get(variantId) ?? seen.get(variantId)
  if (held !== undefined || packed === undefined) return held
  const place = placeOf(packed.ids, variantId)
  if (place < 0) return undefined
  const [onHand = 0, promised = 0, asked = 0, short = 0] = packed.counts.subarray(place * COUNTS, (place + 1) * COUNTS)
  const balance = { onHand, promised, asked, short, version: packed.versions[place] ?? 0 }
  seen.set(variantId, balance)
  return balance
}
