import { describe, expect, it } from 'vitest'
import { i18n } from '../../i18n/index.ts'
import { said, sayGoods, shortPeriod, shortSentence, type NameOf } from './sentence.ts'
import type { Terms } from './terms.ts'

const NBSP = '\u00a0'
const NAMES: Record<string, string> = { shirts: 'Áo sơ mi', tees: 'Áo thun', 'FW26': 'Thu-Đông 2026', hn: 'Hai Bà Trưng' }
const name: NameOf = (_, id) => NAMES[id]
const t = (key: string, named: Record<string, unknown> = {}): string => i18n.global.t(key, named)

describe('a promotion', () => {
  it('reads as a sentence', () => {
    const terms: Terms = {
      group: 2, goods: { categories: ['shirts', 'tees'], but_not: { seasons: ['FW26'] } }, need: { qty: 2 }, reward: { kind: 'percent', bp: 1_000 },
      when: { starts_ms: Date.parse('2026-11-14T00:00:00+07:00'), ends_ms: Date.parse('2026-12-01T00:00:00+07:00'), weekdays: [6, 7] }, where: { locations: ['hn'], channels: ['store'] },
    }
    expect(said(terms, { budget_vnd: 120_000_000, uses_a_customer: 3 }, t, name)).toEqual({
      when: 'khách mua từ 2 món Áo sơ mi, Áo thun trừ Thu-Đông 2026',
      gives: 'giảm 10% mỗi món',
      time: '14/11/2026 00:00:00 đến 30/11/2026 23:59:59, T7, CN',
      place: 'Hai Bà Trưng, quầy',
      with: 'cộng dồn ở lượt 2, ưu tiên 100',
      limits: `ngân sách 120.000.000${NBSP}₫, mỗi khách 3 lần`,
    })
  })

  it('has its period said briefly', () => {
    const period = (from: string | undefined, to: string | undefined): string =>
      shortPeriod({ group: 1, reward: { kind: 'percent', bp: 1 }, when: { starts_ms: from === undefined ? null : Date.parse(`${from}+07:00`), ends_ms: to === undefined ? null : Date.parse(`${to}+07:00`) } }, t)
    expect(period('2026-11-14T00:00:00', '2026-12-01T00:00:00')).toBe('14/11 – 30/11/2026')
    expect(period('2026-11-27T10:00:00', '2026-11-27T11:00:00')).toBe('27/11/2026 10:00 – 11:00')
    expect(period('2026-11-14T00:00:00', '2027-11-15T00:00:00')).toBe('14/11/2026 – 14/11/2027')
    expect(period('2026-12-27T10:00:00', '2027-01-02T00:00:00')).toBe('27/12 10:00 – 01/01/2027')
    expect(period(undefined, '2027-01-01T00:00:00')).toBe('đến 31/12/2026')
    expect(period(undefined, undefined)).toBe('từ khi công bố đến khi dừng')
  })

  it('gives what its reward says', () => {
    const then = (reward: Terms['reward']): string => said({ group: 1, reward }, {}, t, name).gives
    expect(then({ kind: 'buy_get', buy: 2, get: 1 })).toBe('mua 2 tặng 1 (cùng nhóm hàng)')
    expect(then({ kind: 'buy_get', buy: 2, get: 1, bp: 5_000, goods: { categories: ['tees'] } })).toBe('mua 2, thêm 1 giảm 50% (Áo thun)')
    expect(then({ kind: 'tiers', by: 'spend', steps: [{ at_least: 1_000_000, bp: 500 }, { at_least: 3_000_000, vnd: 300_000 }] })).toBe(`từ 1.000.000${NBSP}₫ giảm 5%, từ 3.000.000${NBSP}₫ giảm 300.000${NBSP}₫`)
    expect(then({ kind: 'bundle', parts: [{ goods: { categories: ['shirts'] }, qty: 1 }, { goods: { categories: ['tees'] }, qty: 2 }], vnd: 990_000 })).toBe(`1 Áo sơ mi + 2 Áo thun cùng giá 990.000${NBSP}₫`)
    expect(then({ kind: 'gift', goods: { categories: ['tees'] } })).toBe('tặng 1 món rẻ nhất của Áo thun')
  })

  it('counts what has no name here, or too many', () => {
    expect(sayGoods({ styles: ['x', 'y'] }, t, name)).toBe('2 kiểu')
    expect(sayGoods({}, t, name)).toBe('mọi mặt hàng')
    expect(shortSentence({ group: 9, voucher: true, reward: { kind: 'amount', vnd: 100_000 } }, t, name)).toBe(`khách mua mọi mặt hàng, giảm 100.000${NBSP}₫ cả nhóm`)
  })
})
