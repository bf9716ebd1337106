/**
 * What a cart costs: list, then promotions, then what is taken off by hand, then points, and the VAT inside it. Equal to the
 * server's `sales/rules.py`, which has the last word; `contracts/pricing-lines` holds both to the same carts.
 */
import { priceAt, type Catalogue } from './catalogue.ts'
import type { CartLine } from './cart.ts'
import { partOf, split, sum, vatWithin, WHOLE_BP } from './money.ts'
import { offeredTo, type LineOffer, type Offers, type Situation } from './offers.ts'
import type { PromotionQuote } from './promotions/terms.ts'

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
  /** Taken off by promotions. */
  offers: readonly LineOffer[]
  /** Taken off by hand. */
  manualVnd: number
  /** The line's share of the points. */
  pointsVnd: number
  /** All of it together. */
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
  promoVersion: number
  /** Promotions in force that this till does not understand and has left out. */
  skipped: readonly string[]
  /** What promotions did to the cart and why, when some run. */
  promotions: PromotionQuote | undefined
  lines: PricedLine[]
  listVnd: number
  discountVnd: number
  totalVnd: number
  vat: VatShare[]
}

export const NO_QUOTE: Quote = {
  priceVersion: 0, promoVersion: 0, skipped: [], promotions: undefined, lines: [], listVnd: 0, discountVnd: 0, totalVnd: 0, vat: [],
}

const NOTHING: Owed = { listVnd: 0, owedVnd: 0, qty: 0 }

/** A line as it is to be priced: what it holds and what its goods cost now. */
export interface Costing {
  line: CartLine
  unitVnd: number
  vatBp: number
  /** What promotions take off it. */
  offers?: readonly LineOffer[]
}

/** What a line of a cart costs before and after promotions, as discounts by hand and their limits ask. */
export interface Owed {
  listVnd: number
  owedVnd: number
  qty: number
}

export function owedOf({ unitVnd, line: { qty }, offers }: Costing): Owed {
  return { listVnd: unitVnd * qty, owedVnd: unitVnd * qty - offVnd(offers), qty }
}

/** What an adjustment takes off a line that costs `owedVnd`: never less than nothing, never more than that. */
export function takenOff(adjust: Pick<Adjust, 'kind' | 'value'> | null | undefined, { owedVnd, qty }: Omit<Owed, 'listVnd'>): number {
  if (adjust === null || adjust === undefined || owedVnd <= 0) return 0
  const offVnd = adjust.kind === 'price' ? owedVnd - adjust.value * qty
    : adjust.kind === 'percent' ? partOf(owedVnd, Math.min(adjust.value, WHOLE_BP)) : adjust.value
  return Math.min(Math.max(offVnd, 0), owedVnd)
}

/** Price lines whose unit prices are known. VAT is reckoned once for all lines of a rate and shared by largest remainder. */
export function priceLines(
  costings: readonly Costing[], priceVersion: number, points?: PointsSpent | null, offers?: Omit<Offers, 'ofLines'>,
): Quote {
  const offered = costings.map(owedOf)
  const manual = costings.map(({ line }, place) => takenOff(line.adjust, offered[place] ?? NOTHING))
  const owed = offered.map(({ owedVnd }, place) => owedVnd - (manual[place] ?? 0))
  const byPoints = pointsOfLines(owed, points)
  const totals = owed.map((owedVnd, place) => owedVnd - (byPoints[place] ?? 0))
  const { vatOf, vat } = vatOfLines(totals, costings.map(({ vatBp }) => vatBp))
  const lines = costings.map(({ line, unitVnd, vatBp, offers: parts = [] }, place) => {
    const [manualVnd, pointsVnd] = [manual[place] ?? 0, byPoints[place] ?? 0]
    const totalVnd = totals[place] ?? 0
    return {
      line, unitVnd, offers: parts, manualVnd, pointsVnd, discountVnd: unitVnd * line.qty - totalVnd, totalVnd, vatBp,
      vatVnd: vatOf[place] ?? 0,
    }
  })
  const [listVnd, totalVnd] = [sum(offered.map((line) => line.listVnd)), sum(totals)]
  return {
    priceVersion, promoVersion: offers?.promoVersion ?? 0, skipped: offers?.skipped ?? [], promotions: offers?.quote, lines, listVnd,
    discountVnd: listVnd - totalVnd, totalVnd, vat,
  }
}

/** What promotions take off a line in all. */
export function offVnd(offers: readonly LineOffer[] | undefined): number {
  return sum((offers ?? []).map(({ vnd }) => vnd))
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

/**
 * The lines with a discount of the bill written to those that have none of their own: a percentage to each, an amount by
 * largest remainder in proportion to what promotions have left of them.
 */
export function withBill(costings: readonly Costing[], bill: Adjust | null | undefined): Costing[] {
  if (bill === null || bill === undefined) return [...costings]
  const bare = costings.filter(({ line }) => line.adjust === undefined)
  const weights = bare.map((costing) => owedOf(costing).owedVnd)
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
  situation?: Situation,
): Quote {
  const costings = lines.map((line) => {
    const variant = catalogue.byId.get(line.variantId)
    return {
      line,
      unitVnd: variant === undefined ? 0 : (priceAt(variant, atMs) ?? 0),
      vatBp: variant?.vatBp ?? 0,
    }
  })
  const offers = situation === undefined ? undefined : offeredTo(costings, situation, catalogue, atMs)
  const offered = costings.map((costing, place) => ({ ...costing, offers: offers?.ofLines[place] ?? [] }))
  return priceLines(withBill(offered, bill), catalogue.priceVersion, points, offers)
}

/** Whether a line can be sold at a moment: it is still in the catalogue, with a price and a VAT rate. */
export function sellable(line: CartLine, catalogue: Catalogue, atMs: number): boolean {
  const variant = catalogue.byId.get(line.variantId)
  return variant !== undefined && variant.vatBp !== null && priceAt(variant, atMs) !== null
}
