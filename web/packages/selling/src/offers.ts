/** What promotions take off a cart, brought back from pieces to lines: equal to the server's `sales/offers.py`. */
import type { Catalogue } from './catalogue.ts'
import type { BuyerFacts } from './customers.ts'
import { sum } from './money.ts'
import type { Costing } from './pricing.ts'
import { quotePromotions } from './promotions/engine.ts'
import type { Left, LineFacts, Promotion, PromotionQuote } from './promotions/terms.ts'

/** What a version of a promotion takes off a line: in all, and piece by piece in the canonical order. */
export interface LineOffer {
  promotionId: string
  version: number
  vnd: number
  shares: readonly number[]
}

/** What only promotions ask: the book in force, where we are, who buys, what vouchers open, what limits have left. */
export interface Situation {
  promoVersion: number
  promotions: readonly Promotion[]
  left: Record<string, Left>
  /** Promotions of a newer server that this till does not understand: the server leaves them out of this till's sales too. */
  skipped: readonly string[]
  locationId: string
  customer: BuyerFacts | undefined
  opened: readonly string[]
}

export interface Offers {
  promoVersion: number
  skipped: readonly string[]
  ofLines: LineOffer[][]
  quote: PromotionQuote | undefined
}

/** What promotions may know of whoever buys. */
const factsOfBuyer = ({ birthday, tier, segments }: BuyerFacts) => ({ birthday, tier, segments: [...segments] })

/** Price lines by the promotions of a book. A line with a price by hand takes no part. */
export function offeredTo(costings: readonly Costing[], situation: Situation, catalogue: Catalogue, atMs: number): Offers {
  const takesPart = costings.map(({ line }) => line.adjust?.kind !== 'price' && line.qty > 0)
  const { promoVersion, promotions, skipped } = situation
  if (promotions.length === 0 || !takesPart.includes(true)) return { promoVersion, skipped, ofLines: costings.map(() => []), quote: undefined }
  const quote = quotePromotions(
    {
      at_ms: Math.floor(atMs),
      location_id: situation.locationId,
      channel: 'store',
      lines: costings.flatMap((costing, place) => (takesPart[place] ? factsOf(costing, catalogue) : [])),
      customer: situation.customer === undefined ? null : factsOfBuyer(situation.customer),
      vouchers: [...situation.opened],
      left: situation.left,
    },
    promotions,
  )
  const versions = new Map(quote.applied.map(({ promotion_id: id, version }) => [id, version]))
  const partsOf = new Map(quote.pieces.map(({ variant_id: id, no, parts }) => [`${id}/${String(no)}`, parts]))
  const counted = new Map<string, number>()
  const ofLines = costings.map(({ line }, place) => {
    const sharesOf = new Map<string, number[]>()
    for (let piece = 0; takesPart[place] && piece < line.qty; piece += 1) {
      const no = (counted.get(line.variantId) ?? 0) + 1
      counted.set(line.variantId, no)
      for (const { promotion_id: id, vnd } of partsOf.get(`${line.variantId}/${String(no)}`) ?? []) {
        const shares = sharesOf.get(id) ?? Array.from({ length: line.qty }, () => 0)
        shares[piece] = vnd
        sharesOf.set(id, shares)
      }
    }
    return [...sharesOf].sort(([one], [other]) => (one < other ? -1 : 1)).map(([promotionId, shares]) =>
      ({ promotionId, version: versions.get(promotionId) ?? 0, vnd: sum(shares), shares }))
  })
  return { promoVersion, skipped, ofLines, quote }
}

/** The next moment after which some promotion begins or ends; windows by the hour turn on whole minutes anyway. */
export function turnOf(promotions: readonly Promotion[], nowMs: number): number | undefined {
  const turns = promotions.flatMap(({ when }) => [when?.starts_ms, when?.ends_ms])
    .filter((at): at is number => typeof at === 'number' && at > nowMs)
  return turns.length === 0 ? undefined : Math.min(...turns)
}

function factsOf({ line, unitVnd }: Costing, catalogue: Catalogue): LineFacts[] {
  const style = catalogue.byId.get(line.variantId)?.style
  if (style === undefined) return []
  return [{
    variant_id: line.variantId, style_id: style.id, category_ids: pathOf(style.category_id, catalogue), season: style.season, tags: style.tags ?? [],
    list_vnd: unitVnd, qty: line.qty,
  }]
}

/** A category and all above it. */
function pathOf(categoryId: string, { categories }: Catalogue): string[] {
  const path: string[] = []
  for (let id: string | null | undefined = categoryId; id && !path.includes(id);) {
    path.push(id)
    const step: string = id
    id = categories.find((category) => category.id === step)?.parent_id
  }
  return path
}

/** Vouchers that the server keeps for sales of this till, by code. */
export type VouchersHeld = Readonly<Record<string, { saleId: string; untilMs: number }>>

/** So much before its end a hold is not leant on any more: two clocks never quite agree. */
const HOLD_MARGIN_MS = 60_000

/** Whether all vouchers of a sale are kept for it now, so that it may go with them without asking. */
export function heldFor(held: VouchersHeld, saleId: string, codes: readonly string[], nowMs: number): boolean {
  return codes.every((code) => {
    const hold = held[code]
    return hold?.saleId === saleId && nowMs < hold.untilMs - HOLD_MARGIN_MS
  })
}
