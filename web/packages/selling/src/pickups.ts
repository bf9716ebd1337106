/**
 * What a branch does for online orders: which list a task stands in, how long it has, and which line a scanned piece belongs to.
 * Pure; the server decides again.
 */

export interface PickLine {
  promise_id: string
  variant_id: string
  qty: number
  phase: string
  bag_code: string | null
  search_at: string | null
}

export interface PickTask {
  order_id: string
  kind: 'ship' | 'collect'
  due_at: string
  keep_until: string | null
  pick_up_code: string | null
  lines: readonly PickLine[]
}

/** Which list a task stands in: to be picked, waiting for customer or carrier, or not fetched in time. */
export type PickList = 'pick' | 'ready' | 'late'

/** Pieces that were scanned of a line whose bag is not closed yet. */
export type Scans = Readonly<Record<string, number>>

/** A task without a piece left to pick. */
export const isPicked = ({ lines }: PickTask): boolean => lines.every(({ phase }) => phase === 'bagged')

export function listOf(task: PickTask, nowMs: number): PickList {
  if (!isPicked(task)) return 'pick'
  return task.kind === 'collect' && task.keep_until !== null && Date.parse(task.keep_until) <= nowMs ? 'late' : 'ready'
}

const MINUTE_MS = 60_000

/** Whole minutes until something is due; negative ones since. */
export const minutesTo = (at: string, nowMs: number): number => Math.floor((Date.parse(at) - nowMs) / MINUTE_MS)

/** What is due first, first. */
export const byClock = (one: PickTask, other: PickTask): number => one.due_at.localeCompare(other.due_at)

/** The line that a scanned piece belongs to: of the task in hand, else of the most urgent one that lacks such a piece. */
export function lineFor<T extends PickTask>(tasks: readonly T[], variantId: string, openId: string | undefined): { task: T; line: T['lines'][number] } | undefined {
  const wanted = openId === undefined ? tasks.toSorted(byClock) : tasks.filter(({ order_id: id }) => id === openId)
  for (const task of wanted) {
    const line = task.lines.find((one) => one.variant_id === variantId && one.phase === 'confirmed')
    if (line !== undefined) return { task, line }
  }
  return undefined
}

/** One more piece of a line was scanned: how many those are, and whether its bag is full. */
export function scanPick(scans: Scans, { promise_id: id, qty }: PickLine): { scans: Scans; full: boolean } {
  const n = (scans[id] ?? 0) + 1
  return { scans: { ...scans, [id]: Math.min(n, qty) }, full: n >= qty }
}

/** The task that a customer's code or the code of a bag names. */
export function taskOfCode<T extends PickTask>(tasks: readonly T[], code: string): T | undefined {
  return tasks.find((task) => task.pick_up_code === code || task.lines.some((line) => line.bag_code === code))
}
