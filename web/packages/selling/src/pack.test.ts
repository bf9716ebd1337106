import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextPriceAfter, openCatalogue, readCatalogue, type Catalogue, type CatalogueSnapshot, type VariantRow } from './catalogue.ts'
import { applyChanges, packCatalogue, type CatalogueChanges } from './pack.ts'
import { packStrings, placeOf, stringAt } from './strings.ts'
import { snapshotOf } from './testing.ts'

/** Everything a till can see of a catalogue. */
function seen(catalogue: Catalogue) {
  return {
    edition: catalogue.edition,
    versions: [catalogue.version, catalogue.priceVersion, catalogue.size],
    categories: catalogue.categories,
    styles: catalogue.styles.map(({ variants, ...face }) => ({
      ...face,
      variants: variants.map(({ style, ...variant }) => ({ ...variant, style: style.code })),
    })),
  }
}

test('strings are found again, whatever the case of their letters, and others are not', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 40 }), { selector: (text) => text.toUpperCase() }), fc.string(), (texts, other) => {
    const strings = packStrings(texts)
    texts.forEach((text, place) => {
      expect(stringAt(strings, place)).toBe(text)
      expect(placeOf(strings, text)).toBe(place)
    })
    if (!texts.some((text) => text.toUpperCase() === other.toUpperCase())) expect(placeOf(strings, other)).toBe(-1)
  }))
  expect(placeOf(packStrings(['DM0001-KEM-M']), 'dm0001-kem-m')).toBe(0)
})

test('a packed catalogue says what the snapshot says', () => {
  const snapshot = snapshotOf(3)
  snapshot.variants[7] = ['x', 0, 1, '36', 9, 'DM0000-DO-36', null, null, '2026-12-01T17:00:00Z', 199_000, ['96385074', '8936012345672']]
  const catalogue = readCatalogue(snapshot)
  const odd = catalogue.byId.get('x')
  expect(odd).toMatchObject({
    size: '36', sizePosition: 9, sku: 'DM0000-DO-36', priceVnd: null, vatBp: null, nextVnd: 199_000, barcodes: ['96385074', '8936012345672'],
  })
  expect(odd?.nextAtMs).toBe(Date.parse('2026-12-01T17:00:00Z'))
  expect(catalogue.byBarcode.get('8936012345672')).toBe(odd)
  expect(catalogue.bySku.get('DM0002-DEN-XL')?.style.code).toBe('DM0002')
  expect(catalogue.byId.get('nobody')).toBeUndefined()
  expect(catalogue.byBarcode.get('8936012345671')).toBeUndefined()
  for (const style of catalogue.styles) for (const variant of style.variants) expect(catalogue.byId.get(variant.id)).toBe(variant)
})

test('styles without variants are left out, and a row of an unknown style rises', () => {
  const snapshot = snapshotOf(2)
  snapshot.variants = snapshot.variants.filter(([, style]) => style === 1)
  expect(readCatalogue(snapshot).styles.map(({ code, index }) => [code, index])).toEqual([['DM0001', 0]])
  snapshot.variants[0] = ['x', 9, 0, 'M', 1, 'X', 1, 1, null, null, []]
  expect(() => readCatalogue(snapshot)).toThrow('variant X names no style or colour')
})

test('the next price is the earliest that has not begun yet', () => {
  const snapshot = snapshotOf(1)
  const at = (day: number): string => `2026-12-0${String(day)}T00:00:00Z`
  ;[3, 1, 2].forEach((day, place) => { const row = snapshot.variants[place]; if (row) row[8] = at(day) })
  const catalogue = readCatalogue(snapshot)
  expect(nextPriceAfter(catalogue, Date.parse(at(1)))).toBe(Date.parse(at(2)))
  expect(nextPriceAfter(catalogue, Date.parse(at(3)))).toBeNull()
})

/** Changes as the server finds them between two snapshots. */
function changesBetween(before: CatalogueSnapshot, after: CatalogueSnapshot): CatalogueChanges {
  const held = (snapshot: CatalogueSnapshot) => new Map(snapshot.styles.map((face, place) => {
    const rows = snapshot.variants.filter((row) => row[1] === place)
    return [face.id, { face, rows, mark: JSON.stringify([face, rows.map(([id, , colour, ...rest]) => [id, snapshot.colours[colour]?.code, ...rest])]) }]
  }))
  const [old, fresh] = [held(before), held(after)]
  return {
    edition: after.edition ?? '', snapshot: false, catalogue_version: after.catalogue_version, price_version: after.price_version,
    colours: after.colours, categories: after.categories,
    styles: [...fresh.values()].filter(({ face, mark }) => old.get(face.id)?.mark !== mark)
      .map(({ face, rows }) => ({ ...face, variants: rows.map(([id, , ...rest]) => [id, ...rest] as CatalogueChanges['styles'][0]['variants'][0]) })),
    removed: [...old.keys()].filter((id) => !fresh.has(id)),
  }
}

interface Edit {
  renamed: number[]
  priced: number[]
  gone: number[]
  isNew: number[]
  newColour: boolean
}

/** The next edition of a catalogue; ids fall as the server sorts, newest first. */
function edited(before: CatalogueSnapshot, edit: Edit): CatalogueSnapshot {
  const colours = edit.newColour ? [{ code: 'BE', name_vi: 'Be', name_en: 'Beige', hex: '#eeeeee' }, ...before.colours] : before.colours
  const shift = edit.newColour ? 1 : 0
  const all = before.styles.map((face, place) => ({
    face: edit.renamed.includes(place) ? { ...face, name_vi: `${face.name_vi} mới` } : face,
    rows: before.variants.filter((row) => row[1] === place).map((row): VariantRow => {
      const next: VariantRow = [...row]
      next[2] += shift
      if (edit.priced.includes(place)) next[6] = 555_000
      return next
    }),
  })).filter((_, place) => !edit.gone.includes(place))
  for (const number of edit.isNew) {
    const id = `s5-${String(number)}`
    const row: VariantRow = [`v-${id}`, 0, shift, 'M', 1, `NEW${String(number)}`, 1_000, 800, null, null, [`29000000000${String(number)}`]]
    all.push({ face: { id, code: `NEW${String(number)}`, name_vi: 'Mới', name_en: 'New', category_id: 'c', season: null, pictures: [] }, rows: [row] })
  }
  all.sort((a, b) => (a.face.id < b.face.id ? 1 : -1))
  return {
    ...before, edition: 'after', catalogue_version: 2, price_version: 8, colours, styles: all.map(({ face }) => face),
    variants: all.flatMap(({ rows }, place) => rows.map((row): VariantRow => { const next: VariantRow = [...row]; next[1] = place; return next })),
  }
}

test('changes applied equal the snapshot fetched anew, whatever has changed', () => {
  const some = fc.uniqueArray(fc.nat(5), { maxLength: 4 })
  const edit = fc.record({ renamed: some, priced: some, gone: some, isNew: some, newColour: fc.boolean() })
  const base = { ...snapshotOf(6), edition: 'before' }
  base.styles.reverse()
  base.variants = base.variants.map((row): VariantRow => { const next: VariantRow = [...row]; next[1] = 5 - row[1]; return next })
    .sort((a, b) => a[1] - b[1])
  fc.assert(fc.property(edit, (change) => {
    const after = edited(base, change)
    const applied = openCatalogue(applyChanges(packCatalogue(base), changesBetween(base, after)))
    expect(seen(applied)).toEqual(seen(readCatalogue(after)))
  }), { numRuns: 60 })
})

test('no change leaves the pack as it is', () => {
  const pack = packCatalogue({ ...snapshotOf(2), edition: 'same' })
  const nothing = { edition: 'same', snapshot: false, catalogue_version: 1, price_version: 7, colours: [], categories: [], styles: [], removed: [] }
  expect(applyChanges(pack, nothing)).toBe(pack)
})
