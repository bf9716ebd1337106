import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bridgeThat, restart, wipe, type Asked } from './testing'
// Read once before the first test, which has its seconds for itself.
import './printer'

const SETTINGS = { address: 'https://quay.test:8643', token: 'ma-cau-in' }
const PAPER = { kind: 'test' as const, raster: { bits: new Uint8Array(72 * 8), width: 576, height: 8, bytesPerRow: 72 }, title: 'HN03-1-1-0000001' }
const READY = { body: { state: 'ready', queue: 0, printer: 'XP-80' } }
const PRINTED = { body: { id: '', outcome: 'printed', state: 'ready', queue: 0 } }
const GONE = new TypeError('the cable was pulled')

async function start() {
  const { db } = await restart()
  const printer = await import('./printer')
  await printer.loadPrinter()
  return { ...printer, db, device: printer.usePrinter() }
}
const jobs = (heard: readonly Asked[]): Asked[] => heard.filter(({ path }) => path === '/jobs')

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  bridgeThat(() => READY)
  await wipe()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a paper goes to the bridge with the drawer, once', async () => {
  const app = await start()
  await app.setPrinter(SETTINGS)
  const heard = bridgeThat(() => PRINTED)
  expect(await app.print({ ...PAPER, drawer: true })).toBe('printed')
  expect(jobs(heard).map(({ body }) => [body.kind, body.copies, body.drawer])).toEqual([['test', 1, true]])
  expect([app.device.trouble.value, app.device.waiting.value]).toEqual([undefined, []])
})

test('what the bridge never heard of is kept through a restart and comes out under the same id, the drawer shut', async () => {
  const before = await start()
  await before.setPrinter(SETTINGS)
  const lost = bridgeThat(() => GONE)
  expect(await before.print({ ...PAPER, drawer: true })).toBe('waiting')
  expect(before.device.trouble.value).toBe('away')

  const heard = bridgeThat(({ path }) => (path === '/status' ? READY : PRINTED))
  const after = await start()
  await after.retryPapers()
  expect(jobs(heard)[0]?.body).toMatchObject({ id: jobs(lost)[0]?.body.id, drawer: false })
  expect([await after.db.papers.count(), after.device.waiting.value, after.device.trouble.value]).toEqual([0, [], undefined])
})

test('what waits at the bridge is not sent a second time', async () => {
  const app = await start()
  await app.setPrinter(SETTINGS)
  let queue = 1
  const heard = bridgeThat(({ path }) => ({
    body: path === '/status' ? { state: 'no_paper', queue, printer: 'XP-80' } : { id: '', outcome: 'waiting', state: 'no_paper', queue },
  }))
  expect(await app.print(PAPER)).toBe('waiting')
  expect(app.device.trouble.value).toBe('no_paper')
  await app.retryPapers()
  expect(app.device.waiting.value).toHaveLength(1)
  queue = 0
  await app.retryPapers()
  expect(app.device.waiting.value).toEqual([])
  expect(jobs(heard)).toHaveLength(1)
})

test.each([['wrong_token', 'wrong_token', 'waiting'], ['malformed', 'refused', 'refused']])('a bridge that says %s is told as %s', async (code, trouble, outcome) => {
  const app = await start()
  await app.setPrinter(SETTINGS)
  bridgeThat(() => ({ status: 403, body: { code } }))
  expect(await app.print(PAPER)).toBe(outcome)
  expect(app.device.trouble.value).toBe(trouble)
  expect(await app.openDrawer()).toBe(false)
})
