// For tests: the till's storage as a start finds it, a sale in its journal, and a bridge that is not there.

import 'fake-indexeddb/auto'
import { emptyCart, FRESH_TENDERING, makeAttempt, priceLines, settle, type Attempt } from '@placket/selling'
import { vi } from 'vitest'
// Read before the first test, which has its seconds for itself.
import './journal'

const quote = priceLines([{ line: { variantId: 'v', sourceId: 'branch', qty: 2 }, unitVnd: 690_000, vatBp: 800 }], 7)

export const attemptNo = (receiptNo: number): Attempt =>
  makeAttempt({
    id: `sale-${String(receiptNo)}`, cart: emptyCart('cart', 1), staffId: 'me', blind: false, opening: 4, receiptNo, quote,
    settlement: settle(quote.totalVnd, [], FRESH_TENDERING, 1_000), atMs: Date.parse('2026-11-23T07:32:00Z'), print: true,
  })

const tabs = { carts: [emptyCart('next', 1)], activeId: 'next' }

/** The app as a start finds it: the same device, nothing in memory. */
export async function restart() {
  vi.resetModules()
  const journal = await import('./journal')
  const { db } = await import('./db')
  await journal.becomeWriter()
  await journal.openJournal('till', 1, 'branch')
  return { ...journal, db, state: journal.useJournal() }
}

export async function sell(app: Awaited<ReturnType<typeof restart>>, receiptNo: number): Promise<void> {
  const sale = { id: `sale-${String(receiptNo)}`, soldAt: '', facts: { barcode: '' } as never }
  await app.closeSale(attemptNo(receiptNo), sale, { epoch: 1, opening: 4, receiptNo }, tabs, true)
}

/** Nothing on the device. */
export async function wipe(): Promise<void> {
  const { db } = await restart()
  await Promise.all(db.tables.map((table) => table.clear()))
}

export interface Asked {
  method: string
  path: string
  body: Record<string, unknown>
}

/** Answers in the place of a print bridge on the counter; an answer that is an `Error` is a cable that was pulled. */
export function bridgeThat(answers: (asked: Asked) => { status?: number; body: unknown } | Error): Asked[] {
  const heard: Asked[] = []
  vi.stubGlobal('fetch', (url: URL, { method, body }: { method: string; body?: string }) => {
    const asked = { method, path: `${url.pathname}${url.search}`, body: JSON.parse(body ?? '{}') as Record<string, unknown> }
    heard.push(asked)
    const answer = answers(asked)
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(Response.json(answer.body, { status: answer.status ?? 200 }))
  })
  return heard
}
