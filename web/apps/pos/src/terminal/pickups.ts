// Online orders that this branch picks, keeps ready, hands over or sends. The list is kept on the device: without network it can be
// read, and what is ready can be given to its customer by the code they show; everything else needs the server.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { byClock, isPicked, lineFor, listOf, scanPick, taskOfCode, type BoardPromise, type PickList, type Scans } from '@placket/selling'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { afresh } from './afresh'
import { moment } from './clock'
import { keep, kept } from './db'
import { recordEntry } from './journal'
import { sellsAlone } from './lights'
import { server } from './server'
import { play } from './sound'
import { drain, useSync } from './sync'
import { useTill } from './till'

export type Task = Schemas['TaskShown']
export type TaskLine = Schemas['TaskLine']

const tasks = shallowRef<Task[]>([])
const heardAt = ref<number>()
/** Orders that were given away here and that the server still lists. */
const given = shallowRef<string[]>([])
/** What has been scanned of lines whose bag is still open. */
const scans = shallowRef<Scans>({})
/** Orders that have just come: shown until somebody looks. */
const news = shallowRef<Task[]>([])
/** The code of an order that was scanned on the sale screen. */
const wanted = ref<string>()
const busy = reactive(new Set<string>())
let known: Set<string> | undefined
let loaded: Promise<void> | undefined

/** What the device holds, whatever the line is. */
export function loadPickups(): Promise<void> {
  loaded ??= (async () => {
    const [held, gone] = await Promise.all([kept('order_tasks'), kept('orders_given')])
    tasks.value = held?.items ?? []
    heardAt.value = held?.heardAtMs
    given.value = gone ?? []
  })()
  return loaded
}

/** Ask what is to be done; without an answer what is held stays. A new order is told with a chime. */
export const refreshPickups = afresh(async () => {
  await loadPickups()
  if (!useTill().may('stock.pick')) return
  try {
    await took(await server.orderTasks())
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
})

async function took(rows: Task[]): Promise<void> {
  const waiting = rows.filter((row) => !isPicked(row))
  const fresh = known === undefined ? [] : waiting.filter((row) => known?.has(row.order_id) !== true)
  known = new Set(waiting.map(({ order_id: id }) => id))
  tasks.value = rows
  heardAt.value = Date.now()
  given.value = given.value.filter((id) => rows.some(({ order_id: row }) => row === id))
  news.value = [...news.value.filter(({ order_id: id }) => waiting.some((row) => row.order_id === id)), ...fresh]
  if (fresh.length > 0) play('chime')
  await Promise.all([keep('order_tasks', { heardAtMs: heardAt.value, items: rows }), keep('orders_given', given.value)])
}

/** Look again whenever the board says that something of an online order has changed here. Called once by the app. */
export function watchPickups(): void {
  void loadPickups()
  const { board } = useSync()
  const { isJoined, session } = useTill()
  const sign = computed(() => (board.value?.promises ?? []).filter(isOfOrder).map(({ id, phase, search_at: since }) => `${id}${phase}${since ?? ''}`).join())
  watch([sign, isJoined, () => session.value?.staff.id], () => { if (isJoined.value) void refreshPickups() })
}

/** A promise to somebody who has paid on the web, or pays on delivery. */
export const isOfOrder = ({ kind, paid }: BoardPromise): boolean => paid && (kind === 'ship' || kind === 'collect')

export function dismissPickups(): void {
  news.value = []
}

/** Once at a time for each order. */
async function act<T>(orderId: string, work: () => Promise<T>): Promise<T | undefined> {
  if (busy.has(orderId)) return undefined
  busy.add(orderId)
  try {
    return await work()
  } finally {
    busy.delete(orderId)
  }
}

/** The pieces of a line go into a bag; answers the line with the code of its bag. */
export const pickLine = (task: Task, line: TaskLine): Promise<TaskLine | undefined> => act(task.order_id, async () => {
  const now = await server.pickOrder(task.order_id, line.promise_id)
  const { [line.promise_id]: _, ...others } = scans.value
  scans.value = others
  tasks.value = tasks.value.map((one) => (one.order_id === now.order_id ? now : one))
  return now.lines.find(({ promise_id: id }) => id === line.promise_id)
})

/** Somebody looked: the pieces are not there. The order goes on elsewhere, or they are paid back. */
export const sayShort = (task: Task, line: TaskLine): Promise<true | undefined> => act(task.order_id, async () => {
  await took(await server.shortOrder(task.order_id, line.promise_id))
  return true as const
})

export const shipTask = (task: Task, carrier: string, trackingNo: string): Promise<true | undefined> => act(task.order_id, async () => {
  await server.shipOrder(task.order_id, { location_id: task.location_id, carrier, tracking_no: trackingNo === '' ? null : trackingNo })
  return leaves(task)
})

/** Give what is ready to whoever shows its code: told at once, or without network written down, and told when the line is back. */
export const handOver = (task: Task, code: string): Promise<true | undefined> => act(task.order_id, async () => {
  if (sellsAlone()) await handOverAlone(task)
  else await server.handOverOrder(task.order_id, { location_id: task.location_id, code })
  return leaves(task)
})

/** The code was compared here; the server hears of one bag, and the whole order has left with it. */
async function handOverAlone(task: Task): Promise<void> {
  const { series, session } = useTill()
  const [first] = task.lines
  if (first === undefined) return
  const taken: Record<string, number> = {}
  for (const { variant_id: id, qty } of task.lines) taken[id] = (taken[id] ?? 0) + qty
  const body = { promise_id: first.promise_id, staff_id: session.value?.staff.id ?? '' }
  await recordEntry('HANDOVER', series.value.opening, body, () => keep('orders_given', [...given.value, task.order_id]), taken)
  void drain()
}

async function leaves(task: Task): Promise<true> {
  given.value = [...given.value, task.order_id]
  await keep('orders_given', given.value)
  return true
}

/** One scanned piece: counted, and its bag is full with the last. */
export function scanPiece(variantId: string, openId: string | undefined): { task: Task; line: TaskLine; full: boolean } | undefined {
  const found = lineFor(usePickups().toPick.value, variantId, openId)
  if (found === undefined) return undefined
  const done = scanPick(scans.value, found.line)
  scans.value = done.scans
  return { ...found, full: done.full }
}

/** Have the order of a code shown by the screen that lists them; answers false when none has it. */
export function wantPickup(code: string): boolean {
  const { open, toShelf } = usePickups()
  const known = taskOfCode(open.value, code) !== undefined || toShelf.value.some(({ bag_code: bag }) => bag === code)
  if (known) wanted.value = code
  return known
}

export function usePickups() {
  const { board } = useSync()
  const open = computed(() => tasks.value.filter(({ order_id: id }) => !given.value.includes(id)).toSorted(byClock))
  const listed = (list: PickList) => computed(() => open.value.filter((task) => listOf(task, moment.value) === list))
  /** Bags that nobody fetched, or whose order was cancelled: their pieces go back on the shelf. */
  const toShelf = computed(() => (board.value?.promises ?? []).filter((one) => one.phase === 'to_scan_back' && (one.kind === 'ship' || one.kind === 'collect')))
  return { open, toPick: listed('pick'), ready: listed('ready'), late: listed('late'), toShelf, heardAt, scans, news, wanted, busy }
}
