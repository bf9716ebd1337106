// A key and what is found for it, on a small catalogue. The catalogue's worker is the only thing that is not real here.

import 'fake-indexeddb/auto'
import { openCatalogue, packCatalogue } from '@placket/selling'
import { beforeAll, expect, test, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'

vi.stubGlobal('Worker', class { addEventListener(): void { /* it never answers */ } postMessage(): void { /* nor is it asked */ } })
const { clearSearch, followSearch, settledHits, useSearch } = await import('./search')
const { useGoods } = await import('./goods')
const { text, found } = useSearch()

function small(edition: string, name: string) {
  return openCatalogue(packCatalogue({
    edition, catalogue_version: 1, price_version: 1, server_time: '2026-11-26T09:00:00Z',
    colours: [{ code: 'KEM', name_vi: 'Kem', name_en: 'Cream', hex: '#eee' }], categories: [],
    styles: [{ id: 's', code: 'DM2041', name_vi: name, name_en: 'Dress', category_id: 'c', season: null, pictures: [] }],
    variants: [['v', 0, 0, 'M', 0, 'DM2041-KEM-M', 1_890_000, 800, null, null, ['2000000000015']]],
  }))
}

beforeAll(() => { useGoods().catalogue.value = small('1', 'Đầm lụa') })

test('what is found stands beside the key that asked for it, and digits that may be a scan wait', async () => {
  const scope = effectScope()
  scope.run(followSearch)
  text.value = 'dam lua kem m '
  await nextTick()
  expect(found.value).toMatchObject({ words: 'dam lua kem m', hits: [{ style: { code: 'DM2041' } }] })
  text.value = '*2'
  await nextTick()
  expect(found.value, 'a quantity is not looked for').toBeUndefined()
  text.value = '2000000000015'
  await nextTick()
  expect(found.value).toBeUndefined()
  expect(settledHits().map(({ style }) => style.code), 'whoever presses Enter does not wait').toEqual(['DM2041'])
  clearSearch()
  await nextTick()
  expect(found.value).toBeUndefined()
  scope.stop()
})

test('a new catalogue is looked through for what is typed', async () => {
  const scope = effectScope()
  scope.run(followSearch)
  text.value = 'ao dai'
  await nextTick()
  expect(found.value?.hits).toEqual([])
  useGoods().catalogue.value = small('2', 'Áo dài')
  await nextTick()
  expect(found.value?.hits.map(({ style }) => style.name_vi)).toEqual(['Áo dài'])
  scope.stop()
})
