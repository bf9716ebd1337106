import { beforeEach, expect, test } from 'vitest'
import { attemptNo, restart, sell, wipe } from './testing'

beforeEach(wipe)

test('a sale, its number, its cart and its entry are stored together, before it is sent', async () => {
  const app = await restart()
  await app.storeAttempt(attemptNo(1))
  await sell(app, 1)
  const [entry] = await app.db.journal.toArray()
  expect(JSON.parse(entry?.text ?? '')).toMatchObject({
    epoch: 1, seq: 1, opening: 4, kind: 'SALE', at: '2026-11-23T07:32:00.000Z', schema_v: 1,
    body: { id: 'sale-1', receipt_no: 1, staff_id: 'me', total_vnd: 1_380_000, light: 'green', reason: null, approved_by: null },
  })
  expect(await app.db.kept.get('attempt')).toBeUndefined()
  expect((await app.db.kept.get('series'))?.value).toEqual({ epoch: 1, opening: 4, receiptNo: 1 })
})

test('a sale and an attach on their way at once take no number back from each other', async () => {
  const app = await restart()
  await app.keepSeries({ epoch: 1, opening: 5, receiptNo: 0 })
  await sell(app, 1)
  expect((await app.db.kept.get('series'))?.value).toEqual({ epoch: 1, opening: 5, receiptNo: 1 })
  await app.keepSeries({ epoch: 1, opening: 6, receiptNo: 0 })
  expect((await app.db.kept.get('series'))?.value).toEqual({ epoch: 1, opening: 6, receiptNo: 1 })
})

test('a till killed between store and send finds every entry, in order, and goes on numbering without a gap', async () => {
  const before = await restart()
  await sell(before, 1)
  await sell(before, 2)
  const after = await restart()
  expect(after.state.unsent.value.map(({ seq, saleId }) => [seq, saleId])).toEqual([[1, 'sale-1'], [2, 'sale-2']])
  expect(after.state.unsentSales.value).toBe(2)
  expect(after.state.takenUnsent.value.get('v')).toBe(4)
  await sell(after, 3)
  expect((await after.db.journal.toArray()).map(({ seq }) => seq)).toEqual([1, 2, 3])
})

test('what the server acknowledges stays on the device and waits no more; what it asks for again waits again', async () => {
  const app = await restart()
  for (const number of [1, 2, 3]) await sell(app, number)
  await app.noteAcknowledged(1, 2, [{ seq: 2, status: 'quarantined', result: { cause: 'record_contradicts' } }])
  expect(app.state.unsent.value.map(({ seq }) => seq)).toEqual([3])
  expect(app.state.postedSeq.value).toBe(2)
  expect(app.state.quarantined.value.map(({ seq, cause }) => [seq, cause])).toEqual([[2, 'record_contradicts']])
  await app.unsendFrom(1, 2)
  expect(app.state.unsent.value.map(({ seq }) => seq)).toEqual([2, 3])
})

test('a window that another has taken over from writes nothing', async () => {
  const old = await restart()
  await sell(old, 1)
  const fresh = await restart()
  await expect(sell(old, 2)).rejects.toBeInstanceOf(old.TakenOver)
  expect(await fresh.db.journal.count()).toBe(1)
  expect((await fresh.db.kept.get('series'))?.value).toMatchObject({ receiptNo: 1 })
})

test('a void keeps its number and gives the pieces back', async () => {
  const app = await restart()
  await sell(app, 1)
  await app.recordVoid(
    { saleId: 'sale-1', receiptNo: 1, staffId: 'me', reason: 'Quét nhầm', approvedBy: 'boss', offline: true }, { epoch: 1, opening: 4, receiptNo: 1 }, {},
  )
  const [, entry] = await app.db.journal.toArray()
  expect(JSON.parse(entry?.text ?? '')).toMatchObject({
    seq: 2, kind: 'VOID', body: { sale_id: 'sale-1', receipt_no: 1, staff_id: 'me', reason: 'Quét nhầm', approved_by: 'boss' },
  })
  expect(app.state.takenUnsent.value.get('v')).toBe(0)
})
