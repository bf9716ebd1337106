// Rules of docs/rules/offline.md that the till keeps in what it stores and when; their names stand in CAPITALS. The network is the only
// thing that is not real here.

import 'fake-indexeddb/auto'
import { emptyCart, FRESH_TENDERING, KEPT_ENTRIES, makeAttempt, priceLines, settle, type BoardPromise } from '@placket/selling'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
// Read once before the first test, which has its seconds for itself.
import './sync'

const promise: BoardPromise = {
  id: 'p', ref: 'order', kind: 'ship', variant_id: 'v', qty: 1, phase: 'asked', code: null, bag_code: null, paid: false, pay_by: null,
  created_at: '2026-11-23T07:32:00Z', held_for: null, phone_tail: null, customer_id: null, asked_from: null, search_at: null,
}
const quote = priceLines([{ line: { variantId: 'v', sourceId: 'branch', qty: 1 }, unitVnd: 690_000, vatBp: 800 }], 7)
const tabs = { carts: [emptyCart('next', 1)], activeId: 'next' }

/** The app as a start finds it, under an opening. Only heartbeats and words are answered; `onWord` hears of these, and `onBeat` says how much is posted. */
async function start(opening: number, onWord: () => Promise<void> = () => Promise.resolve(), onBeat: () => Promise<number> = () => Promise.resolve(99)) {
  vi.resetModules()
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.url.endsWith('/api/till/word')) {
      await onWord()
      return new Response(null, { status: 204 })
    }
    if (!request.url.endsWith('/api/till/heartbeat')) throw new TypeError('no network')
    return Response.json({ server_time: '2026-11-23T07:32:00Z', posted_seq: await onBeat(), attached: true, board: null })
  })
  const journal = await import('./journal')
  const sync = await import('./sync')
  const store = await import('./db')
  await journal.becomeWriter()
  await journal.openJournal('till', 1, 'branch')
  await sync.loadBoard()
  const onAnswer = vi.fn()
  sync.startSync({ opening: () => opening, onAnswer, onRevoked: () => undefined, onForked: () => undefined })
  return { journal, sync, onAnswer, ...store }
}

/** Three sales in the journal. */
async function sellThree({ journal }: Pick<Awaited<ReturnType<typeof start>>, 'journal'>): Promise<void> {
  for (const receiptNo of [1, 2, 3]) {
    const id = `sale-${String(receiptNo)}`
    const attempt = makeAttempt({
      id, cart: emptyCart('cart', 1), staffId: 'me', blind: false, opening: 4, receiptNo, quote,
      settlement: settle(quote.totalVnd, [], FRESH_TENDERING, 1_000), atMs: Date.parse('2026-01-01T00:00:00Z'), print: true,
    })
    await journal.closeSale(attempt, { id, soldAt: '', facts: { barcode: '' } as never }, { epoch: 1, opening: 4, receiptNo }, tabs, true)
  }
}

let stop: () => void = () => undefined
beforeEach(async () => {
  const { db, sync } = await start(1)
  sync.stopSync()
  await Promise.all(db.tables.map((table) => table.clear()))
})
afterEach(() => stop())

test('WORD_NOT_DURABLE: the word goes out after the board is stored', async () => {
  const stored: (number | undefined)[] = []
  const app = await start(4, async () => { stored.push((await app.kept('board'))?.boardNo) })
  stop = app.sync.stopSync
  await app.sync.storeBoard({ opening: 4, incarnation: 1, boardNo: 7, promises: [promise] })
  expect(stored).toEqual([7])
})

test('STALE_REPLY: a board that arrives between histories is not taken; attaching brings it', async () => {
  const app = await start(4)
  stop = app.sync.stopSync
  await app.sync.storeBoard({ opening: 4, incarnation: 1, boardNo: 7, promises: [promise] })
  await app.sync.takeBoard({ incarnation: 2, board_no: 8, board: [] })
  expect(await app.sync.heldBoard()).toMatchObject({ incarnation: 1, board_no: 7, board: [{ id: 'p' }] })
})

test('BLIND_GREEN, SELL_AFTER_SIGNOFF: signing off takes the board away at once, and keeps it for a server that was restored', async () => {
  const app = await start(4)
  stop = app.sync.stopSync
  await app.sync.storeBoard({ opening: 4, incarnation: 1, boardNo: 7, promises: [promise] })
  await app.journal.recordClose({ epoch: 1, opening: 4, receiptNo: 0 })
  app.sync.forgetBoard()
  expect(await app.kept('board')).toBeUndefined()
  expect((await app.kept('series'))?.closed).toBe(true)
  expect(app.sync.useSync().board.value).toBeUndefined()
  expect(await app.sync.heldBoard()).toMatchObject({ board_no: 7 })
})

test('RESTORE_PRUNED: what the server has acknowledged is there when it asks again', async () => {
  const app = await start(4)
  stop = app.sync.stopSync
  expect(KEPT_ENTRIES).toBeGreaterThanOrEqual(5_000)
  await sellThree(app)
  await app.journal.noteAcknowledged(1, 3, [])
  expect(app.journal.useJournal().unsent.value).toEqual([])
  await app.journal.unsendFrom(1, 2)
  expect(app.journal.useJournal().unsent.value.map(({ seq, saleId }) => [seq, saleId])).toEqual([[2, 'sale-2'], [3, 'sale-3']])
})

test('a heartbeat that was asked for before a push, and is answered after it, is not taken for a server that was restored', async () => {
  let acknowledge = (): Promise<void> => Promise.resolve()
  const app = await start(4, undefined, async () => {
    await acknowledge()
    return 0
  })
  stop = app.sync.stopSync
  await vi.waitFor(() => { expect(app.onAnswer).toHaveBeenCalledOnce() })
  await sellThree(app)
  acknowledge = () => app.journal.noteAcknowledged(1, 3, [])
  app.sync.hurrySync()
  await vi.waitFor(() => { expect(app.onAnswer).toHaveBeenCalledTimes(2) })
  expect(app.journal.useJournal().unsent.value).toEqual([])
})
