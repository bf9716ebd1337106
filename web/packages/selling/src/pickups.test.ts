import { expect, test } from 'vitest'
import { lineFor, listOf, minutesTo, scanPick, taskOfCode, type PickLine, type PickTask } from './pickups.ts'

const AT = '2026-11-26T03:00:00Z'
const NOW_MS = Date.parse(AT)

const line = (variantId: string, more: Partial<PickLine> = {}): PickLine =>
  ({ promise_id: `p-${variantId}`, variant_id: variantId, qty: 1, phase: 'confirmed', bag_code: null, search_at: null, ...more })

const task = (id: string, lines: PickLine[], more: Partial<PickTask> = {}): PickTask =>
  ({ order_id: id, kind: 'collect', due_at: '2026-11-26T05:00:00Z', keep_until: null, pick_up_code: null, lines, ...more })

test('a task waits for picking until its last piece is in a bag, then for its customer until the last moment', () => {
  const bagged = line('m', { phase: 'bagged' })
  expect(listOf(task('a', [bagged, line('l')]), NOW_MS)).toBe('pick')
  expect(listOf(task('a', [bagged], { keep_until: '2026-11-26T03:00:01Z' }), NOW_MS)).toBe('ready')
  expect(listOf(task('a', [bagged], { keep_until: AT }), NOW_MS)).toBe('late')
  expect(listOf(task('a', [bagged], { keep_until: AT, kind: 'ship' }), NOW_MS)).toBe('ready')
})

test('the clock counts whole minutes down, and those since', () => {
  expect(minutesTo('2026-11-26T03:02:59Z', NOW_MS)).toBe(2)
  expect(minutesTo('2026-11-26T02:58:30Z', NOW_MS)).toBe(-2)
})

test('a scanned piece goes to the most urgent order that lacks one, or to the order in hand', () => {
  const later = task('later', [line('m')])
  const sooner = task('sooner', [line('m'), line('l', { phase: 'bagged' })], { due_at: '2026-11-26T04:00:00Z' })
  expect(lineFor([later, sooner], 'm', undefined)?.task.order_id).toBe('sooner')
  expect(lineFor([later, sooner], 'm', 'later')?.task.order_id).toBe('later')
  expect(lineFor([later, sooner], 'l', undefined)).toBeUndefined()
})

test('a bag is full with the last piece of its line', () => {
  const two = line('m', { qty: 2 })
  const once = scanPick({}, two)
  expect(once).toEqual({ scans: { 'p-m': 1 }, full: false })
  expect(scanPick(once.scans, two)).toEqual({ scans: { 'p-m': 2 }, full: true })
})

test("a task is found by its customer's code and by its bag's", () => {
  const found = task('a', [line('m', { phase: 'bagged', bag_code: '0700000000017' })], { pick_up_code: '0500000000019' })
  expect([taskOfCode([found], '0500000000019'), taskOfCode([found], '0700000000017'), taskOfCode([found], '0500000000026')]).toEqual([found, found, undefined])
})
