import { VueQueryPlugin } from '@tanstack/vue-query'
import { expect, it, vi } from 'vitest'
import { createApp, nextTick, shallowRef } from 'vue'

it('takes goods in under the same id again when the order was only read anew since no answer came', async () => {
  const ids: string[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    ids.push(((await request.json()) as { id: string }).id)
    throw new TypeError('no network')
  })
  const { i18n } = await import('../../i18n/index.ts')
  const { queries } = await import('../../api.ts')
  const { useDoor } = await import('./useDoor.ts')
  const order = shallowRef({ location_id: 'depot' })
  let door!: ReturnType<typeof useDoor>
  const setup = () => {
    door = useDoor(() => ({ placeId: order.value.location_id, orderId: 'order', supplierId: null }), () => undefined)
    return () => null
  }
  createApp({ setup }).use(i18n).use(VueQueryPlugin, { queryClient: queries }).mount(document.createElement('div'))
  const take = () => door.take.mutateAsync().catch(() => undefined)
  door.count('v', 'accepted', 3)
  await nextTick()
  await take()
  order.value = { location_id: 'depot' }
  await nextTick()
  await take()
  door.count('v', 'accepted', 1)
  await nextTick()
  await take()
  expect([ids[1] === ids[0], ids[2] === ids[0]]).toEqual([true, false])
}, 30_000)
