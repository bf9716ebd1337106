import { describe, expect, it } from 'vitest'
import { nameOfCount } from '../../shell/codeOf.ts'
import { choicesOf, pathOf, seriesOf, undecided, type Line, type Point, type Tally } from './count.ts'

const line = (facts: Partial<Line>): Line => ({ counted: 3, difference: 0, flag: null, round: 1, tallies: [], ...facts }) as Line
const tally = (zone: number, who: string, facts: Partial<Tally> = {}): Tally => ({ round: 1, zone_no: zone, staff_id: who, device_id: who, pieces: 1, merged: false, holds: true, ...facts }) as Tally
const point = (place: string, month: string, bp: number): Point => ({ location_id: place, location_name: place, month, accuracy_bp: bp }) as Point

describe('a line of a count', () => {
  it('offers only what fits what it needs', () => {
    expect(choicesOf(line({ flag: 'uncounted', counted: null }))).toEqual(['zero', 'keep', 'again'])
    expect(choicesOf(line({ flag: 'moved' }))).toEqual(['again', 'keep', 'post'])
    expect(choicesOf(line({ flag: 'moved', counted: null }))).toEqual(['again', 'keep'])
    expect(choicesOf(line({ difference: -1 }))).toEqual(['again'])
    expect(choicesOf(line({}))).toEqual([])
  })

  it('names the zones in which two have counted and nobody has decided', () => {
    const two = line({ tallies: [tally(1, 'a'), tally(1, 'b'), tally(2, 'a'), tally(3, 'a', { merged: true }), tally(3, 'b', { merged: true }), tally(2, 'b', { round: 2 })] })
    expect([...undecided(two).keys()]).toEqual([1])
  })
})

describe('accuracy', () => {
  it('is drawn by place, months at equal distances', () => {
    const [hanoi, hue] = seriesOf([point('HN', '2026-09', 9_680), point('HN', '2026-11', 10_000), point('HUE', '2026-10', 9_000)])
    expect(hanoi!.points).toHaveLength(2)
    expect(pathOf(hanoi!.points, ['2026-09', '2026-10', '2026-11'], 100, 50, 9_500)).toBe('M0.0 32.0 L100.0 0.0')
    expect(pathOf(hue!.points, ['2026-09', '2026-10', '2026-11'], 100, 50, 9_500)).toBe('M50.0 50.0')
  })

  it('belongs to counts with names', () => expect(nameOfCount(12)).toBe('KK-0012'))
})
