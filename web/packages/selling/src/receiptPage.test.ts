import { expect, test } from 'vitest'
import vectors from '../../../../tests/vectors/receipt_signatures.json'
import { receiptPage, receiptSignature } from './receiptPage.ts'

test('the till signs as the server does', () => {
  for (const { key, barcode, signature } of vectors) expect(receiptSignature(key, barcode)).toBe(signature)
})

test('the address holds digits only after its path', () => {
  const [first] = vectors
  expect(receiptPage('https://lua.example', first?.key ?? '', first?.barcode ?? '')).toBe(
    `https://lua.example/r/${first?.barcode ?? ''}${first?.signature ?? ''}`,
  )
})
