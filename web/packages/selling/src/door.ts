/**
 * Goods at the door, kept on the device until they are told: what was taken in and what goes back with its reason, by variant, with
 * or without an order. Pure; the server books it.
 */

export type RejectReason = 'damaged' | 'wrong_item' | 'too_many' | 'quality' | 'late'
export type AtDoor = 'accepted' | RejectReason
export interface DoorCount { accepted: number; rejected: number; reason: RejectReason | null }

/** Scanning one delivery on this device. `actId` stands for exactly these counts: whoever changes them makes a new one. */
export interface DoorWork {
  orderId: string | null
  actId: string
  counts: Record<string, DoorCount>
  last: { variantId: string; as: AtDoor } | null
}

/** The figures of an order's line that matter at the door. */
export interface OrderedLine { variant_id: string; ordered: number; received: number }

export interface DeliveredLine { variant_id: string; accepted: number; rejected: number; reason: RejectReason | null }

const NONE: DoorCount = { accepted: 0, rejected: 0, reason: null }

export const newDoorWork = (orderId: string | null, actId: string): DoorWork => ({ orderId, actId, counts: {}, last: null })

export const doorCountOf = (work: DoorWork, variantId: string): DoorCount => work.counts[variantId] ?? NONE

/** One piece more, or (by −1) one less; all that goes back of a variant goes for the reason given last. */
export function countedAtDoor(work: DoorWork, variantId: string, as: AtDoor, by: 1 | -1, actId: string): DoorWork {
  const now = doorCountOf(work, variantId)
  const next = as === 'accepted' ? { ...now, accepted: Math.max(0, now.accepted + by) } : { ...now, rejected: Math.max(0, now.rejected + by), reason: as }
  const { [variantId]: _, ...others } = work.counts
  const kept = { ...next, reason: next.rejected > 0 ? next.reason : null }
  const counts = kept.accepted + kept.rejected === 0 ? others : { ...others, [variantId]: kept }
  return { ...work, actId, counts, last: by > 0 ? { variantId, as } : null }
}

/** What the device tells of it. */
export const deliveredBy = (work: DoorWork): DeliveredLine[] => Object.entries(work.counts).map(([variant_id, count]) => ({ variant_id, ...count }))

export function sumsAtDoor(work: DoorWork): { accepted: number; rejected: number } {
  const counts = Object.values(work.counts)
  return { accepted: counts.reduce((sum, { accepted }) => sum + accepted, 0), rejected: counts.reduce((sum, { rejected }) => sum + rejected, 0) }
}

/** How many pieces of the order are still to come after this, and how many came that nobody had ordered. */
export function besideOrder(work: DoorWork, lines: readonly OrderedLine[]): { short: number; beyond: number } {
  const open = new Map(lines.map((line) => [line.variant_id, Math.max(0, line.ordered - line.received)]))
  const sums = { short: 0, beyond: 0 }
  for (const variantId of new Set([...open.keys(), ...Object.keys(work.counts)])) {
    const left = (open.get(variantId) ?? 0) - doorCountOf(work, variantId).accepted
    sums.short += Math.max(0, left)
    sums.beyond += Math.max(0, -left)
  }
  return sums
}
