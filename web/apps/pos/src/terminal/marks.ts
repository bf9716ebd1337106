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

/** Set a mark; the oldest of its name go when there are too many. */
export function mark(name: Mark): void {
  if (performance.getEntriesByName(name, 'mark').length >= KEPT) performance.clearMarks(name)
  const { startTime } = performance.mark(name)
  const begin = ENDS[name]
  const begun = begin === undefined ? undefined : performance.getEntriesByName(begin, 'mark').at(-1)
  if (begun !== undefined) note(`${begun.name}→${name}`, startTime - begun.startTime)
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
  times[pair] = [...(times[pair] ?? []), tookMs].slice(-KEPT)
}

/** Keep the times for `/pos/__perf`, which is another page of this tab. */
addEventListener('pagehide', () => sessionStorage.setItem(KEY, JSON.stringify(times)))
