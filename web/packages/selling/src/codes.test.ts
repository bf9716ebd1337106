import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import ean13 from '../../../../tests/vectors/ean13_vectors.json'
import { code128 } from './code128.ts'
import { checkDigit, OWN_CODES, OWN_ITEM_PREFIX, ownCode, routeCode, typedQuantity, type OwnKind } from './codes.ts'
import { newId } from './ids.ts'
import { catalogueOf } from './testing.ts'

const catalogue = catalogueOf(1)
/** Number 12 of our own, as the catalogue numbers goods and prints their tags: `own_barcode(12)`. */
const SHELF_TAG = `${OWN_ITEM_PREFIX}0000000012${String(checkDigit(`${OWN_ITEM_PREFIX}0000000012`))}`

/** A catalogue that knows these barcodes, all of one variant. */
function goodsOf(...barcodes: string[]) {
  const variant = catalogue.styles[0]?.variants[0]
  return { byBarcode: new Map(barcodes.map((code) => [code, variant])), bySku: new Map() } as unknown as typeof catalogue
}

test('an item by barcode, by SKU, and by our own EAN-13', () => {
  expect(routeCode(' 2000000000001 ', catalogue)).toMatchObject({ kind: 'item', variant: { sku: 'DM0000-KEM-M' } })
  expect(routeCode('dm0000-kem-m', catalogue)).toMatchObject({ kind: 'item' })
  expect(routeCode(SHELF_TAG, goodsOf(SHELF_TAG)).kind).toBe('item')
  expect(SHELF_TAG).toBe('2000000000121')
  expect(routeCode('8930000000002', catalogue)).toEqual({ kind: 'unknown', code: '8930000000002', misread: false })
  expect(routeCode('8930000000001', catalogue)).toEqual({ kind: 'unknown', code: '8930000000001', misread: true })
})

test('one number in its several lengths is one item: EAN-8, UPC-E, UPC-A, EAN-13, GTIN-14', () => {
  expect(routeCode('96385074', goodsOf('96385074')).kind).toBe('item')
  const [short, upc] = ['04252614', '042100005264']
  for (const kept of [upc, `0${upc}`]) {
    for (const scanned of [short, upc, `0${upc}`, `00${upc}`]) expect([kept, scanned, routeCode(scanned, goodsOf(kept)).kind]).toEqual([kept, scanned, 'item'])
  }
  expect(routeCode('01234565', goodsOf('012345000065')).kind).toBe('item')
  expect(routeCode('01278906', goodsOf('012000007896')).kind).toBe('unknown')
})

test('a receipt of till 12, epoch 1, number 147', () => {
  const barcode = ownCode('receipt', '0012010000147')
  expect(barcode).toHaveLength(16)
  expect(routeCode(barcode, catalogue)).toEqual({ kind: 'receipt', code: barcode, barcode, tillNo: 12, epoch: 1, receiptNo: 147 })
})

test('each kind of code we print says what it is', () => {
  expect(routeCode(ownCode('member', 123), catalogue)).toMatchObject({ kind: 'member', code: '040000001232', customerNo: 123 })
  expect(routeCode(ownCode('badge', '0000420815'), catalogue)).toMatchObject({ kind: 'badge', staffNo: 42, secret: '0815' })
  expect(routeCode(ownCode('voucher', 7), catalogue)).toMatchObject({ kind: 'voucher', voucherNo: 7 })
  expect(routeCode(ownCode('promise', 7), catalogue)).toMatchObject({ kind: 'promise', promiseNo: 7 })
  expect(routeCode(ownCode('bag', 7), catalogue)).toMatchObject({ kind: 'bag', bagNo: 7 })
  expect(routeCode(ownCode('transfer', 7), catalogue)).toMatchObject({ kind: 'transfer', transferNo: 7 })
})

test('one wrong digit is never taken for another code: it is a misread', () => {
  const kinds = Object.keys(OWN_CODES) as OwnKind[]
  fc.assert(fc.property(
    fc.constantFrom(...kinds), fc.integer({ min: 0, max: 10 ** 9 - 1 }), fc.nat(), fc.integer({ min: 1, max: 9 }),
    (kind, number, where, by) => {
      const right = ownCode(kind, number)
      expect(routeCode(right, catalogue).kind).toBe(kind)
      const place = 2 + (where % (right.length - 2))
      const wrong = right.slice(0, place) + String((Number(right[place]) + by) % 10) + right.slice(place + 1)
      expect(routeCode(wrong, catalogue)).toEqual({ kind: 'unknown', code: wrong, misread: true })
    },
  ))
})

test('goods go before our own kinds, whatever their number begins with', () => {
  const code = ownCode('promise', 7)
  expect(routeCode(code, goodsOf(code)).kind).toBe('item')
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

test.each(['0200120100001471', '0700000000420'])('an independent reader reads the symbol of %s back', async (digits) => {
  const bars = code128(digits)
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
  expect(found.map(({ text, format }) => [text, format])).toEqual([[digits, 'Code128']])
})
