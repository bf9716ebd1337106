import { expect, test } from 'vitest'
import { drawerOf, type WrittenEntry } from './drawer.ts'

const entry = (kind: string, minute: number, body: object): WrittenEntry => ({
  kind, at: `2026-11-25T02:${String(minute).padStart(2, '0')}:00.000Z`, text: JSON.stringify({ kind, body }),
})
const sale = (id: string, minute: number, ...tenders: [kind: string, amount: number][]): WrittenEntry =>
  entry('SALE', minute, { id, tenders: tenders.map(([kind, amount_vnd]) => ({ kind, amount_vnd })) })
const OPENED = '2026-11-25T02:10:00.000Z'

test('a drawer holds its float, cash sales less what went back, and what was moved', () => {
  const figures = drawerOf([
    sale('before', 5, ['cash', 999_000]),
    sale('one', 11, ['cash', 1_250_000]),
    sale('two', 12, ['cash', 450_000], ['card', 300_000]),
    entry('VOID', 13, { sale_id: 'two' }),
    entry('CASH', 14, {}),
  ], OPENED, 2_000_000, [{ kind: 'out', amount_vnd: 200_000 }, { kind: 'in', amount_vnd: 50_000 }])
  expect(figures).toEqual({
    sales: 2, refunds: 1,
    tenders: [{ kind: 'card', amount_vnd: 0 }, { kind: 'cash', amount_vnd: 1_250_000 }],
    cash: {
      float_vnd: 2_000_000, sales_vnd: 1_700_000, refunds_vnd: 450_000, in_vnd: 50_000, out_vnd: 200_000, expected_vnd: 3_100_000,
    },
  })
})

test('a number that never became a sale moves no money, and a void of an older sale gives its cash back now', () => {
  expect(drawerOf([entry('VOID', 11, { sale_id: 'never' })], OPENED, 0, []).refunds).toBe(0)
  const older = drawerOf([sale('old', 1, ['cash', 100_000]), entry('VOID', 20, { sale_id: 'old' })], OPENED, 500_000, [])
  expect([older.sales, older.refunds, older.cash.expected_vnd]).toEqual([0, 1, 400_000])
})
