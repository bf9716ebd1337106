// This device as a till: paired or not, who is signed in, and the opening it sells under.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { computed, reactive, toRefs } from 'vue'
import { setServerTime } from './clock'
import { forget, keep, kept, type Series, type Session } from './db'
import { fetchGoods, fetchToday, loadKeptGoods } from './goods'
import { follow, unfollow } from './line'
import { server, tokens } from './server'
import { fetchStock } from './stock'

export type Phase = 'starting' | 'unpaired' | 'locked' | 'opening' | 'open' | 'unreachable'

interface Till {
  phase: Phase
  start: Schemas['TillStart'] | undefined
  session: Session | undefined
  series: Series
  /** Why the PIN screen is back, as a refusal's or our own code. */
  reason: string
}

const till = reactive<Till>({
  phase: 'starting',
  start: undefined,
  session: undefined,
  series: { epoch: 0, opening: 0, receiptNo: 0 },
  reason: '',
})

const EXPIRY_SLACK_MS = 60_000
const ATTACH_TRIES = 3

/** Start the app: what the device remembers, then what the server says. */
export async function startTill(): Promise<void> {
  tokens.onSignedOut = () => void lock('session_ended')
  tokens.device = await kept('till_token')
  till.start = await kept('start')
  till.series = (await kept('series')) ?? till.series
  if (tokens.device === undefined) {
    till.phase = 'unpaired'
    return
  }
  const goods = loadKeptGoods()
  try {
    await refreshStart()
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_signed_in') return unpair()
    till.phase = 'unreachable'
    return
  }
  await goods
  const session = await kept('session')
  if (session === undefined || Date.parse(session.expiresAt) < Date.now() + EXPIRY_SLACK_MS) {
    till.phase = 'locked'
    return
  }
  await open(session)
}

/** Make this device a till. */
export async function pairTill(code: string): Promise<void> {
  const { till_token: token, till: face } = await server.pair(code)
  await forget('session', 'attempt', 'series', 'catalogue', 'locations', 'start')
  await keep('till_token', token)
  till.series = { epoch: face.epoch, opening: face.last_opening, receiptNo: 0 }
  await keep('series', till.series)
  tokens.device = token
  await navigator.storage.persist()
  await refreshStart()
  till.reason = ''
  till.phase = 'locked'
}

/** Sign in by PIN. Refuses as the server does. */
export async function signIn(staffId: string, pin: string): Promise<void> {
  const { token, expires_at: expiresAt, staff, permissions } = await server.signIn(staffId, pin)
  const session: Session = { token, expiresAt, staff, verbs: Object.keys(permissions) }
  await keep('session', session)
  till.reason = ''
  await open(session)
}

/** Back to the PIN screen; the cart stays. */
export async function lock(reason = ''): Promise<void> {
  if (till.phase === 'locked') return
  if (reason === '') void server.signOut().catch(() => undefined)
  unfollow()
  till.session = undefined
  till.reason = reason
  till.phase = 'locked'
  await forget('session')
  await refreshStart().catch(() => undefined)
}

/** Attach under the next opening; answers how far the server has followed this till's receipt numbers. */
export async function attach(): Promise<Schemas['Attached']> {
  for (let tries = 1; ; tries += 1) {
    const opening = Math.max(till.series.opening, till.start?.till.last_opening ?? 0) + 1
    till.series = { ...till.series, opening }
    await keep('series', till.series)
    try {
      const attached = await server.attach(opening)
      till.series = { epoch: attached.epoch, opening: attached.opening, receiptNo: attached.last_receipt_no }
      await keep('series', till.series)
      return attached
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'opening_passed' || tries === ATTACH_TRIES) throw error
      till.series = { ...till.series, opening: Number(error.facts.last_opening ?? opening) }
    }
  }
}

/** Try again after the server could not be reached. */
export async function retryStart(): Promise<void> {
  till.phase = 'starting'
  await startTill()
}

async function open(session: Session): Promise<void> {
  tokens.person = session.token
  till.session = session
  till.phase = 'opening'
  const branch = till.start?.branch.id ?? ''
  try {
    const { cursor } = await attach()
    await fetchGoods(branch)
    await fetchStock(branch)
    follow(branch, cursor, () => void lock('session_ended'))
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_signed_in') return lock('session_ended')
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
    till.phase = 'unreachable'
    return
  }
  till.phase = 'open'
  void fetchToday().catch(() => undefined)
}

async function refreshStart(): Promise<void> {
  till.start = await server.start()
  setServerTime(till.start.server_time)
  await keep('start', till.start)
}

async function unpair(): Promise<void> {
  await forget('till_token', 'session', 'series', 'start')
  tokens.device = undefined
  till.reason = 'revoked'
  till.phase = 'unpaired'
}

export function useTill() {
  return {
    ...toRefs(till),
    branchId: computed(() => till.start?.branch.id ?? ''),
    may: (verb: string) => till.session?.verbs.includes(verb) ?? false,
  }
}
