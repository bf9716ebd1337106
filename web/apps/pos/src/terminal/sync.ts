// Between this till's journal and the server: hand in what waits, keep the board, give the word, and beat every five seconds.
// Nothing here stops a sale; whatever fails is tried again.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { inHand, nextPush, replaces, type Board, type BoardPromise } from '@placket/selling'
import { reactive, shallowRef, toRefs } from 'vue'
import { setServerTime } from './clock'
import { keep, kept } from './db'
import { noteAcknowledged, unsendFrom, useJournal, type EntryOutcome } from './journal'
import { useInvoices } from './invoices'
import { server } from './server'
import { requestsNow } from './settled'

interface Line {
  /** The last question to the server was answered. */
  reachable: boolean
  sending: boolean
  heardAtMs: number
  /** Other tills of this branch that the server does not hear. */
  silent: Schemas['Silent'][]
}

/** What the rest of the till does about what the server says. */
interface Hooks {
  opening: () => number
  /** The server is there, and took so long to say so: come back on line if the till is not. */
  onAnswer: (attached: boolean, tookMs: number) => void
  onRevoked: () => void
  onForked: () => void
}

const line = reactive<Line>({ reachable: true, sending: false, heardAtMs: 0, silent: [] })
const board = shallowRef<Board>()
let hooks: Hooks | undefined
let running: Promise<boolean> | undefined
let wordDue = false
let timer: ReturnType<typeof setTimeout> | undefined

const BEAT_MS = 5_000
const GAPS = 3

export async function loadBoard(): Promise<void> {
  board.value = await kept('board')
}

/** Beat from now on. */
export function startSync(given: Hooks): void {
  hooks = given
  clearTimeout(timer)
  void beat()
}

export function stopSync(): void {
  hooks = undefined
  clearTimeout(timer)
}

/** Hand in what waits; answers whether nothing waits any more. Asked again meanwhile, it is the same work. */
export function drain(): Promise<boolean> {
  running ??= drainAll().finally(() => { running = undefined })
  return running
}

/** Hand in what waits, for so long at most. */
export function drainWithin(limitMs: number): Promise<boolean> {
  if (useJournal().unsent.value.length === 0) return Promise.resolve(true)
  return Promise.race([drain(), new Promise<boolean>((done) => { setTimeout(() => done(false), limitMs) })])
}

async function drainAll(): Promise<boolean> {
  const { unsent, device } = useJournal()
  const barred = new Set<number>()
  let gaps = 0
  line.sending = true
  try {
    for (;;) {
      const next = unsent.value.find(({ epoch }) => !barred.has(epoch))
      if (next === undefined) return !unsent.value.some(({ epoch }) => epoch === device.epoch)
      const waiting = unsent.value.filter(({ epoch }) => epoch === next.epoch)
      try {
        const { posted_seq: posted, results } = await server.push(next.epoch, waiting.at(-1)?.seq ?? 0, nextPush(waiting))
        await noteAcknowledged(next.epoch, posted, results as EntryOutcome[])
      } catch (error) {
        if (!(error instanceof Refusal) || error.status >= 500) throw error
        if (error.code === 'journal_gap' && gaps < GAPS) {
          gaps += 1
          await unsendFrom(next.epoch, Number(error.facts.expected))
        } else {
          barred.add(next.epoch)
          if (error.code === 'not_signed_in') hooks?.onRevoked()
          if (error.code === 'journal_forked' && next.epoch === device.epoch) hooks?.onForked()
        }
      }
    }
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Refusal)) throw error
    return false
  } finally {
    line.sending = false
  }
}

/**
 * A board has arrived: kept first, then the word is given for it. One of another history of the server (it was restored from a
 * backup) comes by attaching only: until then the server has not heard what is on this one.
 */
export async function takeBoard(fresh: { incarnation: number; board_no: number; board: unknown[] }): Promise<void> {
  if (board.value !== undefined && board.value.incarnation !== fresh.incarnation) return
  const opening = hooks?.opening() ?? 0
  await storeBoard({ opening, incarnation: fresh.incarnation, boardNo: fresh.board_no, promises: fresh.board as BoardPromise[] })
}

/** The board that came with attaching: this opening holds it from now on. */
export async function storeBoard(fresh: Board): Promise<void> {
  if (!replaces(fresh, board.value)) return
  board.value = fresh
  await keep('board', fresh)
  wordDue = true
  await giveWord()
}

/** The last board this till has stored, also of an opening that is over: what a restored server is told. */
export async function heldBoard(): Promise<Schemas['BoardHeld'] | null> {
  const last = board.value ?? (await kept('last_board'))
  return last === undefined ? null : { incarnation: last.incarnation, board_no: last.boardNo, board: last.promises.map(told) }
}

function told(promise: BoardPromise): Schemas['PromiseHeld'] {
  const { id, ref, kind, variant_id, qty, phase, bag_code, paid, pay_by, code, held_for, customer_id, asked_from } = promise
  return { id, ref, kind, variant_id, qty, phase, bag_code, paid, pay_by, code, held_for, customer_id, asked_from } as Schemas['PromiseHeld']
}

export function forgetBoard(): void {
  board.value = undefined
}

/** The till holds this board, and its journal was so long when it had stored it. */
async function giveWord(): Promise<void> {
  const held = board.value
  const { headSeq, device } = useJournal()
  if (held === undefined || held.opening !== hooks?.opening()) return
  wordDue = false
  try {
    await server.word({
      opening: held.opening,
      board_no: held.boardNo,
      head_seq: headSeq.value,
      in_hand: inHand(useInvoices().tabs.value.carts, device.branch),
    })
    // What was sold before the board came must be posted before the promise can be.
    if (useJournal().unsent.value.length > 0) void drain()
  } catch (error) {
    wordDue = true
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
}

async function beat(): Promise<void> {
  try {
    await ask()
    line.reachable = true
    line.heardAtMs = Date.now()
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_signed_in') hooks?.onRevoked()
    else if (error instanceof Refusal || error instanceof Unreachable) line.reachable = false
    else throw error
  } finally {
    clearTimeout(timer)
    if (hooks !== undefined) timer = setTimeout(() => void beat(), BEAT_MS)
  }
}

/** Beat at once: the browser says that the network is back. */
export function hurrySync(): void {
  if (hooks === undefined) return
  clearTimeout(timer)
  void beat()
}

async function ask(): Promise<void> {
  const opening = hooks?.opening() ?? 0
  const { device, headSeq, postedSeq, unsent } = useJournal()
  const held = board.value?.opening === opening ? board.value : undefined
  const [asked, acknowledged] = [performance.now(), postedSeq.value]
  const pulse = await server.heartbeat({
    epoch: device.epoch,
    opening,
    board_no: held?.boardNo ?? -1,
    head_seq: headSeq.value,
    pending: unsent.value.length,
    settled_no: requestsNow().settledNo,
    clock: new Date().toISOString(),
  })
  const tookMs = performance.now() - asked
  setServerTime(pulse.server_time)
  line.silent = pulse.silent
  // A server restored from a backup has less than it had acknowledged before it was asked: it gets the rest again.
  if (pulse.posted_seq < acknowledged && running === undefined) await unsendFrom(device.epoch, pulse.posted_seq + 1)
  if (pulse.board !== null) await takeBoard(pulse.board)
  else if (wordDue) await giveWord()
  if (unsent.value.length > 0) await drain()
  hooks?.onAnswer(pulse.attached, tookMs)
}

export function useSync() {
  return { ...toRefs(line), board }
}
