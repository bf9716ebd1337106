/**
 * What a cart costs when exactly these promotions take part: deterministic, no choice is made here. Mirrors
 * `promotions/evaluation.py`; docs/rules/pricing.md 3 explains it.
 */
import { partOf, split } from '../money.ts'
import type { Goods, Left, Promotion, Reward } from './terms.ts'

/** A promotion that may take part, with the pieces it means, dearest first. */
export interface Entrant {
  promotion: Promotion
  pieces: number[]
  /** The goods its reward names by itself: what is given (one list) or the parts of a bundle (one each). */
  others: number[][]
  left: Left
  /** It prices each piece by itself. */
  isSimple: boolean
  /** Its pieces or its money may run out inside this cart. */
  isLimited: boolean
}

/** One application: the pieces it uses up in its group, and what it takes off some of them. */
export interface Use {
  entrant: Entrant
  pieces: number[]
  off: [piece: number, vnd: number][]
}

export type Prices = Map<number, number>

export interface Outcome {
  netVnd: Prices
  uses: Use[]
}

interface Stage {
  sets: Entrant[]
  /** For every piece one row a kind of reward, the best of its kind first. */
  singles: [piece: number, rows: Entrant[][]][]
  limited: Entrant[]
}

export type Plan = [number: number, stage: Stage][]

const EXCLUSIVE = 0
const ALL_BP = 10_000
const PRIORITY = 100
const SIMPLE = new Set<Reward['kind']>(['percent', 'amount_each', 'fixed_price'])

export function makeEntrant(promotion: Promotion, pieces: number[], others: number[][], left: Left): Entrant {
  const { qty = 0, spend_vnd: spendVnd = 0 } = promotion.need ?? {}
  return {
    promotion, pieces, others, left,
    isSimple: SIMPLE.has(promotion.reward.kind) && qty <= 1 && spendVnd === 0 && capOf(promotion.reward) === undefined,
    isLimited: left.pieces != null || left.budget_vnd != null,
  }
}

/** The most that a percentage may take off altogether. */
export function capOf(reward: Reward): number | undefined {
  return reward.kind === 'percent' ? (reward.cap_vnd ?? undefined) : undefined
}

/** Whether the cart holds enough pieces for it at all, whatever the others use. */
export function canFit({ promotion: { reward, need }, pieces, others }: Entrant): boolean {
  if (reward.kind === 'bundle') return reward.parts.every(({ qty }, at) => (others[at]?.length ?? 0) >= qty)
  if (reward.kind === 'buy_get') {
    if (!reward.goods) return pieces.length >= reward.buy + reward.get
    return pieces.length >= reward.buy && (others[0]?.length ?? 0) >= reward.get
  }
  if (reward.kind === 'gift' && others[0]?.length === 0) return false
  return pieces.length >= Math.max(1, need?.qty ?? 0)
}

export function touchedBy(entrant: Entrant): Set<number> {
  return new Set([...entrant.pieces, ...entrant.others.flat()])
}

export function totalOf(prices: Prices): number {
  let total = 0
  for (const vnd of prices.values()) total += vnd
  return total
}

/** Exclusive promotions come before every group. */
export function stageOf({ promotion }: Entrant): number {
  return promotion.exclusive === true ? EXCLUSIVE : promotion.group
}

/** Sort promotions into their stages. */
export function planned(entrants: readonly Entrant[]): Plan {
  const byStage = new Map<number, Entrant[]>()
  for (const entrant of [...entrants].sort(inOrder)) {
    const members = byStage.get(stageOf(entrant)) ?? []
    byStage.set(stageOf(entrant), [...members, entrant])
  }
  return [...byStage].sort(([one], [other]) => one - other).map(([number, members]) => [number, stage(members)])
}

function inOrder(one: Entrant, other: Entrant): number {
  const byPriority = (one.promotion.priority ?? PRIORITY) - (other.promotion.priority ?? PRIORITY)
  return byPriority !== 0 ? byPriority : one.promotion.id < other.promotion.id ? -1 : one.promotion.id > other.promotion.id ? 1 : 0
}

function stage(members: Entrant[]): Stage {
  const singles = new Map<number, Map<string, Entrant[]>>()
  for (const entrant of members) {
    if (!entrant.isSimple || entrant.isLimited) continue
    const { kind } = entrant.promotion.reward
    for (const piece of entrant.pieces) {
      const byKind = singles.get(piece) ?? new Map<string, Entrant[]>()
      singles.set(piece, byKind)
      const row = byKind.get(kind) ?? []
      byKind.set(kind, row)
      row.push(entrant)
    }
  }
  return {
    sets: members.filter(({ isSimple }) => !isSimple),
    singles: [...singles].sort(([one], [other]) => one - other)
      .map(([piece, byKind]) => [piece, [...byKind.values()].map((row) => [...row].sort(bestOfKind))]),
    limited: members.filter(({ isSimple, isLimited }) => isSimple && isLimited),
  }
}

function bestOfKind(one: Entrant, other: Entrant): number {
  const by = worth(one.promotion.reward) - worth(other.promotion.reward)
  return by !== 0 ? by : inOrder(one, other)
}

/** The smaller, the cheaper for the customer, among rewards of one kind. */
function worth(reward: Reward): number {
  if (reward.kind === 'percent') return -reward.bp
  if (reward.kind === 'amount_each') return -reward.vnd
  return reward.kind === 'fixed_price' ? reward.vnd : 0
}

/** Apply all promotions of a plan to these pieces, except those left `out`. */
export function evaluate(plan: Plan, listVnd: Prices, out: ReadonlySet<string> = new Set()): Outcome {
  const outcome: Outcome = { netVnd: new Map(listVnd), uses: [] }
  let closed = new Set<number>()
  for (const [number, { sets, singles, limited }] of plan) {
    const used = new Set(closed)
    for (const entrant of sets) {
      if (out.has(entrant.promotion.id)) continue
      for (const use of withinLimits(entrant, setsOf(entrant, used, outcome.netVnd), outcome)) addAll(used, use.pieces)
    }
    addAll(used, eachPiece({ sets, singles, limited }, used, outcome, out))
    if (number === EXCLUSIVE) closed = used
  }
  return outcome
}

function addAll(set: Set<number>, pieces: Iterable<number>): void {
  for (const piece of pieces) set.add(piece)
}

/** Book application after application until a limit is reached; a budget is never passed by one đồng. */
function* withinLimits(entrant: Entrant, sets: Iterable<Use>, outcome: Outcome): Generator<Use> {
  let uses = entrant.left.uses ?? Infinity
  let pieces = entrant.left.pieces ?? Infinity
  let budgetVnd = entrant.left.budget_vnd ?? Infinity
  for (const use of sets) {
    const offVnd = use.off.reduce((sum, [, vnd]) => sum + vnd, 0)
    const cheaper = use.off.filter(([, vnd]) => vnd > 0).length
    if (uses < 1 || pieces < cheaper || budgetVnd < offVnd) return
    uses -= 1
    pieces -= cheaper
    budgetVnd -= offVnd
    book(use, outcome)
    yield use
  }
}

function book(use: Use, { netVnd, uses }: Outcome): void {
  for (const [piece, offVnd] of use.off) netVnd.set(piece, priceOf(netVnd, piece) - offVnd)
  uses.push(use)
}

export function priceOf(prices: Prices, piece: number): number {
  return prices.get(piece) ?? 0
}

type Best = Map<number, { offVnd: number; entrant: Entrant }>

/** Every piece left takes the best promotion that prices single pieces. */
function eachPiece({ singles, limited }: Stage, used: ReadonlySet<number>, outcome: Outcome, out: ReadonlySet<string>): number[] {
  const best: Best = new Map()
  for (const [piece, rows] of singles) {
    if (used.has(piece)) continue
    for (const row of rows) {
      const entrant = row.find(({ promotion }) => !out.has(promotion.id))
      if (entrant !== undefined) takeBetter(best, piece, offOne(entrant.promotion, priceOf(outcome.netVnd, piece)), entrant)
    }
  }
  for (const entrant of limited) {
    if (out.has(entrant.promotion.id)) continue
    const gains = entrant.pieces.filter((piece) => !used.has(piece)).map((piece) => {
      const offVnd = offOne(entrant.promotion, priceOf(outcome.netVnd, piece))
      return { piece, offVnd, gainVnd: offVnd - (best.get(piece)?.offVnd ?? 0) }
    })
    for (const { piece, offVnd } of affordable(entrant.left, gains)) best.set(piece, { offVnd, entrant })
  }
  const taken = new Map<string, Use>()
  const pieces = [...best.keys()].sort((one, other) => one - other)
  for (const piece of pieces) {
    const { offVnd, entrant } = best.get(piece) as { offVnd: number; entrant: Entrant }
    const use = taken.get(entrant.promotion.id) ?? { entrant, pieces: [], off: [] }
    taken.set(entrant.promotion.id, use)
    use.pieces.push(piece)
    use.off.push([piece, offVnd])
  }
  for (const id of [...taken.keys()].sort()) book(taken.get(id) as Use, outcome)
  return pieces
}

function takeBetter(best: Best, piece: number, offVnd: number, entrant: Entrant): void {
  const known = best.get(piece)
  if (offVnd <= 0) return
  if (known === undefined || offVnd > known.offVnd || (offVnd === known.offVnd && inOrder(entrant, known.entrant) < 0)) {
    best.set(piece, { offVnd, entrant })
  }
}

interface Gain {
  piece: number
  offVnd: number
  gainVnd: number
}

/** Which pieces a promotion with limits makes cheaper: where it gains most, as long as its pieces and its money last. */
function affordable(left: Left, gains: Gain[]): Gain[] {
  let pieces = left.pieces ?? Infinity
  let budgetVnd = left.budget_vnd ?? Infinity
  const chosen: Gain[] = []
  for (const gain of [...gains].sort((one, other) => other.gainVnd - one.gainVnd || one.piece - other.piece)) {
    if (gain.gainVnd <= 0 || pieces < 1) break
    if (budgetVnd < gain.offVnd) continue
    pieces -= 1
    budgetVnd -= gain.offVnd
    chosen.push(gain)
  }
  return chosen
}

/** What a promotion of single pieces takes off one that costs `netVnd`. */
export function offOne({ reward }: Promotion, netVnd: number): number {
  if (reward.kind === 'percent') return partOf(netVnd, reward.bp)
  if (reward.kind === 'amount_each') return Math.min(reward.vnd, netVnd)
  return reward.kind === 'fixed_price' ? Math.max(0, netVnd - reward.vnd) : 0
}

type RewardOf<K extends Reward['kind']> = Extract<Reward, { kind: K }>

/** The applications of a promotion that needs several pieces, one after the other, on pieces not used in its group. */
function* setsOf(entrant: Entrant, used: ReadonlySet<number>, netVnd: Prices): Generator<Use> {
  const { reward } = entrant.promotion
  if (reward.kind === 'buy_get') yield* given(entrant, reward, used, netVnd)
  else if (reward.kind === 'bundle') yield* bundled(entrant, reward, used, netVnd)
  else if (reward.kind === 'gift') yield* gifts(entrant, reward, used, netVnd)
  else {
    const pieces = entrant.pieces.filter((piece) => !used.has(piece))
    if (pieces.length === 0 || !fits(entrant.promotion, pieces, netVnd)) return
    const off = offAll(entrant.promotion, pieces, netVnd)
    if (off !== undefined) yield { entrant, pieces, off }
  }
}

/** Whether these pieces are as many, and cost as much, as the promotion needs. */
export function fits({ need }: Promotion, pieces: readonly number[], netVnd: Prices): boolean {
  const { qty = 0, spend_vnd: spendVnd = 0 } = need ?? {}
  return pieces.length >= qty && (spendVnd === 0 || sumOf(pieces, netVnd) >= spendVnd)
}

export function sumOf(pieces: readonly number[], prices: Prices): number {
  return pieces.reduce((sum, piece) => sum + priceOf(prices, piece), 0)
}

/** What a promotion of all its goods takes off each; nothing when no step is reached. */
function offAll(promotion: Promotion, pieces: readonly number[], netVnd: Prices): Use['off'] | undefined {
  const { reward } = promotion
  if (reward.kind === 'amount') return shared(reward.vnd, pieces, netVnd)
  if (reward.kind !== 'tiers') {
    const off = pieces.map((piece): [number, number] => [piece, offOne(promotion, priceOf(netVnd, piece))])
    const capVnd = capOf(reward)
    return capVnd !== undefined && off.reduce((sum, [, vnd]) => sum + vnd, 0) > capVnd ? shared(capVnd, pieces, netVnd) : off
  }
  const reached = reward.by === 'qty' ? pieces.length : sumOf(pieces, netVnd)
  const step = reward.steps.filter(({ at_least: atLeast }) => atLeast <= reached)
    .reduce<(typeof reward.steps)[number] | undefined>((best, each) => (best && best.at_least >= each.at_least ? best : each), undefined)
  if (step === undefined) return undefined
  if (step.vnd !== undefined && step.vnd > 0) return shared(step.vnd, pieces, netVnd)
  return pieces.map((piece) => [piece, partOf(priceOf(netVnd, piece), step.bp ?? 0)])
}

/** An amount off several pieces, shared by what they cost; never more than they cost. */
function shared(vnd: number, pieces: readonly number[], netVnd: Prices): Use['off'] {
  const ordered = [...pieces].sort((one, other) => one - other)
  const weights = ordered.map((piece) => priceOf(netVnd, piece))
  const parts = split(Math.min(vnd, sumOf(ordered, netVnd)), weights)
  return ordered.map((piece, at) => [piece, parts[at] ?? 0])
}

/** Buy some, get some. Among the same goods the dearest are bought first and the cheapest of each set is given. */
function* given(entrant: Entrant, reward: RewardOf<'buy_get'>, used: ReadonlySet<number>, netVnd: Prices): Generator<Use> {
  const off = (piece: number): [number, number] => [piece, partOf(priceOf(netVnd, piece), reward.bp ?? ALL_BP)]
  if (!reward.goods) {
    const pieces = entrant.pieces.filter((piece) => !used.has(piece))
    const size = reward.buy + reward.get
    for (let start = 0; start + size <= pieces.length; start += size) {
      const chosen = pieces.slice(start, start + size)
      yield { entrant, pieces: chosen, off: chosen.slice(reward.buy).map(off) }
    }
    return
  }
  const gets = entrant.others[0] ?? []
  const wanted = new Set(gets)
  // What can only be bought is bought first, so that as much as possible is left to be given.
  const buys = [...entrant.pieces.filter((piece) => !wanted.has(piece)), ...entrant.pieces.filter((piece) => wanted.has(piece))]
  const taken = new Set(used)
  for (;;) {
    const bought = buys.filter((piece) => !taken.has(piece)).slice(0, reward.buy)
    const free = gets.toReversed().filter((piece) => !taken.has(piece) && !bought.includes(piece)).slice(0, reward.get)
    if (bought.length < reward.buy || free.length < reward.get) return
    addAll(taken, [...bought, ...free])
    yield { entrant, pieces: [...bought, ...free], off: free.map(off) }
  }
}

/** The dearest of every part, as often as all parts are there. */
function* bundled(entrant: Entrant, reward: RewardOf<'bundle'>, used: ReadonlySet<number>, netVnd: Prices): Generator<Use> {
  const taken = new Set(used)
  for (;;) {
    const chosen: number[] = []
    for (const [at, part] of reward.parts.entries()) {
      const goods = entrant.others[at] ?? []
      const found = goods.filter((piece) => !taken.has(piece) && !chosen.includes(piece)).slice(0, part.qty)
      if (found.length < part.qty) return
      chosen.push(...found)
    }
    addAll(taken, chosen)
    yield { entrant, pieces: chosen, off: shared(Math.max(0, sumOf(chosen, netVnd) - reward.vnd), chosen, netVnd) }
  }
}

/** The gift pieces do not count to what must be bought for them. */
function* gifts(entrant: Entrant, reward: RewardOf<'gift'>, used: ReadonlySet<number>, netVnd: Prices): Generator<Use> {
  const goods = entrant.others[0] ?? []
  const free = goods.toReversed().filter((piece) => !used.has(piece)).slice(0, reward.qty ?? 1)
  const bought = entrant.pieces.filter((piece) => !used.has(piece) && !free.includes(piece))
  if (free.length === 0 || bought.length === 0 || !fits(entrant.promotion, bought, netVnd)) return
  yield { entrant, pieces: [...bought, ...free], off: free.map((piece) => [piece, priceOf(netVnd, piece)]) }
}

/** The goods a reward names by itself. */
export function goodsOf(reward: Reward): Goods[] {
  if (reward.kind === 'bundle') return reward.parts.map(({ goods }) => goods)
  if (reward.kind === 'gift') return [reward.goods]
  return reward.kind === 'buy_get' && reward.goods ? [reward.goods] : []
}
