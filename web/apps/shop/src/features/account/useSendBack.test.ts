import { expect, it, vi } from 'vitest'
import { createApp, nextTick, ref } from 'vue'

it('says so when what was sent back cannot be read, keeps what is shown, and forgets the trouble once it can', async () => {
  let isThere = true
  vi.stubGlobal('fetch', () => (isThere ? Promise.resolve(Response.json([{ id: 'one' }])) : Promise.reject(new TypeError('no network'))))
  const { useSentBack } = await import('./useSendBack.ts')
  let back!: ReturnType<typeof useSentBack>
  const app = createApp({ setup: () => { back = useSentBack(ref({}), (key) => key); return () => null } })
  app.mount(document.createElement('div'))
  await vi.waitFor(() => expect(back.sentBack.value).toHaveLength(1))

  isThere = false
  await back.look()
  await nextTick()
  expect([back.lookTrouble.value, back.sentBack.value.length]).toEqual(['error.network', 1])

  isThere = true
  await back.look()
  expect(back.lookTrouble.value).toBe('')
  app.unmount()
})
