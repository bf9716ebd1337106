import { expect, it } from 'vitest'
import { besideOrder, countedAtDoor, deliveredBy, newDoorWork, sumsAtDoor, type AtDoor, type DoorWork } from './door.ts'

const scanned = (...scans: [variantId: string, as: AtDoor, by?: 1 | -1][]): DoorWork =>
  scans.reduce((work, [variantId, as, by = 1], no) => countedAtDoor(work, variantId, as, by, `act-${String(no)}`), newDoorWork('order', 'act'))

it('counts what comes in and what goes back, for the reason given last', () => {
  const work = scanned(['m', 'accepted'], ['m', 'accepted'], ['m', 'damaged'], ['l', 'quality'], ['m', 'wrong_item'])
  expect(deliveredBy(work)).toEqual([
    { variant_id: 'l', accepted: 0, rejected: 1, reason: 'quality' },
    { variant_id: 'm', accepted: 2, rejected: 2, reason: 'wrong_item' },
  ])
  expect([sumsAtDoor(work), work.last, work.actId]).toEqual([{ accepted: 2, rejected: 3 }, { variantId: 'm', as: 'wrong_item' }, 'act-4'])
})

it('takes pieces back down to nothing, and a reason with the last of them', () => {
  expect(deliveredBy(scanned(['m', 'accepted'], ['m', 'late'], ['m', 'late', -1]))).toEqual([{ variant_id: 'm', accepted: 1, rejected: 0, reason: null }])
  expect(scanned(['m', 'late'], ['m', 'late', -1], ['m', 'accepted', -1]).counts).toEqual({})
})

it('says what the order still lacks and what nobody had ordered; what goes back has not come', () => {
  const lines = [{ variant_id: 'm', ordered: 5, received: 3 }, { variant_id: 'l', ordered: 4, received: 0 }]
  const work = scanned(['m', 'accepted'], ['m', 'accepted'], ['m', 'accepted'], ['l', 'accepted'], ['l', 'damaged'], ['x', 'accepted'])
  expect(besideOrder(work, lines)).toEqual({ short: 3, beyond: 2 })
})
