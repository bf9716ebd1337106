import { expect, it, vi } from 'vitest'

it('opens a screen when the places of the chain are known: forms choose their first place as they open', async () => {
  const order: string[] = []
  vi.stubGlobal('fetch', async ({ url }: Request) => {
    if (!url.endsWith('/api/locations')) return Response.json({ permissions: {} })
    await new Promise((far) => setTimeout(far, 200))
    order.push('places')
    return Response.json({ items: [] })
  })
  await import('./features/profile/ProfileView.vue')
  const { router } = await import('./router.ts')
  router.afterEach(({ name }) => void order.push(String(name)))
  await router.push('/profile')
  await vi.waitFor(() => expect(order).toContain('places'))
  expect(order).toEqual(['places', 'profile'])
}, 30_000)
