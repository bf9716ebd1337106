import { expect, test } from 'vitest'
import { pixelsOf, rasterOf } from './raster.ts'
import { receiptRows, spokenPhone, type ReceiptFacts } from './receipt.ts'

const facts: ReceiptFacts = {
  company: 'Lụa',
  taxCode: '0312345678',
  branch: 'Hai Bà Trưng',
  address: '112 Hai Bà Trưng',
  phone: null,
  receiptCode: 'SG01-2-1-0000147',
  barcode: '0200120100001471',
  soldAt: '2026-11-23T07:32:05Z',
  cashier: 'Phương Thảo',
  lines: [{ name: 'Đầm lụa tơ tằm', sku: 'DM2041-KEM-M', qty: 2, unitVnd: 1_302_000, totalVnd: 2_604_000, sourceName: null }],
  totalVnd: 2_604_000,
  roundingVnd: 0,
  changeVnd: 396_000,
  vat: [{ rateBp: 800, vatVnd: 192_889 }],
  tenders: [{ kind: 'cash', handedVnd: 3_000_000 }],
  copies: 0,
  voided: false,
}
const text = (given: ReceiptFacts): string =>
  receiptRows(given)
    .map((row) => (row.kind === 'pair' ? `${row.left} | ${row.right}` : row.kind === 'text' ? row.text : row.kind))
    .join('\n')

test('a receipt in the order of the specimen', () => {
  expect(text(facts)).toBe(
    [
      'LỤA', 'Hai Bà Trưng · 112 Hai Bà Trưng', 'MST 0312345678', 'rule', 'PHIẾU THANH TOÁN',
      'Số: SG01-2-1-0000147 | 23/11/2026 14:32', 'Thu ngân: Phương Thảo | ', 'rule',
      'Đầm lụa tơ tằm', 'DM2041-KEM-M · 2 × 1.302.000 | 2.604.000', 'rule',
      'Tạm tính (2 món) | 2.604.000', 'TỔNG | 2.604.000\u00a0₫', 'Đã gồm thuế GTGT 8% | 192.889', 'rule',
      'Tiền mặt | 3.000.000', 'Tiền thối lại | 396.000', 'rule',
      'barcode', 'SG01-2-1-0000147', 'space', 'Quý khách giữ phiếu này khi cần đổi trả.', 'Cảm ơn quý khách!', 'space',
    ].join('\n'),
  )
})

test('rounding, copies, voids and goods from a depot are said', () => {
  const [line] = facts.lines
  const all = text({
    ...facts, roundingVnd: -300, copies: 2, voided: true,
    lines: line === undefined ? [] : [{ ...line, sourceName: 'Kho trung tâm' }],
  })
  for (const part of ['Làm tròn tiền mặt | \u2212300', 'BẢN SAO 2', 'ĐÃ HỦY', 'Giao từ Kho trung tâm', 'TỔNG | 2.603.700']) {
    expect(all).toContain(part)
  }
})

test('a phone is written as it is dialled', () => {
  expect([spokenPhone('+842838220101'), spokenPhone('+84901234567'), spokenPhone('1900 1234')])
    .toEqual(['028 3822 0101', '090 123 4567', '1900 1234'])
})

test('dots come back as they were drawn, black or white and nothing between', () => {
  const pixels = new Uint8ClampedArray(10 * 2 * 4).fill(255)
  pixels.fill(0, 0, 3)
  pixels.fill(90, 9 * 4, 9 * 4 + 3)
  pixels.fill(200, 5 * 4, 5 * 4 + 3)
  const raster = rasterOf(pixels, 10, 2)
  expect([...raster.bits]).toEqual([0b1000_0000, 0b0100_0000, 0, 0])
  const shown = pixelsOf(raster)
  expect([shown[0], shown[5 * 4], shown[9 * 4], shown[3]]).toEqual([0, 255, 0, 255])
})
