// How often the worker is asked for one key. The worker is the only thing that is not real here.

import 'fake-indexeddb/auto'
import { expect, test, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'

test('a key that was foreseen is asked about once, and what was only foreseen is forgotten', async () => {
  const asked: string[] = []
  vi.stubGlobal('Worker', class {
    addEventListener(): void { /* it never answers */ }
    postMessage({ wanted }: { wanted: { ask: string; text: string } }): void { asked.push(wanted.text) }
  })
  const { clearSearch, foresee, followSearch, useSearch } = await import('./search')
  const scope = effectScope()
  scope.run(followSearch)
  foresee('á')
  useSearch().text.value = 'á'
  await nextTick()
  expect(asked).toEqual(['á'])
  foresee('*1')
  foresee('8936')
  expect(asked, 'a quantity, and what may be a scan, are not looked for').toEqual(['á'])
  clearSearch()
  scope.stop()
}, 20_000)
