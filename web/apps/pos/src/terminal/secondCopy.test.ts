import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bridgeThat, restart, sell, wipe } from './testing'
// Read once before the first test, which has its seconds for itself.
import './secondCopy'

const SETTINGS = { address: 'https://quay.test:8643', token: 'ma-cau-in' }

/** A bridge that keeps entries as the real one does: in order, without holes, of one history. */
function keeper(begun: readonly string[] = []) {
  const kept = [...begun]
  let there = true
  bridgeThat(({ method, path, body }) => {
    if (!there) return new TypeError('the cable was pulled')
    if (path === '/status') return { body: { state: 'ready', queue: 0, printer: 'XP-80' } }
    if (method === 'GET') return { body: { items: [{ till: 'till', epoch: 1, head: kept.length }] } }
    for (const { seq, hash } of body.entries as { seq: number; hash: string }[]) {
      if (seq > kept.length + 1) return { status: 409, body: { code: 'copy_gap', expected: kept.length + 1 } }
      if (seq <= kept.length && kept[seq - 1] !== hash) return { status: 409, body: { code: 'copy_forked' } }
      kept[seq - 1] = hash
    }
    return { body: { head: kept.length } }
  })
  return { kept, pull: () => { there = false }, plug: () => { there = true } }
}

async function start() {
  const app = await restart()
  const printer = await import('./printer')
  await printer.setPrinter(SETTINGS)
  const copy = await import('./secondCopy')
  return { ...app, catchUp: copy.catchUp, copy: copy.useSecondCopy() }
}
const hashes = async ({ db }: Awaited<ReturnType<typeof start>>): Promise<string[]> => (await db.journal.orderBy('[till+epoch+seq]').toArray()).map(({ hash }) => hash)

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  keeper()
  await wipe()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('every entry stands in the copy; one that was cut off catches up', async () => {
  const bridge = keeper()
  const app = await start()
  await sell(app, 1)
  await app.catchUp()
  expect([bridge.kept, app.copy.behind.value]).toEqual([await hashes(app), 0])

  bridge.pull()
  await sell(app, 2)
  await sell(app, 3)
  await app.catchUp()
  expect([bridge.kept.length, app.copy.behind.value]).toEqual([1, 2])

  bridge.plug()
  await app.catchUp()
  expect([bridge.kept, app.copy.head.value, app.copy.behind.value]).toEqual([await hashes(app), 3, 0])
})

test('a copy that lost its last entries is given them again', async () => {
  const bridge = keeper()
  const app = await start()
  await sell(app, 1)
  await sell(app, 2)
  await app.catchUp()
  bridge.kept.length = 0
  await sell(app, 3)
  await app.catchUp()
  expect([bridge.kept, app.copy.forked.value]).toEqual([await hashes(app), false])
})

test('a copy of another history is left as it is, and said so', async () => {
  const ahead = keeper(['of', 'another', 'device'])
  const app = await start()
  await sell(app, 1)
  await app.catchUp()
  expect([ahead.kept, app.copy.forked.value, app.copy.behind.value]).toEqual([['of', 'another', 'device'], true, 0])
})
