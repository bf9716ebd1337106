import { expect, test } from 'vitest'
import type { Row } from './receipt.ts'
import { signedVnd, zRows, type ZFacts } from './zreport.ts'

const Z: ZFacts = {
  number: 12, till_code: 'HN01-1', location_name: 'Tràng Tiền', opened_at: '2026-11-25T01:00:00Z', opened_by_name: 'Phương Thảo',
  closed_at: '2026-11-25T10:05:00Z', closed_by_name: 'Phương Thảo', approved_by_name: null, sales: 3, refunds: 1,
  tenders: [{ kind: 'card', amount_vnd: 300_000 }, { kind: 'cash', amount_vnd: 1_250_000 }],
  cash: { float_vnd: 2_000_000, sales_vnd: 1_700_000, refunds_vnd: 450_000, in_vnd: 0, out_vnd: 200_000, expected_vnd: 3_050_000 },
  counted_vnd: 3_030_000, variance_vnd: -20_000, counts: 1, reason: null, deposit_bag: null,
}

const textOf = (row: Row): string => (row.kind === 'text' ? row.text : row.kind === 'pair' ? `${row.left}|${row.right}` : row.kind)

test('a Z says what the drawer should hold, what was counted, and the difference', () => {
  const rows = zRows('Lụa', Z).map(textOf)
  expect(rows).toContain('BÁO CÁO Z SỐ 12')
  expect(rows).toContain('Mở ca|25/11/2026 08:00')
  expect(rows).toContain('TỔNG THU|1.550.000\u00a0₫')
  expect(rows.slice(rows.indexOf('Tiền đầu ca|2.000.000'), rows.indexOf('CHÊNH LỆCH|−20.000\u00a0₫') + 1)).toEqual([
    'Tiền đầu ca|2.000.000', 'Bán tiền mặt|+1.700.000', 'Hoàn tiền mặt|−450.000', 'Chi từ quỹ|−200.000',
    'Phải có|3.050.000', 'Đếm được|3.030.000', 'CHÊNH LỆCH|−20.000\u00a0₫',
  ])
})

test('a reason, an approval and a bag stand on it when there are any', () => {
  const rows = zRows('Lụa', { ...Z, counts: 2, reason: 'Thối nhầm', approved_by_name: 'Minh Anh', deposit_bag: '0042' }).map(textOf)
  expect(rows).toEqual(expect.arrayContaining(['Đã đếm 2 lần|', 'Lý do: Thối nhầm|', 'Duyệt: Minh Anh|', 'Túi nộp tiền: 0042|']))
})

test('a difference carries its sign', () => {
  expect([signedVnd(20_000), signedVnd(-20_000), signedVnd(0)]).toEqual(['+20.000', '−20.000', '0'])
})
