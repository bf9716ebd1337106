import { describe, expect, it } from 'vitest'
import { averageBill, growth, hoursShown, opensAt, piecesABill, returnRate, share, targetCurve } from './figures.ts'

const SUMS = { revenue_vnd: 486_200_000, net_vnd: 471_800_000, bills: 412, sold: 865, returned: 26 }
const day = (today: Record<number, number>, before: Record<number, number>) => {
  const curve = (hours: Record<number, number>) => [...Array(24).keys()].map((hour) => Object.entries(hours).reduce((sum, [at, vnd]) => sum + (Number(at) <= hour ? vnd : 0), 0))
  return { today_vnd: curve(today), before_vnd: curve(before), target_vnd: 2_000 }
}

describe('figures', () => {
  it('are divided, and have no answer where nothing was', () => {
    expect(Math.round(averageBill(SUMS)!)).toBe(1_145_146)
    expect(piecesABill(SUMS)).toBeCloseTo(2.0995, 4)
    expect(returnRate(SUMS)).toBeCloseTo(0.03006, 5)
    expect(averageBill({ ...SUMS, bills: 0 })).toBeUndefined()
  })

  it('know a place that has not opened today, and no other', () => {
    const hours = { thu: '09:00-22:00', fri: '10:00-22:00' }
    expect(opensAt(hours, '2026-11-27', '09:30')).toBe('10:00')
    expect(opensAt(hours, '2026-11-27', '10:00')).toBeUndefined()
    expect(opensAt(hours, '2026-11-28', '03:00')).toBeUndefined()
    expect(opensAt(undefined, '2026-11-27', '03:00')).toBeUndefined()
  })

  it('grow by basis points', () => {
    expect(growth(486_200_000, 432_500_000)).toBe(1_242)
    expect(growth(90, 100)).toBe(-1_000)
    expect(growth(5, 0)).toBeUndefined()
    expect(growth(undefined, 5)).toBeUndefined()
    expect(share(71, 100)).toBe(7_100)
  })
})

describe('the curves of a day', () => {
  it('begin and end with the hours that sold on either day', () => {
    expect(hoursShown(day({ 9: 5 }, { 10: 3, 12: 1 }))).toEqual([9, 10, 11, 12])
    expect(hoursShown(day({}, {}))).toEqual([])
  })

  it('draw the target as the other day went', () => {
    expect(targetCurve(day({}, { 9: 25, 20: 75 }))[9]).toBe(500)
    expect(targetCurve(day({}, { 9: 25, 20: 75 })).at(-1)).toBe(2_000)
    expect(targetCurve(day({ 9: 5 }, {}))).toEqual([])
  })
})
