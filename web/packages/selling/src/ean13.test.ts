import { expect, test } from 'vitest'
import vectors from '../../../../tests/vectors/ean13_vectors.json'
import { ean13 } from './ean13.ts'

test('a known symbol, module for module', () => {
  // 4006381333931, as GS1 prints it: guard, L L G L G G (first digit 4), middle, R x 6, guard.
  expect(ean13('4006381333931')).toBe(
    '101' + '0001101' + '0100111' + '0101111' + '0111101' + '0001001' + '0110011' + '01010'
    + '1000010' + '1000010' + '1000010' + '1110100' + '1000010' + '1100110' + '101',
  )
})

test('every valid number is ninety-five modules, and no other is drawn', () => {
  for (const valid of [...vectors.valid, ...vectors.in_store.map(({ ean13: own }) => own)]) expect(ean13(valid)).toHaveLength(95)
  for (const invalid of vectors.invalid) expect(() => ean13(invalid)).toThrow('EAN-13')
})
