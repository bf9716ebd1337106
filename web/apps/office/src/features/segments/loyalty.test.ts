import { describe, expect, it } from 'vitest'
import { faultOf, vndOf, within } from './loyalty.ts'

const tier = (name: string, spend_vnd_min: number) => ({ name_vi: name, name_en: `${name} (en)`, spend_vnd_min })

describe('a set of tiers', () => {
  it('begins at nothing and goes up, each under a name of its own', () => {
    expect(faultOf([tier('Thành viên', 0), tier('Bạc', 5_000_000), tier('Vàng', 15_000_000)])).toBeUndefined()
    expect(faultOf([tier('Thành viên', 1), tier('Bạc', 5_000_000)])).toBe('order')
    expect(faultOf([tier('Thành viên', 0), tier('Bạc', 5_000_000), tier('Vàng', 5_000_000)])).toBe('order')
    expect(faultOf([tier('Thành viên', 0), tier('thành VIÊN', 5_000_000)])).toBe('twice')
    expect(faultOf([tier('Thành viên', 0), tier('', 5_000_000)])).toBe('names')
  })
})

describe('sums as people type them', () => {
  it('are whole đồng within their bounds', () => {
    expect(['5tr', '15.000.000 ₫', '500k', '0', ''].map(vndOf)).toEqual([5_000_000, 15_000_000, 500_000, undefined, undefined])
    expect([within('365', 1, 3_650), within('0', 0, 90), within('91', 0, 90), within('', 0, 90)]).toEqual([365, 0, undefined, undefined])
  })
})
