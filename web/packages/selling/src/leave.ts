/** How much somebody may take off by hand: what the server demands in `sales/leave.py`, asked for before it refuses. */
import type { Cart } from './cart.ts'
import { owedOf, takenOff, type Adjust, type Costing, type Owed, type PricedLine } from './pricing.ts'

/** How far somebody may go with a verb; none is no limit. */
export interface Reach {
  discount_bp_max: number | null
  refund_vnd_max: number | null
}

export type Reaches = Readonly<Record<string, Reach>>

/** Reasons for taking something off, as they are stored. */
export const DISCOUNT_REASONS = ['regular', 'faulty', 'match', 'bundle', 'staff', 'other'] as const

export const OVERRIDE_VERB = 'stock.reserve'

/** The verb that an adjustment needs. */
export function verbOf(kind: Adjust['kind']): string {
  return kind === 'price' ? 'price.override' : 'sale.discount'
}

/** What somebody may take off of their own, in basis points: without network half of it, since nobody can look on. */
export function limitBp(reach: Reach | undefined, alone: boolean): number {
  const limit = reach === undefined ? 0 : (reach.discount_bp_max ?? 10_000)
  return alone ? Math.floor(limit / 2) : limit
}

/** Whether a limit of the list covers what an adjustment takes off a line, a share rounded up to the đồng included. */
export function covers(limit: number, adjust: Pick<Adjust, 'kind' | 'value'>, owed: Owed): boolean {
  const off = BigInt(takenOff(adjust, owed))
  return off * 10_000n < BigInt(owed.listVnd) * BigInt(limit) + 10_000n
}

/** Whether a limit covers a discount on the bill, on every line it falls on. */
export function coversBill(limit: number, lines: readonly Costing[]): boolean {
  return lines.every((costing) => costing.line.adjust === undefined || covers(limit, costing.line.adjust, owedOf(costing)))
}

/** What an adjustment is in basis points of the list, rounded up: how far an approval has to reach. */
export function neededBp(adjust: Pick<Adjust, 'kind' | 'value'>, owed: Owed): number {
  if (adjust.kind === 'percent') return Math.min(adjust.value, 10_000)
  const [off, list] = [BigInt(takenOff(adjust, owed)), BigInt(owed.listVnd)]
  return list === 0n ? 0 : Number((off * 10_000n + list - 1n) / list)
}

/** Who has agreed, and under which approval of the server's. */
export interface Leave {
  approvedBy: string
  approvalId?: string
}

/** The verbs that somebody agreed to for a cart, and how far each has to reach: what is asked again when an approval is over. */
export function agreedOf(cart: Cart, lines: readonly PricedLine[]): Map<string, number> {
  const needed = new Map<string, number>()
  for (const priced of lines) {
    const { adjust } = priced.line
    if (adjust?.approvedBy === undefined) continue
    const verb = verbOf(adjust.kind)
    needed.set(verb, Math.max(needed.get(verb) ?? 0, neededBp(adjust, owedOf(priced))))
  }
  if (Object.values(cart.answers ?? {}).some(({ override }) => override !== undefined)) needed.set(OVERRIDE_VERB, 0)
  return needed
}

/** The same cart with somebody's fresh word wherever one for this verb stood. */
export function agreedAgain(cart: Cart, verb: string, leave: Leave): Cart {
  const fresh = (adjust: Adjust): Adjust => {
    if (adjust.approvedBy === undefined || verbOf(adjust.kind) !== verb) return adjust
    const { approvedBy: _by, approvalId: _id, ...terms } = adjust
    return { ...terms, ...leave }
  }
  const answers = Object.entries(cart.answers ?? {}).map(([variantId, answer]) => {
    const { override } = answer
    return [variantId, override === undefined || verb !== OVERRIDE_VERB ? answer : { ...answer, override: { reason: override.reason, ...leave } }] as const
  })
  return {
    ...cart,
    lines: cart.lines.map((line) => (line.adjust === undefined ? line : { ...line, adjust: fresh(line.adjust) })),
    ...(cart.bill && { bill: fresh(cart.bill) }),
    answers: Object.fromEntries(answers),
  }
}
