import { expect, test } from 'vitest'
import { bringTab, emptyCart } from './cart.ts'
import { factsOfOrder, isMeant, ordersFound, wishOf, type KeptOrder } from './orders.ts'

const order: KeptOrder = {
  id: 'a', receipt_code: 'HN01-1-2-0000123', barcode: '0200010200001234', channel: 'store', state: 'posted', till_code: 'HN01-1',
  till_id: 't', staff_name: 'Lê Ngọc Tiên', customer_name: 'Phan Diệu Hoa', phone_end: '9021', pieces: 1, total_vnd: 780_000,
  rounding_vnd: 0, sold_at: '2026-11-24T09:36:00Z', changed_at: '2026-11-24T09:36:00Z',
  lines: [{ name: 'Khăn lụa in họa tiết', sku: 'PK1001-DO', qty: 1, unit_vnd: 780_000, discount_vnd: 0, total_vnd: 780_000, adviser: null, source_name: null }],
  tenders: [], vat: [],
}

test.each([
  ['0200010200001234', true], ['0000123', true], ['hn01-1-2', true], ['9021', true], ['021', true], ['902', false], ['dieu hoa', true],
  ['khan lua', true], ['pk1001', true], ['tien', true], ['khan len', false], ['', true],
])('%s finds it: %s', (text, found) => {
  expect(isMeant(order, text)).toBe(found)
})

test('only what was sold within the days, the newest first', () => {
  const older = { ...order, id: 'b', sold_at: '2026-11-20T09:36:00Z' }
  const now = Date.parse('2026-11-25T00:00:00Z')
  expect(ordersFound([older, order], '', 14, now).map(({ id }) => id)).toEqual(['a', 'b'])
  expect(ordersFound([older, order], '', 1, now).map(({ id }) => id)).toEqual(['a'])
})

test('a cart from another till takes the place of an empty one, under a free number, and comes once', () => {
  const filled = { ...emptyCart('x', 1), lines: [{ variantId: 'v', sourceId: 'here', qty: 1 }] }
  const tabs = bringTab({ carts: [filled, emptyCart('y', 2)], activeId: 'y' }, { ...filled, id: 'z', no: 1 })
  expect(tabs.carts.map(({ id, no }) => [id, no])).toEqual([['x', 1], ['z', 2]])
  expect(bringTab(tabs, { ...filled, id: 'z', no: 1 })).toEqual(tabs)
})

test('printed again it names the promotion, and what nobody knows more of is a discount', () => {
  const [line] = order.lines
  if (line === undefined) throw new Error('a line')
  const head = { company: 'Lụa', taxCode: null, branch: 'Hai Bà Trưng', address: null, phone: null }
  const parts = (of: Partial<KeptOrder['lines'][number]>) => factsOfOrder({ ...order, lines: [{ ...line, ...of }] }, head).lines[0]?.discounts
  expect(parts({ discount_vnd: 90_000, discounts: [{ kind: 'promotion', name: 'Mua 2 giảm 10%', amount_vnd: 78_000 }, { kind: 'points', name: null, amount_vnd: 12_000 }] })).toEqual([
    { label: 'Mua 2 giảm 10%', amountVnd: 78_000, promotion: true }, { label: 'Đổi điểm', amountVnd: 12_000 },
  ])
  expect(parts({ discount_vnd: 90_000 })).toEqual([{ label: 'Giảm giá', amountVnd: 90_000 }])
  expect(parts({})).toEqual([])
})

const NOW = Date.parse('2026-11-26T05:00:00Z')

test.each([
  ['HN01-1-2-0000123', { q: 'HN01-1-2-0000123' }], ['0987 654 321', { q: '0987 654 321' }], ['1.250.000', { paid_vnd: 1_250_000 }],
  ['450k', { paid_vnd: 450_000 }], ['1250000đ', { paid_vnd: 1_250_000 }], ['23/11', { from_on: '2026-11-23', to_on: '2026-11-23' }],
  ['27/11', { from_on: '2025-11-27', to_on: '2025-11-27' }], ['8/3/25', { from_on: '2025-03-08', to_on: '2025-03-08' }],
  ['31/2', { q: '31/2' }], ['23/11/2025 1.250.000', { from_on: '2025-11-23', to_on: '2025-11-23', paid_vnd: 1_250_000 }], ['  ', undefined],
])('%j asks for %j', (text, wish) => {
  expect(wishOf(text, NOW)).toEqual(wish)
})

test('an amount and a day are looked for on the device too', () => {
  const sold = { ...order, sold_at: '2026-11-25T18:30:00Z', total_vnd: 450_400, rounding_vnd: -400 }
  expect(ordersFound([sold], '450k 26/11', 14, NOW)).toEqual([sold])
  expect(ordersFound([sold], '450k 25/11', 14, NOW)).toEqual([])
  expect(ordersFound([sold], '451k', 14, NOW)).toEqual([])
})
