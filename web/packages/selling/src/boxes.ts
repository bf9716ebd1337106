/**
 * What somebody scans into boxes or out of them, kept on the device until it is told: a count by variant, the last scan to take
 * back, and what a transfer would then say. Pure; the server decides again.
 */

export type Condition = 'good' | 'damaged'
export interface Pieces { good: number; damaged: number }

/** Scanning for one transfer on this device. `actId` stands for exactly these counts: whoever changes them makes a new one. */
export interface BoxWork {
  transferId: string
  kind: 'pick' | 'receive'
  actId: string
  counts: Record<string, Pieces>
  last: { variantId: string; as: Condition } | null
}

/** The figures of a line that scanning depends on. */
export interface BoxLine { variant_id: string; asked: number; picked: number; on_the_way: number }

export type Scanned = { ok: true; work: BoxWork } | { ok: false; reason: 'not_on' | 'enough' }

const NONE: Pieces = { good: 0, damaged: 0 }

export const newBoxWork = (transferId: string, kind: BoxWork['kind'], actId: string): BoxWork =>
  ({ transferId, kind, actId, counts: {}, last: null })

export const countOf = (work: BoxWork, variantId: string): Pieces => work.counts[variantId] ?? NONE

export const piecesOf = (work: BoxWork): number =>
  Object.values(work.counts).reduce((sum, { good, damaged }) => sum + good + damaged, 0)

function counted(work: BoxWork, variantId: string, as: Condition, by: number, actId: string): BoxWork {
  const now = countOf(work, variantId)
  const next = { ...now, [as]: Math.max(0, now[as] + by) }
  const { [variantId]: _, ...others } = work.counts
  const counts = next.good + next.damaged === 0 ? others : { ...others, [variantId]: next }
  return { ...work, actId, counts, last: by > 0 ? { variantId, as } : null }
}

/** One more piece. Into a box goes what is asked for and no more; out of it comes whatever is in it. */
export function scanInto(work: BoxWork, lines: readonly BoxLine[], variantId: string, as: Condition, actId: string): Scanned {
  if (work.kind === 'pick') {
    const line = lines.find((one) => one.variant_id === variantId)
    if (line === undefined || line.asked === 0) return { ok: false, reason: 'not_on' }
    if (line.picked + countOf(work, variantId).good >= line.asked) return { ok: false, reason: 'enough' }
  }
  return { ok: true, work: counted(work, variantId, as, 1, actId) }
}

/** One piece less of what was scanned here. */
export const takeBack = (work: BoxWork, variantId: string, as: Condition, actId: string): BoxWork => counted(work, variantId, as, -1, actId)

/** What differs if these counts are all there is: how many would be missing, damaged, and beyond what is on the way. */
export function differencesOf(work: BoxWork, lines: readonly BoxLine[]): { missing: number; damaged: number; extra: number } {
  const sums = { missing: 0, damaged: 0, extra: 0 }
  const expected = new Map(lines.map((line) => [line.variant_id, line.on_the_way]))
  for (const variantId of new Set([...expected.keys(), ...Object.keys(work.counts)])) {
    const { good, damaged } = countOf(work, variantId)
    const left = (expected.get(variantId) ?? 0) - good - damaged
    sums.missing += Math.max(0, left)
    sums.extra += Math.max(0, -left)
    sums.damaged += damaged
  }
  return sums
}
