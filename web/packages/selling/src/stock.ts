/** Stock as this terminal knows it: full state per (location, variant) with a version, so repeats and disorder are harmless. */

export interface Balance {
  onHand: number
  promised: number
  asked: number
  short: number
  version: number
}

/** variant, on hand, promised, asked, short, version: a row of a snapshot. */
export type BalanceRow = [string, number, number, number, number, number]

export interface StockChanged {
  location_id: string
  variant_id: string
  on_hand: number
  promised: number
  asked: number
  short: number
}

const NOTHING: Balance = { onHand: 0, promised: 0, asked: 0, short: 0, version: 0 }

/** What a person in the shop may buy. */
export function freeToSell(balance: Balance): number {
  return Math.max(0, balance.onHand - balance.promised)
}

export class StockView {
  private readonly byLocation = new Map<string, Map<string, Balance>>()

  /** Take a snapshot of a location: newer balances that arrived before it stay. */
  take(locationId: string, rows: readonly BalanceRow[]): void {
    const kept = this.at(locationId)
    for (const [variantId, onHand, promised, asked, short, version] of rows) {
      const known = kept.get(variantId)
      if (known === undefined || known.version < version) {
        kept.set(variantId, { onHand, promised, asked, short, version })
      }
    }
  }

  /** Take one change if it is newer than what is known; answers whether it was. */
  apply(change: StockChanged, version: number): boolean {
    const kept = this.at(change.location_id)
    const known = kept.get(change.variant_id)
    if (known !== undefined && known.version >= version) return false
    kept.set(change.variant_id, {
      onHand: change.on_hand,
      promised: change.promised,
      asked: change.asked,
      short: change.short,
      version,
    })
    return true
  }

  balance(locationId: string, variantId: string): Balance {
    return this.byLocation.get(locationId)?.get(variantId) ?? NOTHING
  }

  /** Everything known of a location, as a snapshot has it. */
  rows(locationId: string): BalanceRow[] {
    return [...this.at(locationId)].map(([variantId, { onHand, promised, asked, short, version }]) =>
      [variantId, onHand, promised, asked, short, version])
  }

  free(locationId: string, variantId: string): number {
    return freeToSell(this.balance(locationId, variantId))
  }

  /** The locations of a list that have at least one piece free of one of the variants. */
  holders(locationIds: readonly string[], variantIds: readonly string[]): string[] {
    return locationIds.filter((place) => variantIds.some((variant) => this.free(place, variant) > 0))
  }

  /** Whether anything is known of a location. */
  knows(locationId: string): boolean {
    return this.byLocation.has(locationId)
  }

  /** Forget everything: a fresh snapshot follows. */
  clear(): void {
    this.byLocation.clear()
  }

  private at(locationId: string): Map<string, Balance> {
    const known = this.byLocation.get(locationId)
    if (known !== undefined) return known
    const made = new Map<string, Balance>()
    this.byLocation.set(locationId, made)
    return made
  }
}
