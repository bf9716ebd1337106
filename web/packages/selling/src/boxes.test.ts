import { expect, test } from 'vitest'
import { differencesOf, newBoxWork, piecesOf, scanInto, takeBack, type BoxWork } from './boxes.ts'

const lines = [
  { variant_id: 'm', asked: 3, picked: 1, on_the_way: 10 },
  { variant_id: 'l', asked: 2, picked: 0, on_the_way: 2 },
]

function scans(work: BoxWork, ...pieces: [string, 'good' | 'damaged'][]): BoxWork {
  return pieces.reduce((now, [variantId, as], place) => {
    const done = scanInto(now, lines, variantId, as, `act-${String(place)}`)
    if (!done.ok) throw new Error(done.reason)
    return done.work
  }, work)
}

test('into a box goes what is asked for and no more', () => {
  const work = scans(newBoxWork('t', 'pick', 'act'), ['m', 'good'], ['m', 'good'])
  expect(work.counts).toEqual({ m: { good: 2, damaged: 0 } })
  expect(scanInto(work, lines, 'm', 'good', 'next')).toEqual({ ok: false, reason: 'enough' })
  expect(scanInto(work, lines, 'x', 'good', 'next')).toEqual({ ok: false, reason: 'not_on' })
})

test('nine good pieces and a damaged one of ten leave one task', () => {
  const work = scans(newBoxWork('t', 'receive', 'act'), ...Array.from({ length: 9 }, (): [string, 'good'] => ['m', 'good']), ['m', 'damaged'])
  expect(piecesOf(work)).toBe(10)
  expect(differencesOf(work, lines.slice(0, 1))).toEqual({ missing: 0, damaged: 1, extra: 0 })
})

test('out of a box comes whatever is in it', () => {
  const work = scans(newBoxWork('t', 'receive', 'act'), ['l', 'good'], ['l', 'good'], ['l', 'good'], ['x', 'good'])
  expect(differencesOf(work, lines)).toEqual({ missing: 10, damaged: 0, extra: 2 })
})

test('the last scan is taken back under a new id, and once', () => {
  const work = scans(newBoxWork('t', 'receive', 'act'), ['m', 'good'], ['m', 'damaged'])
  expect(work).toMatchObject({ actId: 'act-1', last: { variantId: 'm', as: 'damaged' } })
  const back = takeBack(work, 'm', 'damaged', 'act-2')
  expect(back).toEqual({ transferId: 't', kind: 'receive', actId: 'act-2', counts: { m: { good: 1, damaged: 0 } }, last: null })
  expect(takeBack(takeBack(back, 'm', 'good', 'a'), 'm', 'good', 'b').counts).toEqual({})
})
