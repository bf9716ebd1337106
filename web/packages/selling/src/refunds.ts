/**
 * What is given for goods of a sale that the device keeps, without the server: equal to `sales/return_rules.py`, with the
 * promotions that were in force when it was sold (docs/rules/returns.md).
 */
import type { Catalogue } from './catalogue.ts'
import type { BuyerFacts } from './customers.ts'
import { split, sum, vatWithin } from './money.ts'
import { offeredTo } from './offers.ts'
import type { KeptOrder } from './orders.ts'
import type { Left, Promotion } from './promotions/terms.ts'
import type { RefundLine } from './returns.ts'

/** The promotions of one number of the book. */
export interface KeptBook {
  promoVersion: number
  /** When this device first had it. */
  sinceMs: number
  promotions: Promotion[]
  /** Which of them have limits. */
  limited: string[]
  names: Record<string, { vi: string; en: string }>
}

export interface AloneRefund {
  lines: RefundLine[]
  lost: { sale_id: string; kept: number; name_vi: string; name_en: string }[]
}

/** Pieces that come back of a line; for `swapped` of them another size or colour goes out. */
export interface ComingBack {
  lineNo: number
  qty: number
  swapped: number
}

/** A line of the sale, its discounts shared over its pieces in their order. */
interface SoldLine {
  no: number
  variantId: string
  qty: number
  unitVnd: number
  vatBp: number
  left: number
  leftVnd: number
  byHand: boolean
  offers: number[]
  manual: number[]
  points: number[]
}

type Kept = ReadonlyMap<number, { own: number; swapped: number }>

/** Whether promotions took part in a sale: then what is kept of it has to be priced by them again. */
export function usesBook({ lines }: KeptOrder): boolean {
  return lines.some(({ discounts = [] }) => discounts.some(({ kind }) => kind === 'promotion'))
}

/**
 * What is given for pieces of a kept sale; nothing when this device cannot say: promotions took part and their book, which must
 * lead to what was paid, is not here.
 */
export function refundAlone(
  order: KeptOrder, taken: readonly ComingBack[], book: KeptBook | undefined, catalogue: Catalogue, customer: BuyerFacts | undefined,
): AloneRefund | undefined {
  const lines = order.lines.flatMap((line) => (line.qty > 0 && line.line_no !== undefined && line.variant_id !== undefined ? [soldLine(line)] : []))
  const pricing = usesBook(order) ? (book === undefined ? undefined : pricedBy(order, lines, book, catalogue, customer)) : plainly(lines)
  const whole = new Map(lines.map(({ no, qty }) => [no, { own: qty, swapped: 0 }]))
  if (pricing?.worth(whole) !== sum(order.lines.map(({ qty, total_vnd: vnd }) => (qty > 0 ? vnd : 0)))) return undefined
  const takenOf = new Map(taken.map((one) => [one.lineNo, one]))
  const before = new Map(lines.map(({ no, left }) => [no, { own: left, swapped: 0 }]))
  const after = new Map(lines.map(({ no, left }) =>
    [no, { own: left - (takenOf.get(no)?.qty ?? 0), swapped: takenOf.get(no)?.swapped ?? 0 }]))
  const prices = new Map(lines.map((line) => [line.no, swapPrices(line, takenOf.get(line.no)?.swapped ?? 0)]))
  const leftVnd = sum(lines.map((line) => line.leftVnd)) + sum([...prices.values()].flat())
  const dueVnd = Math.min(Math.max(leftVnd - pricing.worth(after), 0), leftVnd)
  const back = lines.filter(({ no }) => takenOf.has(no))
  const shares = back.map((line) => paid(line, line.left) - paid(line, after.get(line.no)?.own ?? 0))
  const more = split(dueVnd - sum(shares), shares.map((vnd) => Math.max(vnd, 0)))
  return {
    lines: back.map((line, at) => {
      const [shareVnd, qty] = [shares[at] ?? 0, takenOf.get(line.no)?.qty ?? 0]
      const refundVnd = shareVnd + (more[at] ?? 0)
      return {
        sale_id: order.id, line_no: line.no, qty, share_vnd: shareVnd, recalculated_vnd: shareVnd - refundVnd, refund_vnd: refundVnd,
        vat_bp: line.vatBp, vat_vnd: vatWithin(refundVnd, line.vatBp), points_vnd: sum(line.points.slice(line.left - qty, line.left)),
        swap_vnd: prices.get(line.no) ?? [],
      }
    }),
    lost: lostOf(order, pricing, before, after, book),
  }
}

interface Pricing {
  worth: (kept: Kept) => number
  applied: (kept: Kept) => ReadonlySet<string>
}

/** No promotion took part: every piece stands for itself. */
function plainly(lines: readonly SoldLine[]): Pricing {
  return {
    worth: (kept) => sum(lines.map((line) => {
      const { own, swapped } = kept.get(line.no) ?? { own: 0, swapped: 0 }
      return paid(line, own) + sum(swapPrices(line, swapped))
    })),
    applied: () => new Set(),
  }
}

/** What promotions knew of somebody at a sale, as far as those they had there say it: people change groups, receipts do not. */
function factsThen({ birthday }: BuyerFacts, had: readonly Promotion[]): BuyerFacts {
  const tiers = had.flatMap(({ who }) => (who?.tiers == null ? [] : [who.tiers]))
  const common = (tiers[0] ?? []).filter((tier) => tiers.every((some) => some.includes(tier))).sort()
  return { birthday, tier: common[0] ?? null, segments: had.flatMap(({ who }) => who?.segments ?? []) }
}

function pricedBy(
  order: KeptOrder, lines: readonly SoldLine[], book: KeptBook, catalogue: Catalogue, customer: BuyerFacts | undefined,
): Pricing {
  const used = new Map((order.offers ?? []).map((one) => [one.promotion_id, one]))
  const left = Object.fromEntries(book.limited.map((id): [string, Left] => {
    const had = used.get(id)
    return [id, { uses: had?.uses ?? 0, pieces: had?.pieces ?? 0, budget_vnd: had?.amount_vnd ?? 0 }]
  }))
  const situation = {
    promoVersion: book.promoVersion, promotions: book.promotions, left, skipped: [], locationId: order.location_id ?? '', customer: customer && factsThen(customer, book.promotions.filter(({ id }) => used.has(id))), opened: order.opened ?? [],
  }
  const offersOf = (kept: Kept) => {
    const some = lines.flatMap((line) => {
      const { own, swapped } = kept.get(line.no) ?? { own: 0, swapped: 0 }
      return own + swapped > 0 ? [{ line, own, qty: own + swapped }] : []
    })
    const costings = some.map(({ line, qty }) => ({
      line: { variantId: line.variantId, sourceId: '', qty, ...(line.byHand && { adjust: { kind: 'price' as const, value: 0, reason: 'return' } }) },
      unitVnd: line.unitVnd, vatBp: line.vatBp,
    }))
    return { some, offers: offeredTo(costings, situation, catalogue, Date.parse(order.sold_at)) }
  }
  return {
    worth: (kept) => {
      const { some, offers } = offersOf(kept)
      return sum(some.map(({ line, own, qty }, at) => {
        const off = sum((offers.ofLines[at] ?? []).map(({ vnd }) => vnd)) + sum(line.manual.slice(0, qty)) + sum(line.points.slice(0, own))
        return Math.max(line.unitVnd * qty - off, 0)
      }))
    },
    applied: (kept) => new Set(offersOf(kept).offers.quote?.applied.map(({ promotion_id: id }) => id)),
  }
}

function lostOf(order: KeptOrder, pricing: Pricing, before: Kept, after: Kept, book: KeptBook | undefined): AloneRefund['lost'] {
  const kept = sum([...after.values()].map(({ own, swapped }) => own + swapped))
  if (kept === 0) return []
  const still = pricing.applied(after)
  return [...pricing.applied(before)].filter((id) => !still.has(id)).sort().map((id) =>
    ({ sale_id: order.id, kept, name_vi: book?.names[id]?.vi ?? '', name_en: book?.names[id]?.en ?? '' }))
}

function soldLine(line: KeptOrder['lines'][number]): SoldLine {
  const { qty, unit_vnd: unitVnd, total_vnd: totalVnd, discounts = [] } = line
  const vndOf = (kind: string): number => sum(discounts.flatMap((part) => (part.kind === kind ? [part.amount_vnd] : [])))
  const offers = Array.from({ length: qty }, (_, place) => sum(discounts.map(({ shares_vnd: shares }) => shares?.[place] ?? 0)))
  const offered = offers.map((vnd) => unitVnd - vnd)
  const byPoints = vndOf('points')
  const manual = split(sum(offered) - byPoints - totalVnd, offered)
  const points = split(byPoints, offered.map((vnd, place) => vnd - (manual[place] ?? 0)))
  return {
    no: line.line_no ?? 0, variantId: line.variant_id ?? '', qty, unitVnd, vatBp: line.vat_bp ?? 0, left: qty - (line.returned ?? 0),
    leftVnd: totalVnd - (line.refunded_vnd ?? 0), offers, manual, points,
    byHand: sum(manual) > 0 && !discounts.some(({ kind }) => kind === 'promotion'),
  }
}

/** What was paid for the first pieces of a line: those that go last are the last ones. */
function paid({ unitVnd, offers, manual, points }: SoldLine, pieces: number): number {
  return unitVnd * pieces - sum([...offers.slice(0, pieces), ...manual.slice(0, pieces), ...points.slice(0, pieces)])
}

/** What pieces cost that are swapped for the next ones to go: their price, before points paid some of it. */
function swapPrices({ unitVnd, left, offers, manual }: SoldLine, swapped: number): number[] {
  return Array.from({ length: swapped }, (_, at) => unitVnd - (offers[left - 1 - at] ?? 0) - (manual[left - 1 - at] ?? 0))
}
