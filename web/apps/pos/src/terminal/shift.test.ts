import 'fake-indexeddb/auto'
import { expect, test, vi } from 'vitest'
import { restart, wipe } from './testing'
// Read before the first test, which has its seconds for itself.
import './shift'

const SHUT = { shift: null, last: null, may_approve: false, cash_out_vnd_max: 500_000, variance_vnd_max: 50_000 }

test('an answer from before what was done here alone does not undo it', async () => {
  await wipe()
  let tell: (() => void) | undefined
  vi.stubGlobal('fetch', ({ url }: Request) =>
    url.endsWith('/api/till/shift') ? new Promise((answer) => (tell = () => answer(Response.json(SHUT)))) : Promise.reject(new TypeError('no network')))
  await restart()
  const { openShift, refreshShift, useShift } = await import('./shift')
  const { isJoined } = (await import('./till')).useTill()
  const { kept } = await import('./db')
  isJoined.value = true
  const refreshed = refreshShift()
  await vi.waitFor(() => expect(tell).toBeDefined())
  isJoined.value = false
  await openShift('shift', {}, '')
  tell!()
  await refreshed
  expect([useShift().now.value?.shift?.id, (await kept('shift_now'))?.shift?.id]).toEqual(['shift', 'shift'])
})
