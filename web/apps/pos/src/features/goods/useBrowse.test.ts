// The first page of tiles, on a small catalogue.

import 'fake-indexeddb/auto'
import { openCatalogue, packCatalogue } from '@placket/selling'
import { expect, test, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'

vi.stubGlobal('Worker', class { addEventListener(): void { /* it never answers */ } postMessage(): void { /* nor is it asked */ } })
const { BEST, useBrowse } = await import('./useBrowse')
const { useGoods } = await import('../../terminal/goods')

const styles = ['A', 'B', 'C'].map((code) => ({ id: code, code, name_vi: code, name_en: code, category_id: 'c', season: null, pictures: [] as [string | null, string][] }))
const sellsBest = (...best: string[]) => ({ revenue_vnd: 0, sales: 0, best_styles: best })

test('a tile stays where the hand has learned it, until somebody asks again what sells best', async () => {
  const { catalogue, today } = useGoods()
  catalogue.value = openCatalogue(packCatalogue({
    edition: '1', catalogue_version: 1, price_version: 1, server_time: '2026-11-26T09:00:00Z', colours: [{ code: 'KEM', name_vi: 'Kem', name_en: 'Cream', hex: '#eee' }],
    categories: [], styles,
    variants: styles.map(({ code }, place) => [code, place, 0, 'M', 0, `${code}-KEM-M`, 420_000, 800, null, null, []]),
  }))
  const scope = effectScope()
  const { category, hits } = scope.run(useBrowse) ?? (() => { throw new Error('no scope') })()
  const shown = (): string => hits.value.map(({ style }) => style.code).join('')
  expect(shown()).toBe('ABC')
  today.value = sellsBest('B')
  await nextTick()
  expect(shown(), 'the day has been told of').toBe('BAC')
  today.value = sellsBest('C', 'B')
  await nextTick()
  expect(shown(), 'a sale has been made').toBe('BAC')
  category.value = 'c'
  await nextTick()
  category.value = BEST
  await nextTick()
  expect(shown()).toBe('CBA')
  scope.stop()
})
