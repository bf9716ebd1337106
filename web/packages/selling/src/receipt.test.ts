import { expect, test } from 'vitest'
import { pixelsOf, rasterOf } from './raster.ts'
import { bagRows, giftRows, receiptRows, spokenPhone, type ReceiptFacts, type Row } from './receipt.ts'

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
const words = (rows: readonly Row[]): string =>
  rows.map((row) => (row.kind === 'pair' ? `${row.left} | ${row.right}` : row.kind === 'text' ? row.text : row.kind)).join('\n')
const text = (given: ReceiptFacts): string => words(receiptRows(given))

test('a receipt in the order of the specimen', () => {
  expect(text(facts)).toBe(
    [
      'LỤA', 'Hai Bà Trưng · 112 Hai Bà Trưng', 'MST 0312345678', 'rule', 'PHIẾU THANH TOÁN',
      'Số: SG01-2-1-0000147 | 23/11/2026 14:32', 'Thu ngân: Phương Thảo | ', 'rule',
      'Đầm lụa tơ tằm', 'DM2041-KEM-M · 2 × 1.302.000 | 2.604.000', 'rule',
      'Tạm tính (2 món) | 2.604.000', 'TỔNG | 2.604.000\u00a0₫', 'Đã gồm thuế GTGT 8% | 192.889', 'rule',
      'Tiền mặt | 3.000.000', 'Tiền thối lại | 396.000', 'rule',
      'barcode', 'SG01-2-1-0000147', 'space', 'Quý khách giữ phiếu này và tem mác khi cần đổi trả.', 'Cảm ơn quý khách!', 'space',
    ].join('\n'),
  )
})

test('what is to be done with a piece stands under it', () => {
  const lines = facts.lines.map((line) => ({ ...line, note: 'Lên lai 2 cm, mai khách lấy' }))
  expect(text({ ...facts, lines })).toContain('DM2041-KEM-M · 2 × 1.302.000 | 2.604.000\nGhi chú: Lên lai 2 cm, mai khách lấy\nrule')
  expect(text(facts)).not.toContain('Ghi chú')
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

test('customer, adviser, discounts, points and the page stand where the specimen has them', () => {
  const all = text({
    ...facts,
    adviser: 'Minh Anh',
    customer: { name: 'Chị Ngọc', phone: '09•• ••• 218', tier: 'Hạng Vàng' },
    lines: [
      { name: 'Đầm lụa', sku: 'DM-M', qty: 1, unitVnd: 1_890_000, totalVnd: 1_890_000, sourceName: null, discounts: [{ label: 'Giảm 20%', amountVnd: 378_000 }] },
      { name: 'Áo sơ mi', sku: 'SM-S', qty: 2, unitVnd: 690_000, totalVnd: 1_380_000, sourceName: null, discounts: [{ label: 'Mua 2 giảm 10%', amountVnd: 138_000, promotion: true }] },
    ],
    pointsSpent: { points: 500, valueVnd: 50_000 },
    vouchers: [{ code: '4100 2381 77', amountVnd: 100_000 }],
    points: { earned: 260, balance: 12_240, toNext: { points: 2_760, tier: 'Kim Cương' } },
    page: 'https://lua.example/r/02000101000012331234567890',
    invoiceCode: 'M1-26-ABCDE-00003000123',
  })
  expect(all).toContain(['Thu ngân: Phương Thảo | Tư vấn: Minh Anh', 'Khách: Chị Ngọc · 09•• ••• 218 | Hạng Vàng', 'rule'].join('\n'))
  expect(all).toContain(['DM-M · 1 × 1.890.000 | 1.890.000', '  Giảm 20% | \u2212378.000', 'Áo sơ mi'].join('\n'))
  expect(all).toContain([
    'Tạm tính (3 món) | 3.270.000', 'Khuyến mãi | \u2212138.000', 'Giảm giá | \u2212378.000', 'Voucher 4100 2381 77 | \u2212100.000', 'Đổi 500 điểm | \u221250.000', 'TỔNG',
  ].join('\n'))
  expect(all).toContain([
    'Điểm: +260 · số dư 12.240 · còn 2.760 điểm lên hạng Kim Cương | ', 'Tiết kiệm hôm nay: 666.000\u00a0₫ | ', 'rule', 'barcode',
  ].join('\n'))
  expect(all).toContain('Mã CQT: M1-26-ABCDE-00003000123\nspace')
  expect(all).toContain('lấy hóa đơn điện tử:\nqr\nCảm ơn quý khách!')
})

test('a gift receipt names the goods and no price at all', () => {
  const all = words(giftRows({ ...facts, copies: 1 }))
  expect(all).toContain('PHIẾU QUÀ TẶNG\nBẢN SAO 1')
  expect(all).toContain('Đầm lụa tơ tằm\nDM2041-KEM-M | SL: 2')
  expect(all).not.toMatch(/\d\.\d{3}|₫/)
})

test('a card alone gives no change', () => {
  expect(text({ ...facts, tenders: [{ kind: 'card', handedVnd: 2_604_000 }], changeVnd: 0 })).not.toContain('Tiền thối lại')
})

test('the label of a bag holds whose it is and its code', () => {
  const rows = bagRows({
    branch: 'Hai Bà Trưng', title: 'Khách đến lấy', code: '0700000000420', customer: 'Chị Ngọc', until: '2026-11-24T02:00:00Z',
    lines: [{ name: 'Đầm lụa', sku: 'DM-M', qty: 1 }],
  })
  expect(rows.find(({ kind }) => kind === 'barcode')).toEqual({ kind: 'barcode', digits: '0700000000420' })
  expect(words(rows)).toContain('Khách | Chị Ngọc\nGiữ đến | 24/11/2026 09:00')
})
