import { describe, expect, it } from 'vitest'
import { bpOf, minuteOf, momentOf, PATTERNS, phaseOf, rewardOf, tidy, wholeOf, writtenEnd, writtenMinute, writtenMoment, wrongIn, type Terms } from './terms.ts'

const TEN: Terms = { group: 1, reward: { kind: 'percent', bp: 1_000 } }
const MIDNIGHT = Date.parse('2026-11-14T00:00:00+07:00')
const codes = (terms: Terms, limits = {}): string[] => wrongIn({ name_vi: 'Giảm 10%', name_en: '10% off', terms, limits }).map(({ code }) => code)

describe('what people write', () => {
  it('is a moment to the second, in Vietnamese time', () => {
    expect(momentOf('14/11/2026')).toBe(MIDNIGHT)
    expect(momentOf('14/11/2026 9:30')).toBe(MIDNIGHT + 34_200_000)
    expect(momentOf('14/11/2026 09:30:15')).toBe(MIDNIGHT + 34_215_000)
    expect(writtenMoment(MIDNIGHT + 34_215_000)).toBe('14/11/2026 09:30:15')
    expect(momentOf('31/11/2026')).toBeUndefined()
    expect(momentOf('14/11/2026 24:00')).toBeUndefined()
    expect(momentOf('mai')).toBeUndefined()
  })

  it('ends with the last second that is still in', () => {
    expect(momentOf('14/11/2026', { end: true })).toBe(MIDNIGHT + 86_400_000)
    expect(momentOf('14/11/2026 10:59', { end: true })).toBe(MIDNIGHT + 11 * 3_600_000)
    expect(writtenEnd(MIDNIGHT + 86_400_000)).toBe('14/11/2026 23:59:59')
  })

  it('is money, a percentage, an hour, or nothing', () => {
    expect(['199.000', '199000 ₫', '199k', '1,5tr', '120.000.000'].map(wholeOf)).toEqual([199_000, 199_000, 199_000, 1_500_000, 120_000_000])
    expect(['', 'nhiều', '-5', '19.9'].map(wholeOf)).toEqual([undefined, undefined, undefined, undefined])
    expect(['10', '12,5%', '100%', '101', 'x'].map(bpOf)).toEqual([1_000, 1_250, 10_000, undefined, undefined])
    expect(['9', '09:30', '24:00', '24:30', '9:75'].map(minuteOf)).toEqual([540, 570, 1_440, undefined, undefined])
    expect(writtenMinute(570)).toBe('09:30')
  })
})

describe('a text', () => {
  it('of every pattern can be published as soon as its goods are chosen', () => {
    const goods = { categories: ['a'] }
    for (const [name, start] of Object.entries(PATTERNS)) {
      const terms = start()
      if (name === 'bundle') terms.reward = { kind: 'bundle', parts: [{ goods, qty: 1 }, { goods, qty: 1 }], vnd: 500_000 }
      expect([name, codes(terms)]).toEqual([name, []])
    }
  })

  it('says what is wrong with it', () => {
    expect(wrongIn({ name_vi: '', name_en: 'x', terms: TEN, limits: {} })).toEqual([{ block: 'name', code: 'name' }])
    expect(codes({ ...TEN, when: { starts_ms: 10, ends_ms: 10 } })).toEqual(['ends_first'])
    expect(codes({ ...TEN, when: { minutes: [600, 600], weekdays: [] } })).toEqual(['no_weekday', 'hours'])
    expect(codes({ ...TEN, reward: { kind: 'percent', bp: 0 } })).toEqual(['no_percent'])
    expect(codes({ ...TEN, reward: rewardOf('bundle') })).toEqual(['no_part', 'no_price'])
    expect(codes({ ...TEN, reward: rewardOf('gift') })).toEqual(['no_given'])
    expect(codes({ ...TEN, reward: { kind: 'tiers', by: 'qty', steps: [{ at_least: 3, bp: 500 }, { at_least: 3 }] } })).toEqual(['steps_fall', 'empty_step'])
    expect(codes(TEN, { budget_vnd: 0 })).toEqual(['limit'])
  })

  it('is kept without what says nothing', () => {
    const written: Terms = { ...TEN, goods: { categories: [], but_not: {} }, need: { qty: 0, spend_vnd: 0 }, when: { starts_ms: null }, where: { locations: [], channels: null }, who: null }
    expect(tidy(written)).toEqual({ ...TEN, goods: {} })
    expect(tidy({ ...TEN, need: { qty: 2, spend_vnd: 0 } }).need).toEqual({ qty: 2, spend_vnd: 0 })
  })
})

it('stands where the version in force stands, to the second', () => {
  const live: Terms = { ...TEN, when: { starts_ms: 1_000, ends_ms: 2_000 } }
  expect([0, 999, 1_000, 1_999, 2_000].map((now) => phaseOf('live', live, now))).toEqual(['planned', 'planned', 'running', 'running', 'over'])
  expect(phaseOf('draft', null, 1_500)).toBe('draft')
  expect(phaseOf('stopped', live, 1_500)).toBe('stopped')
})
