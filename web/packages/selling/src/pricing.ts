/** What a cart costs by the list, and the VAT inside it: equal to the server's `sales/rules.py`, which has the last word. */
import { priceAt, type Catalogue } from './catalogue.ts'
import type { CartLine } from './cart.ts'
import { split, vatWithin } from './money.ts'

export interface PricedLine {
  line: CartLine
  unitVnd: number
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
  totalVnd: number
  vat: VatShare[]
}

/** A line as it is to be priced: what it holds and what its goods cost now. */
export interface Costing {
  line: CartLine
  unitVnd: number
  vatBp: number
}

/** Price lines whose unit prices are known. VAT is reckoned once for all lines of a rate and shared by largest remainder. */
export function priceLines(costings: readonly Costing[], priceVersion: number): Quote {
  const totals = costings.map(({ unitVnd, line }) => unitVnd * line.qty)
  const vatOf = costings.map(() => 0)
  const vat: VatShare[] = []
  const rates = [...new Set(costings.map(({ vatBp }) => vatBp))].sort((a, b) => a - b)
  for (const rateBp of rates) {
    const places = costings.flatMap(({ vatBp }, place) => (vatBp === rateBp ? [place] : []))
    const weights = places.map((place) => totals[place] ?? 0)
    const grossVnd = weights.reduce((sum, total) => sum + total, 0)
    const vatVnd = vatWithin(grossVnd, rateBp)
    vat.push({ rateBp, netVnd: grossVnd - vatVnd, vatVnd })
    const parts = split(vatVnd, weights)
    places.forEach((place, at) => {
      vatOf[place] = parts[at] ?? 0
    })
  }
  return {
    priceVersion,
    lines: costings.map(({ line, unitVnd, vatBp }, place) => ({
      line, unitVnd, totalVnd: totals[place] ?? 0, vatBp, vatVnd: vatOf[place] ?? 0,
    })),
    totalVnd: totals.reduce((sum, total) => sum + total, 0),
    vat,
  }
}

/** Price a cart at a moment by the server's clock. Goods without a price cost nothing here and are refused by `unpriced`. */
export function priceCart(lines: readonly CartLine[], catalogue: Catalogue, atMs: number): Quote {
  const costings = lines.map((line) => {
    const variant = catalogue.byId.get(line.variantId)
    return {
      line,
      unitVnd: variant === undefined ? 0 : (priceAt(variant, atMs) ?? 0),
      vatBp: variant?.vatBp ?? 0,
    }
  })
  return priceLines(costings, catalogue.priceVersion)
}

/** Whether a line can be sold at a moment: it is still in the catalogue, with a price and a VAT rate. */
export function sellable(line: CartLine, catalogue: Catalogue, atMs: number): boolean {
  const variant = catalogue.byId.get(line.variantId)
  return variant !== undefined && variant.vatBp !== null && priceAt(variant, atMs) !== null
}
