import { expect, test } from 'vitest'
import { einvoiceCode, type EinvoiceRange } from './einvoice.ts'

const RANGE: EinvoiceRange = {
  epoch: 2,
  block: 3,
  terms: [
    { from_on: '2027-01-01', form: 1, letter: 'T', signs: 'ABCDE' },
    { from_on: '2026-07-01', form: 1, letter: 'M', signs: 'ABCDE' },
  ],
}
const receipt = { epoch: 2, no: 127, soldAt: '2026-11-26T03:00:00Z' }

test('a receipt bears the code that the server will write on its e-invoice', () => {
  expect(einvoiceCode(RANGE, receipt)).toBe('M1-26-ABCDE-00003000127')
})

test('the day is that of Vietnam', () => {
  expect(einvoiceCode(RANGE, { ...receipt, soldAt: '2026-06-30T17:00:00Z' })).toBe('M1-26-ABCDE-00003000127')
  expect(einvoiceCode(RANGE, { ...receipt, soldAt: '2026-06-30T16:59:59Z' })).toBeNull()
})

test('where the authority gives the code, in another journal, or beyond the block there is none', () => {
  expect(einvoiceCode(RANGE, { ...receipt, soldAt: '2027-01-01T03:00:00Z' })).toBeNull()
  expect(einvoiceCode(RANGE, { ...receipt, epoch: 1 })).toBeNull()
  expect(einvoiceCode(RANGE, { ...receipt, no: 1_000_000 })).toBeNull()
})
