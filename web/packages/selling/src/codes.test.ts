import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import ean13 from '../../../../tests/vectors/ean13_vectors.json'
import { code128 } from './code128.ts'
import { checkDigit, readCode, typedQuantity } from './codes.ts'
import { newId } from './ids.ts'
import { catalogueOf } from './testing.ts'

const catalogue = catalogueOf(1)

test('an item by barcode, by UPC-A and by SKU', () => {
  expect(readCode(' 2000000000001 ', catalogue)).toMatchObject({ kind: 'item', variant: { sku: 'DM0000-KEM-M' } })
  expect(readCode('dm0000-kem-m', catalogue)).toMatchObject({ kind: 'item' })
  expect(readCode('8930000000000', catalogue)).toEqual({ kind: 'unknown', code: '8930000000000' })
})

test('a receipt of till 12, epoch 1, number 147', () => {
  const digits = '020012010000147'
  const barcode = `${digits}${String(checkDigit(digits))}`
  expect(barcode).toHaveLength(16)
  expect(readCode(barcode, catalogue)).toEqual({ kind: 'receipt', barcode, tillNo: 12, epoch: 1, receiptNo: 147 })
  const wrong = `${digits}${String((checkDigit(digits) + 1) % 10)}`
  expect(readCode(wrong, catalogue).kind).toBe('unknown')
})

test('check digits are EAN-13\u2019s', () => {
  const codes = JSON.stringify(ean13).match(/"\d{13}"/g)?.map((code) => code.slice(1, -1)) ?? []
  expect(codes.length).toBeGreaterThan(3)
  expect(codes.filter((code) => checkDigit(code.slice(0, -1)) === Number(code.at(-1))).length).toBeGreaterThan(3)
  expect(checkDigit('400638133393')).toBe(1)
})

test('*12 typed before a scan is twelve pieces', () => {
  expect([typedQuantity('*12'), typedQuantity(' *3 '), typedQuantity('12'), typedQuantity('*0')]).toEqual([12, 3, 1, 1])
})

test('every symbol of Code 128 is eleven modules, with as many bars as the standard asks for', () => {
  const bars = code128('0200120100001471')
  expect(bars).toHaveLength((1 + 8 + 1) * 11 + 13)
  expect(bars.startsWith('11010011100')).toBe(true) // start C
  expect(bars.endsWith('1100011101011')).toBe(true) // stop
  for (let at = 0; at < bars.length - 13; at += 11) {
    const symbol = bars.slice(at, at + 11)
    expect(symbol.startsWith('1') && symbol.endsWith('0')).toBe(true)
    expect([...symbol].filter((module) => module === '1').length % 2).toBe(0)
  }
})

test('ids are UUIDv7 and sort by the moment they were made', () => {
  const ids = [1_000, 2_000, 2 ** 41].map((at) => newId(at))
  expect([...ids].sort()).toEqual(ids)
  expect(newId()).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
})

test('an independent reader reads the symbol of a receipt back', async () => {
  const bars = code128('0200120100001471')
  const [module, quiet, height] = [3, 30, 80]
  const width = bars.length * module + quiet * 2
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < bars.length * module; x += 1) {
      if (bars[Math.floor(x / module)] === '1') data.fill(0, (y * width + x + quiet) * 4, (y * width + x + quiet) * 4 + 3)
    }
  }
  const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
  await prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(wasm).buffer }, fireImmediately: true })
  const found = await readBarcodes({ data, width, height, colorSpace: 'srgb' } as ImageData, { formats: ['Code128'] })
  expect(found.map(({ text, format }) => [text, format])).toEqual([['0200120100001471', 'Code128']])
})
