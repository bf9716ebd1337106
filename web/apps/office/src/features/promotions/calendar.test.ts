import { describe, expect, it } from 'vitest'
import { bars, meet, monday, step, windowOf, type Span } from './calendar.ts'

const at = (iso: string): number => Date.parse(`${iso}+07:00`)
const span = (id: string, from: string, to: string | undefined, terms: Partial<Span['terms']> = {}): Span =>
  ({ id, from: at(from), to: to === undefined ? undefined : at(to), terms: { group: 1, reward: { kind: 'percent', bp: 1_000 }, ...terms } })

describe('a window', () => {
  it('is a week from Monday, or a month', () => {
    expect(monday(at('2026-11-26T02:00:00'))).toBe(at('2026-11-23T00:00:00')) // a Thursday
    expect(monday(at('2026-11-23T00:00:00'))).toBe(at('2026-11-23T00:00:00'))
    expect(windowOf(at('2026-11-26T02:00:00'), 'month')).toMatchObject({ from: at('2026-11-01T00:00:00'), to: at('2026-12-01T00:00:00') })
    expect(windowOf(at('2026-02-10T00:00:00'), 'month').days).toHaveLength(28)
    expect(step(at('2026-11-26T02:00:00'), 'month', -1)).toBe(at('2026-10-01T00:00:00'))
    expect(step(at('2026-12-26T02:00:00'), 'month', 1)).toBe(at('2027-01-01T00:00:00'))
    expect(step(at('2026-11-26T02:00:00'), 'week', 1)).toBe(at('2026-11-30T00:00:00'))
  })
})

describe('bars', () => {
  const week = windowOf(at('2026-11-26T00:00:00'), 'week')

  it('stand where they run, cut at the edges', () => {
    const [long, short] = bars([span('short', '2026-11-23T00:00:00', '2026-11-26T12:00:00'), span('long', '2026-11-01T00:00:00', undefined), span('gone', '2026-11-01T00:00:00', '2026-11-23T00:00:00')], week)
    expect(long).toMatchObject({ id: 'long', left: 0, width: 1_000, begunBefore: true, goesOn: true, meets: ['short'] })
    expect(short).toMatchObject({ id: 'short', left: 0, width: 500, begunBefore: false, goesOn: false, meets: ['long'] })
  })

  it('meet only in one round, at a common time and place', () => {
    const one = span('one', '2026-11-23T00:00:00', '2026-11-25T00:00:00', { where: { locations: ['hn'] } })
    expect(meet(one, span('two', '2026-11-24T00:00:00', undefined))).toBe(true)
    expect(meet(one, span('two', '2026-11-25T00:00:00', undefined))).toBe(false)
    expect(meet(one, span('two', '2026-11-24T00:00:00', undefined, { where: { locations: ['hcm'] } }))).toBe(false)
    expect(meet(one, span('two', '2026-11-24T00:00:00', undefined, { group: 2 }))).toBe(false)
    expect(meet(one, span('two', '2026-11-24T00:00:00', undefined, { exclusive: true }))).toBe(false)
  })

  it('meet when their goods may be the same, a group and one above it too', () => {
    const parents: Record<string, string> = { shirt: 'tops', tee: 'tops' }
    const of = (...categories: string[]): Span => span(categories.join(), '2026-11-23T00:00:00', undefined, { goods: { categories } })
    const meets = (one: Span, other: Span): boolean => meet(one, other, (id) => parents[id])
    expect([meets(of('shirt'), of('tee')), meets(of('shirt'), of('tops')), meets(of('shirt'), of('dress', 'shirt'))]).toEqual([false, true, true])
    expect(meets(of('shirt'), span('all', '2026-11-23T00:00:00', undefined))).toBe(true)
    const bundle = span('bundle', '2026-11-23T00:00:00', undefined, { reward: { kind: 'bundle', parts: [{ goods: { categories: ['dress'] }, qty: 1 }, { goods: { categories: ['tee'] }, qty: 1 }], vnd: 1 } })
    expect([meets(bundle, of('tee')), meets(bundle, of('shirt'))]).toEqual([true, false])
  })
})
