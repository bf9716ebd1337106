// This device as a till: paired or not, who is signed in, and the opening it sells under.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import type { BoardPromise } from '@placket/selling'
import { computed, reactive, toRefs } from 'vue'
import { loadClock, setServerTime } from './clock'
import { fetchCustomers, forgetCustomers, loadKeptCustomers } from './customers'
import { refreshDay } from './day'
import { forget, keep, kept, type Series, type Session } from './db'
import { refreshEinvoice } from './einvoice'
import { fetchGoods, fetchToday, forgetGoods, loadKeptGoods, noteCurrent, useGoods } from './goods'
import { keepSeries, openJournal, recordClose, useJournal } from './journal'
import { follow, followAlone, hurry, noteAnswer, unfollow, useLine } from './line'
import { loadPayments, refreshPayments } from './payments'
import { refreshOrders } from './orders'
import { refreshParked } from './parked'
import { notePromotions } from './promotions'
import { forgetProof, proveAgain, proved } from './proof'
import { server, tokens } from './server'
import { continueStock, forgetStock, loadKeptStock } from './stock'
import { askToKeep } from './storage'
import { drain, forgetBoard, heldBoard, loadBoard, startSync, stopSync, storeBoard, useSync } from './sync'
import { keepOnly } from './verifier'
import { claimWriter } from './writer'

export type Phase = 'starting' | 'unpaired' | 'elsewhere' | 'locked' | 'opening' | 'open' | 'unreachable'

interface Till {
  phase: Phase
  start: Schemas['TillStart'] | undefined
  session: Session | undefined
  series: Series
  /** Attached by this start of the app, and following the events since. */
  isJoined: boolean
  /** Who has said to sell on while this till does not know what its branch has promised. */
  blindBy: string
  /** Why the PIN screen is back, as a refusal's or our own code. */
  reason: string
}

const till = reactive<Till>({
  phase: 'starting',
  start: undefined,
  session: undefined,
  series: { epoch: 0, opening: 0, receiptNo: 0 },
  isJoined: false,
  blindBy: '',
  reason: '',
})

const EXPIRY_SLACK_MS = 60_000
const ATTACH_TRIES = 3
let joining = false
/** Start the app: with what the device remembers if somebody was at work here, and then with what the server says. */
export async function startTill(takeOver = false): Promise<void> {
  tokens.onSignedOut = () => void lock('session_ended')
  if (!(await claimWriter(takeOver, stopWriting))) {
    till.phase = 'elsewhere'
    return
  }
  const [token, start, series, session, blindBy] =
    await Promise.all([kept('till_token'), kept('start'), kept('series'), kept('session'), kept('blind_by')])
  tokens.device = token
  till.start = start
  till.series = series ?? till.series
  till.blindBy = blindBy ?? ''
  if (token === undefined) {
    till.phase = 'unpaired'
    return
  }
  void askToKeep()
  await Promise.all([loadKeptGoods(), loadKeptStock(), loadBoard(), loadPayments(), loadClock()])
  void loadKeptCustomers()
  void refreshEinvoice()
  if (start !== undefined && isLive(session) && canSell(session)) return openAtOnce(session)
  try {
    await refreshStart()
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_signed_in') return unpair('revoked')
    if (till.start === undefined) {
      till.phase = 'unreachable'
      return
    }
  }
  await beginSync()
  if (isLive(session)) return open(session)
  till.phase = 'locked'
  followDevice()
}

function isLive(session: Session | undefined): session is Session {
  return session !== undefined && Date.parse(session.expiresAt) >= Date.now() + EXPIRY_SLACK_MS
}

function canSell({ verbs }: Session): boolean {
  return useGoods().catalogue.value !== undefined && verbs.includes('sale.sell')
}

/** Whoever was at work goes on with what the device holds, as without network; the first answer of the server joins it. */
async function openAtOnce(session: Session): Promise<void> {
  tokens.person = session.token
  till.session = session
  await openOwnJournal()
  await openAlone()
  till.phase = 'open'
  speak()
  try {
    await refreshStart()
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_signed_in') await unpair('revoked')
  }
}

/** Another window has taken over: nothing is written here any more. */
function stopWriting(): void {
  unfollow()
  stopSync()
  till.phase = 'elsewhere'
}

/** Speak with the server for this device from now on, whoever is at work. */
async function beginSync(): Promise<void> {
  await openOwnJournal()
  speak()
}

async function openOwnJournal(): Promise<void> {
  const { start } = till
  if (start !== undefined) await openJournal(start.till.id, till.series.epoch || start.till.epoch, start.branch.id)
}

function speak(): void {
  startSync({
    opening: () => till.series.opening,
    onAnswer: (attached, tookMs) => {
      noteAnswer(tookMs)
      if (till.isJoined && useLine().state.value === 'live') {
        void noteCurrent()
        void notePromotions()
      }
      void comeBack(attached)
    },
    onRevoked: () => void unpair('revoked'),
    onForked: () => void unpair('forked'),
  })
}

/** Hear the board for as long as nobody is signed in. */
function followDevice(): void {
  if (till.start === undefined || tokens.device === undefined) unfollow()
  else followAlone(till.start.branch.id)
}

/** Make this device a till. */
export async function pairTill(code: string): Promise<void> {
  const { till_token: token, till: face } = await server.pair(code)
  await forget(
    'session', 'attempt', 'series', 'locations', 'start', 'board', 'last_board', 'verifiers', 'badges', 'pin_tries', 'requests', 'customers_at',
    'blind_by',
  )
  till.blindBy = ''
  await forgetCustomers()
  await forgetGoods()
  await forgetStock()
  forgetBoard()
  await keep('till_token', token)
  till.series = { epoch: face.epoch, opening: face.last_opening, receiptNo: 0 }
  await keep('series', till.series)
  tokens.device = token
  await askToKeep()
  await refreshStart()
  await beginSync()
  till.reason = ''
  till.phase = 'locked'
}

/** Sign in by PIN: the server knows best, and without it this device. Refuses as the server does, or `NotKnownHere`. */
export async function signIn(staffId: string, pin: string): Promise<void> {
  await enter(await proved({ staffId, pin }))
}

/** Sign in, or take over from whoever is at work, by the code of a badge. Refuses like `signIn`; then nothing changes. */
export async function signInByBadge(badge: string): Promise<void> {
  const session = await proved({ badge })
  // Nobody listens under the old session any more when it ends, else its end would lock the screen.
  unfollow()
  const before = till.session?.token
  // What the old session has still asked and is not told any more concerns nobody now.
  tokens.person = session.token
  if (before !== undefined) await server.signOut(before).catch(() => undefined)
  await enter(session)
}

async function enter(session: Session): Promise<void> {
  till.reason = ''
  await open(session)
}

/** Back to the PIN screen; the cart stays. */
export async function lock(reason = ''): Promise<void> {
  if (till.phase === 'locked') return
  forgetProof()
  const token = till.session?.token
  if (reason === '' && token !== undefined) void server.signOut(token).catch(() => undefined)
  followDevice()
  till.isJoined = false
  till.session = undefined
  till.reason = reason
  till.phase = 'locked'
  await forget('session')
  await refreshStart().catch(() => undefined)
}

/** The opening is over: nothing is sold here until somebody attaches again. Unsent sales are handed in before it ends. */
export async function signOff(): Promise<void> {
  if (till.series.closed !== true && till.series.opening > 0) {
    await recordClose(till.series)
    till.series = { ...till.series, closed: true }
    forgetBoard()
    await setBlindBy('')
  }
  await lock()
  void drain()
}

/** A receipt has this number now. */
export function numbered(receiptNo: number): void {
  till.series = { ...till.series, receiptNo: Math.max(till.series.receiptNo, receiptNo) }
}

/** Whoever is at work sells on although this till does not know what is promised: until it attaches or signs off, every sale says so. */
export function confirmBlind(): Promise<void> {
  return setBlindBy(till.session?.staff.id ?? '')
}

async function setBlindBy(staffId: string): Promise<void> {
  if (till.blindBy === staffId) return
  till.blindBy = staffId
  await keep('blind_by', staffId)
}

/** Attach under the next opening; answers how far the server has followed this till's receipt numbers. */
export async function attach(): Promise<Schemas['Attached']> {
  for (let tries = 1; ; tries += 1) {
    // What waits is handed in first: the server's books must know what this till has sold before its board is trusted.
    if (!(await drain())) throw new Unreachable('network', undefined)
    const opening = Math.max(till.series.opening, till.start?.till.last_opening ?? 0) + 1
    till.series = { ...till.series, opening }
    await keepSeries(till.series)
    try {
      const attached = await server.attach(opening, useJournal().headSeq.value, await heldBoard())
      const receiptNo = Math.max(till.series.receiptNo, attached.last_receipt_no)
      till.series = { epoch: attached.epoch, opening: attached.opening, receiptNo }
      await Promise.all([keepSeries(till.series), setBlindBy('')])
      const { incarnation, board_no: boardNo, board } = attached
      await storeBoard({ opening: attached.opening, incarnation, boardNo, promises: board as unknown as BoardPromise[] })
      return attached
    } catch (error) {
      if (!(error instanceof Refusal) || tries === ATTACH_TRIES) throw error
      if (error.code === 'opening_passed') till.series = { ...till.series, opening: Number(error.facts.last_opening ?? opening) }
      // A sale was written between handing in and attaching: it is handed in, and then again.
      else if (error.code !== 'journal_not_drained') throw error
    }
  }
}

/** Try again after the server could not be reached. */
export async function retryStart(): Promise<void> {
  till.phase = 'starting'
  await startTill()
}

/** Let somebody sell: on line if the server answers, else with what the device holds. */
async function open(session: Session): Promise<void> {
  tokens.person = session.token
  till.session = session
  const who = till.session
  till.phase = 'opening'
  if (session.token !== undefined) {
    try {
      await join()
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not_signed_in') return lock('session_ended')
      if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
    }
  }
  if (isGone(who)) return
  if (!canSell(session)) {
    till.phase = 'unreachable'
    return
  }
  if (!till.isJoined) await openAlone()
  if (!isGone(who)) till.phase = 'open'
}

/** Whether the screen was locked, or another window has taken over, while it was being opened for somebody. */
function isGone(who: Till['session']): boolean {
  return till.session !== who || till.phase === 'elsewhere' || till.phase === 'unpaired'
}

/** The opening in force goes on; after a sign-off another begins, and until it attaches the till is blind. */
async function openAlone(): Promise<void> {
  if (till.series.closed !== true && till.series.opening > 0) return
  const opening = Math.max(till.series.opening, till.start?.till.last_opening ?? 0) + 1
  till.series = { ...till.series, opening, closed: false, epoch: till.series.epoch || (till.start?.till.epoch ?? 0) }
  await keepSeries(till.series)
}

/** Attach, and follow what happens from that moment on. */
async function join(): Promise<void> {
  const who = till.session
  till.isJoined = false
  const branch = till.start?.branch.id ?? ''
  const { cursor } = await attach()
  await fetchGoods(branch)
  const heldUpTo = await continueStock(branch)
  if (isGone(who)) return
  follow(branch, heldUpTo ?? cursor, () => void lock('session_ended'))
  till.isJoined = true
  void fetchToday().catch(() => undefined)
  void refreshDay()
  void fetchCustomers(branch).catch(() => undefined)
  void refreshOrders()
  void refreshParked()
  void refreshPayments()
}

/** The server answers: a till that sells alone, or whose opening was ended, comes back under a new one. */
async function comeBack(attached: boolean): Promise<void> {
  hurry()
  if (till.phase !== 'open' || joining || (till.isJoined && attached)) return
  joining = true
  try {
    if (till.session?.token === undefined) {
      const session = await proveAgain()
      if (session === undefined) return
      till.session = session
      tokens.person = till.session.token
    }
    await join()
  } catch (error) {
    if (error instanceof Refusal && error.status < 500 && error.code !== 'journal_not_drained') await lock('session_ended')
    else if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  } finally {
    joining = false
  }
}

async function refreshStart(): Promise<void> {
  till.start = await server.start()
  setServerTime(till.start.server_time)
  await keep('start', till.start)
  void refreshEinvoice()
  await keepOnly(till.start.staff)
}

/** This device is no till any more; what its journal holds stays on it. */
async function unpair(reason: 'revoked' | 'forked'): Promise<void> {
  unfollow()
  stopSync()
  await forget('till_token', 'session', 'series', 'start', 'board', 'einvoice')
  forgetBoard()
  tokens.device = undefined
  till.reason = reason
  till.phase = 'unpaired'
}

export function useTill() {
  return {
    ...toRefs(till),
    /** Off line, this till does not know what its branch has promised. */
    isBlind: computed(() => useSync().board.value?.opening !== till.series.opening),
    branchId: computed(() => till.start?.branch.id ?? ''),
    may: (verb: string) => till.session?.verbs.includes(verb) ?? false,
  }
}
