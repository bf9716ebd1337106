import fc from 'fast-check'
import { expect, test } from 'vitest'
import cases from '../../../../tests/vectors/search_vn.json'
import { readCatalogue, type Catalogue } from './catalogue.ts'
import { hitsOf, SearchIndex, type Found, type StyleHit } from './search.ts'
import { catalogueOf, snapshotOf } from './testing.ts'
import { folded, wordsOf } from './words.ts'

const catalogue = catalogueOf(5)
const index = new SearchIndex(catalogue)
const find = (text: string): StyleHit[] => hitsOf(catalogue, index.find(text))
const names = (text: string): string[] => find(text).map(({ style }) => style.name_vi)

test.each(cases.fold_cases)('folds $input', ({ input, nfd_input, folded: expected }) => {
  expect(folded(input)).toBe(expected)
  expect(folded(nfd_input)).toBe(expected)
})

test.each(cases.search_expect)('"$query" finds $must_find', ({ query, must_find }) => {
  const snapshot = snapshotOf(1)
  const face = snapshot.styles[0]
  if (face !== undefined) face.name_vi = must_find
  expect(new SearchIndex(readCatalogue(snapshot)).find(query)).toHaveLength(1)
})

test('marks, case and order of words do not matter, colour and size count', () => {
  const hits = find('M kem LUA dam')
  expect(hits).toHaveLength(1)
  expect(hits[0]?.variants.map(({ sku }) => sku)).toEqual(['DM0000-KEM-M'])
})

test('marks as typed go first: đầm is a dress before it is a dark blue', () => {
  expect(names('đầm')[0]).toBe('Đầm lụa tơ tằm cổ đổ')
  expect(names('đầm').length).toBeGreaterThan(1)
})

test('beginnings count, and every word must be found', () => {
  expect(names('kh lu')).toEqual(['Khăn lụa in họa tiết'])
  expect(names('khan tay')).toEqual([])
  expect(names('  ')).toEqual([])
})

test('a barcode or an SKU answers alone', () => {
  expect(find('2000000000000').map(({ variants }) => variants[0]?.sku)).toEqual(['DM0000-KEM-S'])
  expect(find('dm0003-den-xl').map(({ variants }) => variants[0]?.sku)).toEqual(['DM0003-DEN-XL'])
  expect(find('DM0003')[0]?.style.code).toBe('DM0003')
})

const SHOWN = 20

/** The rule of docs/rules/search.md said plainly: every variant is looked at, and a style is as good as its best. */
function byRule(known: Catalogue, text: string): Found[] {
  const fit = (asked: string, held: string, inName: boolean): number => {
    if (!folded(held).startsWith(folded(asked))) return 99
    const whole = folded(held).length === folded(asked).length
    if (held.startsWith(asked)) return whole ? 0 : 3
    return (whole ? 2 : 5) - (inName ? 1 : 0)
  }
  const best = (asked: string, texts: string, inName = false): number =>
    Math.min(99, ...wordsOf(texts).map((held) => fit(asked, held, inName)))
  const scored = known.styles.map((style, place) => {
    const scores = style.variants.map(({ colour, size }) => wordsOf(text).map((asked) => Math.min(
      best(asked, style.name_vi, true), best(asked, `${style.name_en} ${style.code}`),
      best(asked, `${colour.name_vi} ${colour.name_en} ${colour.code}`), best(asked, size),
    )).reduce((sum, one) => sum + one, 0))
    const fitting = scores.flatMap((score, at) => (score < 99 ? [at] : []))
    return { style: place, score: Math.min(...scores), variants: fitting.length === scores.length ? null : fitting }
  })
  return scored.filter(({ score }) => score < 99).sort((a, b) => a.score - b.score || a.style - b.style).slice(0, SHOWN)
    .map(({ style, variants }) => ({ style, variants }))
}

test('what is found is what the rule says, in its order, whatever is typed', () => {
  const snapshot = snapshotOf(30)
  // Not every style in every colour and size: two words may have to meet in one variant.
  snapshot.variants = snapshot.variants.filter((_, place) => (place * 7919) % 5 < 3)
  const known = readCatalogue(snapshot)
  const search = new SearchIndex(known)
  const words = fc.constantFrom('đ', 'd', 'da', 'dam', 'đầm', 'đậm', 'den', 'm', 'l', 'xl', 's', 'kem', 'ke', 'x', 'xanh', 'lua', 'lụa', 'silk', 'w', 'dm00', 't', 'trang', 'ao', 'n')
  fc.assert(fc.property(fc.array(words, { minLength: 1, maxLength: 4 }), (typed) => {
    expect(search.find(typed.join(' '), SHOWN)).toEqual(byRule(known, typed.join(' ')))
  }), { numRuns: 80 })
})

test('a key takes less than a frame over 100,000 variants', () => {
  const large = new SearchIndex(catalogueOf(5_000))
  const typed = ['d', 'da', 'dam', 'dam l', 'dam lua', 'dam lua k', 'dam lua kem', 'dam lua kem m', 'a', 'o', 'dm49']
  for (const text of typed) {
    // The best of seven: what the search costs, not what else the machine was doing.
    const times = Array.from({ length: 7 }, () => {
      const started = performance.now()
      large.find(text)
      return performance.now() - started
    })
    expect(Math.min(...times), text).toBeLessThan(16)
  }
})
