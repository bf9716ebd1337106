/**
 * What a cart costs: list, then what is taken off by hand, then points, and the VAT inside it. Equal to the server's
 * `sales/rules.py`, which has the last word; `contracts/pricing-lines` holds both to the same carts.
 */
import { priceAt, type Catalogue } from './catalogue.ts'
import type { CartLine } from './cart.ts'
import { partOf, split, vatWithin, WHOLE_BP } from './money.ts'

/** What somebody takes off a line by hand: a piece's new price, basis points of the line, or đồng off the line. */
export interface Adjust {
  kind: 'price' | 'percent' | 'amount'
  value: number
  reason: string
  note?: string
  /** Who allowed what the cashier alone may not. */
  approvedBy?: string
  approvalId?: string
}

/** Points that pay part of a cart, under a hold: its last discount. */
export interface PointsSpent {
  holdId: string
  points: number
  valueVnd: number
  /** The request for the hold, by which the till lets it go. */
  requestNo?: number
}

export interface PricedLine {
  line: CartLine
  unitVnd: number
  /** Taken off by hand. */
  manualVnd: number
  /** The line's share of the points. */
  pointsVnd: number
  /** Both together. */
  discountVnd: number
  totalVnd: number
  vatBp: number
  vatVnd: number
}

export interface VatShare {
  rateBp: number
  netVnd: number
  vatVnd: number
}

export interface Quote {
  priceVersion: number
  lines: PricedLine[]
  listVnd: number
  discountVnd: number
  totalVnd: number
  vat: VatShare[]
}

export const NO_QUOTE: Quote = { priceVersion: 0, lines: [], listVnd: 0, discountVnd: 0, totalVnd: 0, vat: [] }

/** A line as it is to be priced: what it holds and what its goods cost now. */
export interface Costing {
  line: CartLine
  unitVnd: number
  vatBp: number
}

/** What an adjustment takes off a line: never less than nothing, never more than the line costs. */
export function takenOff(adjust: Pick<Adjust, 'kind' | 'value'> | null | undefined, unitVnd: number, qty: number): number {
  const listVnd = unitVnd * qty
  if (adjust === null || adjust === undefined || listVnd <= 0) return 0
  const offVnd = adjust.kind === 'price' ? listVnd - adjust.value * qty
    : adjust.kind === 'percent' ? partOf(listVnd, Math.min(adjust.value, WHOLE_BP)) : adjust.value
  return Math.min(Math.max(offVnd, 0), listVnd)
}

/** Price lines whose unit prices are known. VAT is reckoned once for all lines of a rate and shared by largest remainder. */
export function priceLines(costings: readonly Costing[], priceVersion: number, points?: PointsSpent | null): Quote {
  const lists = costings.map(({ unitVnd, line }) => unitVnd * line.qty)
  const manual = costings.map(({ unitVnd, line }) => takenOff(line.adjust, unitVnd, line.qty))
  const owed = lists.map((listVnd, place) => listVnd - (manual[place] ?? 0))
  const byPoints = pointsOfLines(owed, points)
  const totals = owed.map((owedVnd, place) => owedVnd - (byPoints[place] ?? 0))
  const { vatOf, vat } = vatOfLines(totals, costings.map(({ vatBp }) => vatBp))
  const lines = costings.map(({ line, unitVnd, vatBp }, place) => {
    const [manualVnd, pointsVnd] = [manual[place] ?? 0, byPoints[place] ?? 0]
    return {
      line, unitVnd, manualVnd, pointsVnd, discountVnd: manualVnd + pointsVnd, totalVnd: totals[place] ?? 0, vatBp,
      vatVnd: vatOf[place] ?? 0,
    }
  })
  const [listVnd, totalVnd] = [sum(lists), sum(totals)]
  return { priceVersion, lines, listVnd, discountVnd: listVnd - totalVnd, totalVnd, vat }
}

/** What points pay, shared by largest remainder in proportion to what each line still costs. */
function pointsOfLines(owed: readonly number[], points: PointsSpent | null | undefined): number[] {
  const weights = owed.map((owedVnd) => Math.max(owedVnd, 0))
  const valueVnd = Math.min(points?.valueVnd ?? 0, sum(weights))
  return valueVnd === 0 ? owed.map(() => 0) : split(valueVnd, weights)
}

function vatOfLines(totals: readonly number[], rateOf: readonly number[]): { vatOf: number[]; vat: VatShare[] } {
  const vatOf = totals.map(() => 0)
  const vat: VatShare[] = []
  for (const rateBp of [...new Set(rateOf)].sort((a, b) => a - b)) {
    const places = rateOf.flatMap((rate, place) => (rate === rateBp ? [place] : []))
    const weights = places.map((place) => totals[place] ?? 0)
    const grossVnd = sum(weights)
    const vatVnd = vatWithin(grossVnd, rateBp)
    vat.push({ rateBp, netVnd: grossVnd - vatVnd, vatVnd })
    const parts = split(vatVnd, weights)
    places.forEach((place, at) => {
      vatOf[place] = parts[at] ?? 0
    })
  }
  return { vatOf, vat }
}

function sum(parts: readonly number[]): number {
  return parts.reduce((total, part) => total + part, 0)
}

/**
 * The lines with a discount of the bill written to those that have none of their own: a percentage to each, an amount by
 * largest remainder in proportion to their lists.
 */
export function withBill(costings: readonly Costing[], bill: Adjust | null | undefined): Costing[] {
  if (bill === null || bill === undefined) return [...costings]
  const bare = costings.filter(({ line }) => line.adjust === undefined)
  const weights = bare.map(({ unitVnd, line }) => unitVnd * line.qty)
  const parts = bill.kind === 'amount' ? split(Math.min(bill.value, sum(weights)), weights) : []
  return costings.map((costing) => {
    const at = bare.indexOf(costing)
    if (at < 0) return costing
    return { ...costing, line: { ...costing.line, adjust: bill.kind === 'amount' ? { ...bill, value: parts[at] ?? 0 } : bill } }
  })
}

/** Price a cart at a moment by the server's clock. Goods without a price cost nothing here and are refused by `unpriced`. */
export function priceCart(
  lines: readonly CartLine[], catalogue: Catalogue, atMs: number, points?: PointsSpent | null, bill?: Adjust | null,
): Quote {
  const costings = lines.map((line) => {
    const variant = catalogue.byId.get(line.variantId)
    return {
      line,
      unitVnd: variant === undefined ? 0 : (priceAt(variant, atMs) ?? 0),
      vatBp: variant?.vatBp ?? 0,
    }
  })
  return priceLines(withBill(costings, bill), catalogue.priceVersion, points)
}

/** Whether a line can be sold at a moment: it is still in the catalogue, with a price and a VAT rate. */
export function sellable(line: CartLine, catalogue: Catalogue, atMs: number): boolean {
  const variant = catalogue.byId.get(line.variantId)
  return variant !== undefined && variant.vatBp !== null && priceAt(variant, atMs) !== null
}
