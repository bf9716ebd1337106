// Pairs of performance marks, the times that budgets are held against; `/pos/__perf` shows them.

import { nextTick } from 'vue'

export type Mark =
  | 'scan:in' | 'scan:painted'
  | 'search:key' | 'search:shown' | 'search:painted'
  | 'pay:tap' | 'pay:stored' | 'pay:answered' | 'pay:committed' | 'print:sent' | 'drawer:open' | 'paper:out'
  | 'ws:recv' | 'ws:painted'

const ENDS: Partial<Record<Mark, Mark>> = {
  'scan:painted': 'scan:in', 'search:shown': 'search:key', 'search:painted': 'search:key', 'pay:stored': 'pay:tap', 'pay:answered': 'pay:stored', 'pay:committed': 'pay:tap', 'print:sent': 'pay:tap', 'drawer:open': 'pay:committed', 'paper:out': 'pay:committed',
  'ws:painted': 'ws:recv',
}
const KEPT = 500
const KEY = 'placket.perf'
const times: Record<string, number[]> = JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Record<string, number[]>

/** How often each mark was set since its entries were cleared, and when last: asking the browser costs more than setting one. */
const held = new Map<Mark, { count: number; lastMs: number }>()

/** Set a mark; those of its name go when there are too many. */
export function mark(name: Mark): void {
  const count = held.get(name)?.count ?? 0
  if (count >= KEPT) performance.clearMarks(name)
  const { startTime } = performance.mark(name)
  held.set(name, { count: count >= KEPT ? 1 : count + 1, lastMs: startTime })
  const begin = ENDS[name]
  const begun = begin === undefined ? undefined : held.get(begin)
  if (begun !== undefined) note(`${begin ?? ''}→${name}`, startTime - begun.lastMs)
}

/** Set a mark when what has just changed is on the screen. */
export async function markPainted(name: Mark): Promise<void> {
  await nextTick()
  requestAnimationFrame(() => {
    const channel = new MessageChannel()
    channel.port1.onmessage = () => mark(name)
    channel.port2.postMessage(null) // after the frame has been handed over
  })
}

/** Set a mark when what has just changed stands in the document. */
export async function markShown(name: Mark): Promise<void> {
  await nextTick()
  mark(name)
}

function note(pair: string, tookMs: number): void {
  const kept = (times[pair] ??= [])
  kept.push(tookMs)
  if (kept.length > KEPT) kept.shift()
}

/** Keep the times for `/pos/__perf`, which is another page of this tab. */
addEventListener('pagehide', () => sessionStorage.setItem(KEY, JSON.stringify(times)))
