import { describe, expect, it } from 'vitest'
import { countdown } from './countdown.ts'
import { opening } from './hours.ts'

describe('the clocks of the shop', () => {
  it('tells what is left as people read a clock', () => {
    expect([599_001, 59_000, 1, 0, -5].map(countdown)).toEqual(['10:00', '0:59', '0:01', '0:00', '0:00'])
    expect(countdown(5_275_000)).toBe('1:27:55')
  })

  it('tells hours by the clock of Viet Nam', () => {
    const hours = { thu: '09:00-22:00' }
    // A Thursday, 08:30, 14:00 and 22:00 in Viet Nam; then a Friday.
    expect(opening(hours, new Date('2026-11-26T01:30:00Z'))).toEqual({ key: 'opens', time: '09:00' })
    expect(opening(hours, new Date('2026-11-26T07:00:00Z'))).toEqual({ key: 'open_until', time: '22:00' })
    expect(opening(hours, new Date('2026-11-26T15:00:00Z'))).toEqual({ key: 'closed', time: '' })
    expect(opening(hours, new Date('2026-11-27T07:00:00Z'))).toEqual({ key: 'closed', time: '' })
  })
})
