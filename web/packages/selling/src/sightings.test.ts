import { expect, test } from 'vitest'
import { Sightings } from './sightings.ts'

test('a code held before the camera is one scan, however long it is held', () => {
  const sightings = new Sightings()
  const counted = Array.from({ length: 100 }, (_, frame) => sightings.see('8936012345672', frame * 100)).filter(Boolean)
  expect(counted).toHaveLength(1)
})

test('out of sight for 1.2 seconds it counts again; another code counts at once', () => {
  const sightings = new Sightings()
  expect(sightings.see('1', 0)).toBe(true)
  expect(sightings.see('2', 50)).toBe(true)
  expect(sightings.see('1', 1_199)).toBe(false)
  expect(sightings.see('1', 2_398)).toBe(false)
  expect(sightings.see('1', 3_598)).toBe(true)
})
