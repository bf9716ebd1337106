/**
 * The best permitted price of a cart, with its explanation: the same function as `promotions/engine.py`, held to the same
 * answers by contracts/pricing. docs/rules/pricing.md explains it.
 */
import { holds, refusalOf } from './conditions.ts'
import {
  canFit, capOf, evaluate, fits, goodsOf, makeEntrant, offOne, planned, priceOf, stageOf, sumOf, totalOf, touchedBy, type Entrant, type Outcome, type Plan,
  type Prices, type Use,
} from './evaluation.ts'
import type { CartFacts, Goods, LineFacts, Promotion, PromotionQuote } from './terms.ts'

/** Up to so many promotions that stand in each other's way, every combination is tried: 64 at most. */
const SEARCHED_WHOLE = 6
/** Of more, so many are left out one after the other to see whether the customer gains. */
const TRIED_OUT = 12
const NOT_WORTH_SAYING = new Set(['elsewhere', 'no_voucher'])

interface Piece {
  line: LineFacts
  no: number
}

/** The variants of the cart, dearest first and equal ones in canonical order, with their pieces. */
type Shelf = [line: LineFacts, pieces: number[]][]

/** Price a cart, with its explanation in canonical order. */
export function quotePromotions(cart: CartFacts, promotions: readonly Promotion[]): PromotionQuote {
  const pieces = piecesOf(cart.lines)
  const listVnd: Prices = new Map(pieces.map(({ line }, index) => [index, line.list_vnd]))
  const shelf = shelfOf(pieces)
  const entrants: Entrant[] = []
  const refused: [Entrant, string][] = []
  for (const promotion of [...promotions].sort((one, other) => compare(one.id, other.id))) {
    const reason = refusalOf(promotion, cart)
    if (reason !== undefined && NOT_WORTH_SAYING.has(reason)) continue
    const entrant = entrantOf(promotion, shelf, cart)
    if (touchedBy(entrant).size === 0) continue
    if (reason === undefined) entrants.push(entrant)
    else refused.push([entrant, reason])
  }
  const outcome: Outcome = { netVnd: new Map(listVnd), uses: [] }
  let exact = true
  for (const component of components(entrants.filter(canFit))) {
    const { best, whole } = bestOf(component, only(touchedByAll(component), listVnd))
    for (const [piece, vnd] of best.netVnd) outcome.netVnd.set(piece, vnd)
    outcome.uses.push(...best.uses)
    exact &&= whole
  }
  return {
    list_vnd: totalOf(listVnd),
    total_vnd: totalOf(outcome.netVnd),
    exact,
    pieces: piecesShown(pieces, outcome),
    applied: appliedShown(outcome.uses),
    rejected: rejectedShown(entrants, refused, outcome, listVnd),
    near: nearShown(entrants, outcome, listVnd),
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** The pieces in canonical order, each with its number among those of its variant. */
function piecesOf(lines: readonly LineFacts[]): Piece[] {
  const counted = new Map<string, number>()
  const pieces: Piece[] = []
  for (const line of lines) {
    const first = counted.get(line.variant_id) ?? 0
    counted.set(line.variant_id, first + line.qty)
    for (let no = first + 1; no <= first + line.qty; no += 1) pieces.push({ line, no })
  }
  return pieces.sort((one, other) => compare(one.line.variant_id, other.line.variant_id) || one.no - other.no)
}

function shelfOf(pieces: readonly Piece[]): Shelf {
  const shelf = new Map<string, [LineFacts, number[]]>()
  pieces.forEach(({ line }, index) => {
    const held = shelf.get(line.variant_id)
    if (held === undefined) shelf.set(line.variant_id, [line, [index]])
    else held[1].push(index)
  })
  return [...shelf.values()].sort(([one, [first = 0]], [other, [second = 0]]) => other.list_vnd - one.list_vnd || first - second)
}

/** The promotion with the pieces it means, in the order of the shelf. */
function entrantOf(promotion: Promotion, shelf: Shelf, cart: CartFacts): Entrant {
  const meant = (goods: Goods): number[] => shelf.flatMap(([line, pieces]) => (holds(goods, line) ? pieces : []))
  const own = promotion.reward.kind === 'bundle' ? [] : meant(promotion.goods ?? {})
  return makeEntrant(promotion, own, goodsOf(promotion.reward).map(meant), cart.left?.[promotion.id] ?? {})
}

function touchedByAll(entrants: readonly Entrant[]): number[] {
  return [...new Set(entrants.flatMap((entrant) => [...touchedBy(entrant)]))].sort((one, other) => one - other)
}

function only(pieces: readonly number[], prices: Prices): Prices {
  return new Map(pieces.map((piece) => [piece, priceOf(prices, piece)]))
}

/** Promotions that share pieces, directly or through others: the price of one such part does not depend on another's. */
function components(entrants: readonly Entrant[]): Entrant[][] {
  let found: { pieces: Set<number>; members: Entrant[] }[] = []
  for (const entrant of entrants) {
    const pieces = touchedBy(entrant)
    let joined = [entrant]
    const apart: typeof found = []
    for (const component of found) {
      if ([...component.pieces].some((piece) => pieces.has(piece))) {
        for (const piece of component.pieces) pieces.add(piece)
        joined = [...component.members, ...joined]
      } else apart.push(component)
    }
    found = [...apart, { pieces, members: joined }]
  }
  return found.map(({ members }) => members.sort((one, other) => compare(one.promotion.id, other.promotion.id)))
}

/** The cheapest outcome over which promotions take part, and whether every combination was tried. */
function bestOf(component: readonly Entrant[], listVnd: Prices): { best: Outcome; whole: boolean } {
  const plan = planned(component)
  let best = evaluate(plan, listVnd)
  const choices = component.filter((entrant) => isChoice(entrant, component)).map(({ promotion }) => promotion.id)
  if (choices.length > SEARCHED_WHOLE) return { best: better(plan, listVnd, best, new Set(choices)), whole: false }
  let bestVnd = totalOf(best.netVnd)
  for (let count = 1; count <= choices.length; count += 1) {
    for (const out of combinations(choices, count)) {
      const outcome = evaluate(plan, listVnd, new Set(out))
      const totalVnd = totalOf(outcome.netVnd)
      if (totalVnd < bestVnd) [best, bestVnd] = [outcome, totalVnd]
    }
  }
  return { best, whole: true }
}

function* combinations<T>(from: readonly T[], count: number): Generator<T[]> {
  if (count === 0) yield []
  for (const [at, first] of from.entries()) {
    if (count > 0) for (const rest of combinations(from.slice(at + 1), count - 1)) yield [first, ...rest]
  }
}

/** Too many combinations: leave out one promotion after the other that took part, for good when that is cheaper. */
function better(plan: Plan, listVnd: Prices, first: Outcome, choices: ReadonlySet<string>): Outcome {
  let best = first
  const out = new Set<string>()
  const tookPart = [...new Set(first.uses.map(({ entrant }) => entrant.promotion.id))].filter((id) => choices.has(id))
  for (const id of tookPart.slice(0, TRIED_OUT)) {
    const outcome = evaluate(plan, listVnd, new Set([...out, id]))
    if (totalOf(outcome.netVnd) >= totalOf(best.netVnd)) continue
    best = outcome
    out.add(id)
  }
  return best
}

/** Whether leaving it out may be better for the customer. */
function isChoice(entrant: Entrant, component: readonly Entrant[]): boolean {
  if (component.length === 1) return false
  if (!entrant.isSimple || entrant.promotion.exclusive === true || entrant.isLimited) return true
  return component.some((other) => isDelicate(other, component))
}

/** Whether a lower price before it can mean a higher price after it: thresholds of money, limits, shared amounts. */
function isDelicate(entrant: Entrant, component: readonly Entrant[]): boolean {
  const { reward, need } = entrant.promotion
  if ((need?.spend_vnd ?? 0) > 0 || entrant.isLimited || (reward.kind === 'tiers' && reward.by === 'spend')) return true
  const shares = reward.kind === 'amount' || reward.kind === 'bundle' || capOf(reward) !== undefined ||
    (reward.kind === 'tiers' && reward.steps.some(({ bp = 0 }) => bp === 0))
  return shares && component.some((other) => stageOf(other) > stageOf(entrant))
}

function piecesShown(pieces: readonly Piece[], { netVnd, uses }: Outcome): PromotionQuote['pieces'] {
  const parts = new Map<number, { promotion_id: string; vnd: number }[]>()
  for (const { entrant, off } of uses) {
    for (const [piece, vnd] of off) {
      if (vnd > 0) parts.set(piece, [...(parts.get(piece) ?? []), { promotion_id: entrant.promotion.id, vnd }])
    }
  }
  return pieces.map(({ line, no }, index) => ({
    variant_id: line.variant_id, no, list_vnd: line.list_vnd, net_vnd: priceOf(netVnd, index), parts: parts.get(index) ?? [],
  }))
}

/** Every promotion that took something off, what and how often. */
function appliedShown(uses: readonly Use[]): PromotionQuote['applied'] {
  const byId = new Map<string, Use[]>()
  for (const use of uses.filter(helps)) byId.set(use.entrant.promotion.id, [...(byId.get(use.entrant.promotion.id) ?? []), use])
  return [...byId].sort(([one], [other]) => compare(one, other)).map(([id, found]) => {
    const off = found.flatMap((use) => use.off).filter(([, vnd]) => vnd > 0)
    return {
      promotion_id: id,
      version: found[0]?.entrant.promotion.version ?? 0,
      times: found.length,
      pieces: off.length,
      vnd: off.reduce((sum, [, vnd]) => sum + vnd, 0),
    }
  })
}

function helps(use: Use): boolean {
  return use.off.some(([, vnd]) => vnd > 0)
}

function helpedBy({ uses }: Outcome): Set<string> {
  return new Set(uses.filter(helps).map(({ entrant }) => entrant.promotion.id))
}

/** What took nothing off, why, and what it would have taken off by itself. */
function rejectedShown(
  entrants: readonly Entrant[], refused: readonly [Entrant, string][], outcome: Outcome, listVnd: Prices,
): PromotionQuote['rejected'] {
  const helped = helpedBy(outcome)
  const beaten = entrants.filter(({ promotion }) => !helped.has(promotion.id)).map((entrant): [Entrant, string] => [entrant, 'beaten'])
  return [...refused, ...beaten]
    .sort(([one], [other]) => compare(one.promotion.id, other.promotion.id))
    .map(([entrant, reason]) => ({ promotion_id: entrant.promotion.id, reason, would_vnd: aloneVnd(entrant, listVnd) }))
    .filter(({ would_vnd: wouldVnd }) => wouldVnd > 0)
}

/** What the promotion takes off when it is the only one and has no limits. */
function aloneVnd(entrant: Entrant, listVnd: Prices): number {
  const { promotion, pieces, others } = entrant
  if (entrant.isSimple) return pieces.reduce((sum, piece) => sum + offOne(promotion, priceOf(listVnd, piece)), 0)
  const own = only(touchedByAll([entrant]), listVnd)
  return totalOf(own) - totalOf(evaluate(planned([makeEntrant(promotion, pieces, others, {})]), own).netVnd)
}

/** Promotions that need a little more: so many pieces, or so many đồng at the prices that their group starts from. */
function nearShown(entrants: readonly Entrant[], outcome: Outcome, listVnd: Prices): PromotionQuote['near'] {
  const helped = helpedBy(outcome)
  return entrants
    .filter(({ promotion, pieces }) => !helped.has(promotion.id) && pieces.length > 0)
    .map((entrant) => ({ promotion_id: entrant.promotion.id, ...lacks(entrant, pricesBefore(entrant, outcome, listVnd)) }))
    .filter(({ lacks_qty: qty, lacks_vnd: vnd }) => qty > 0 || vnd > 0)
}

function pricesBefore(entrant: Entrant, { uses }: Outcome, listVnd: Prices): Prices {
  const prices = new Map(listVnd)
  for (const use of uses) {
    if (stageOf(use.entrant) >= stageOf(entrant)) continue
    for (const [piece, vnd] of use.off) prices.set(piece, priceOf(prices, piece) - vnd)
  }
  return prices
}

/** What is missing of what the promotion needs, in pieces and đồng, at these prices. */
function lacks({ promotion, pieces, others }: Entrant, netVnd: Prices): { lacks_qty: number; lacks_vnd: number } {
  const { reward, need } = promotion
  const held = pieces.length
  const missing = (qty: number, vnd = 0) => ({ lacks_qty: Math.max(0, qty), lacks_vnd: Math.max(0, vnd) })
  if (reward.kind === 'buy_get') {
    if (!reward.goods) return missing(reward.buy + reward.get - held)
    return missing(reward.buy - held > 0 ? reward.buy - held : reward.get - (others[0]?.length ?? 0))
  }
  if (reward.kind === 'tiers') {
    const first = Math.min(...reward.steps.map(({ at_least: atLeast }) => atLeast))
    return reward.by === 'qty' ? missing(first - held) : missing(0, first - sumOf(pieces, netVnd))
  }
  const given = reward.kind === 'gift' ? (others[0] ?? []).slice(-(reward.qty ?? 1)) : []
  const bought = pieces.filter((piece) => !given.includes(piece))
  if (reward.kind === 'gift' && given.length === 0 && fits(promotion, bought, netVnd)) return missing(1)
  return missing((need?.qty ?? 0) - bought.length, (need?.spend_vnd ?? 0) - sumOf(bought, netVnd))
}
