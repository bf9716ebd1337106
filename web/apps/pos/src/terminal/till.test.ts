import 'fake-indexeddb/auto'
import { expect, test, vi } from 'vitest'
import { watch } from 'vue'

const LAN = { token: 'lan', expires_at: '2099-01-01T00:00:00Z', staff: { id: 'lan', full_name: 'Lan', code: '1' }, permissions: { 'sale.sell': {} } }

test('a session that ends while the screen opens for it leaves the till locked, not open for nobody', async () => {
  vi.stubGlobal('fetch', ({ url }: Request) =>
    url.endsWith('/api/till/sign-in') ? Promise.resolve(Response.json(LAN)) : Promise.reject(new TypeError('Failed to fetch')))
  const { lock, signIn, useTill } = await import('./till')
  const { phase, session, reason } = useTill()
  watch(phase, (now) => { if (now === 'opening') void lock('session_ended') }, { flush: 'sync' })
  await signIn('lan', '246813')
  expect([phase.value, session.value, reason.value]).toEqual(['locked', undefined, 'session_ended'])
}, 30_000)
