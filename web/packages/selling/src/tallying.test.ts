import { describe, expect, it } from 'vitest'
import { heldBy, newCountWork, nextAct, piecesIn, tallied, tallyOf, untallied, type CountScan, type CountWork } from './tallying.ts'

const scan = (variantId: string | null, atMs: number, facts: Partial<CountScan> = {}): CountScan => ({ zoneNo: 1, variantId, code: '893', qty: 1, round: 1, atMs, ...facts })
const after = (...scans: CountScan[]): CountWork => scans.reduce(tallied, newCountWork('c', 'lan'))

describe('counting on a device', () => {
  it('adds scans by zone, and codes that nobody knows beside them', () => {
    const work = after(scan('m', 1), scan('m', 2), scan('l', 3, { zoneNo: 2 }), scan(null, 4))
    expect([tallyOf(work, 1, 'm'), tallyOf(work, 2, 'l'), tallyOf(work, 1, '?893'), piecesIn(work, 1)]).toEqual([2, 1, 1, 3])
  })

  it('forgets a scan that nobody was told of, and tells the contrary of one that was', () => {
    const work = after(scan('m', 1), scan('m', 2))
    expect(untallied(work, 9)).toMatchObject({ zones: { 1: { m: 1 } }, untold: [{ atMs: 1 }], last: null })
    const told = { ...work, untold: [] }
    expect(untallied(told, 9)).toMatchObject({ zones: { 1: { m: 1 } }, untold: [{ qty: -1, atMs: 9 }], last: null })
  })

  it('never falls below nothing', () => {
    const work = after(scan('m', 1), scan('m', 2, { qty: -5 }))
    expect([work.zones[1], work.untold.map(({ qty }) => qty)]).toEqual([{}, [1, -1]])
  })

  it('tells one zone at a time, between the first and the last scan of each variant and round', () => {
    const work = after(scan('m', 1_000), scan('l', 2_000), scan('m', 3_000, { qty: 4 }), scan('m', 4_000, { round: 2 }), scan(null, 5_000), scan('m', 6_000, { zoneNo: 2 }), scan('l', 7_000))
    const { act, rest } = nextAct(work, 'a')!
    expect(act).toEqual({
      id: 'a', staff_id: 'lan', zone_no: 1, unknown: [{ code: '893', qty: 1 }],
      lines: [
        { variant_id: 'm', qty: 5, round: 1, first_at: '1970-01-01T00:00:01.000Z', last_at: '1970-01-01T00:00:03.000Z' },
        { variant_id: 'l', qty: 1, round: 1, first_at: '1970-01-01T00:00:02.000Z', last_at: '1970-01-01T00:00:02.000Z' },
        { variant_id: 'm', qty: 1, round: 2, first_at: '1970-01-01T00:00:04.000Z', last_at: '1970-01-01T00:00:04.000Z' },
      ],
    })
    expect(rest.map(({ zoneNo }) => zoneNo)).toEqual([2, 1])
    expect(nextAct({ ...work, untold: [] }, 'a')).toBeUndefined()
  })

  it('takes over what the server holds when it knows everything, and not before', () => {
    const held = [{ variant_id: 'm', zone_no: 1, pieces: 7 }, { variant_id: 'l', zone_no: null, pieces: 0 }]
    const work = after(scan('m', 1), scan(null, 2))
    expect(heldBy(work, held)).toBe(work)
    expect(heldBy({ ...work, untold: [] }, held).zones).toEqual({ 1: { '?893': 1, m: 7 } })
  })
})
