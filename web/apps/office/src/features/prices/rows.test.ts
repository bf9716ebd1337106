import { describe, expect, it } from 'vitest'
import { listCode, markedDown, pastedRows, stateOf } from './rows.ts'

describe('pasted prices', () => {
  it('are codes with whole đồng, whatever parts them', () => {
    expect(pastedRows('Mã kiểu\tGiá\r\nDM0123\t1.180.000\n\nao0001; 199000\nQN0002 590,000 ₫')).toEqual([
      { line: 2, code: 'DM0123', price_vnd: 1_180_000 },
      { line: 4, code: 'AO0001', price_vnd: 199_000 },
      { line: 5, code: 'QN0002', price_vnd: 590_000 },
    ])
  })

  it('say which line has no price', () => {
    expect(pastedRows('DM0123\t199.50\nDM0124\t')).toEqual([{ line: 1, code: 'DM0123', price_vnd: undefined }, { line: 2, code: 'DM0124', price_vnd: undefined }])
  })
})

it('a markdown is in whole thousands', () => {
  expect([markedDown(199_000, 2_000), markedDown(590_000, 3_000), markedDown(1_189_500, 0), markedDown(100_000, 10_000)]).toEqual([159_000, 413_000, 1_190_000, 0])
})

it('a list is planned, on or over, to the moment', () => {
  const list = { starts_at: '2026-11-27T00:00:00Z', ends_at: '2026-11-28T00:00:00Z' }
  const at = (iso: string): string => stateOf(list, Date.parse(iso))
  expect(['2026-11-26T23:59:59Z', '2026-11-27T00:00:00Z', '2026-11-27T23:59:59Z', '2026-11-28T00:00:00Z'].map(at)).toEqual(['planned', 'on', 'on', 'over'])
  expect(stateOf({ starts_at: '2026-01-01T00:00:00Z', ends_at: null }, Date.parse('2036-01-01T00:00:00Z'))).toBe('on')
})

it('a new list names itself by its first minute', () => {
  expect(listCode(Date.parse('2026-11-27T10:05:00+07:00'), () => 0)).toBe('GIA-2611271005-AA')
})
