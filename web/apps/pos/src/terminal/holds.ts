// What this branch keeps for others, and asking other branches to keep something for a customer here. The board holds it, so
// the list works without network; only acts need the server.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { codeOf, newId, spokenCode, type BoardPromise } from '@placket/selling'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { moment } from './clock'
import { keep, kept, type HoldNote } from './db'
import { addLine } from './invoices'
import { server } from './server'
import { play } from './sound'
import { useSync } from './sync'
import { useTill } from './till'

export type Hold = Schemas['HoldShown']
export type Reach = Schemas['ReachShown']

/** How asking for a hold stands: the branch has so long to answer, then another one is asked. */
export type Asking =
  | { stage: 'none' }
  | { stage: 'asking'; placeId: string }
  | { stage: 'confirmed'; placeId: string; hold: Hold; tookMs: number }
  | { stage: 'declined' | 'silent'; placeId: string }
  | { stage: 'refused'; placeId: string; sentence: string }
  | { stage: 'lost'; placeId: string }

export interface HoldWish {
  placeId: string
  variantId: string
  heldFor: string
  heldPhone: string
  customerId?: string | undefined
}

const ANSWER_MS = 1_500
const LOOK_AGAIN_MS = 30
const REACH_MS = 5_000
const OPEN = new Set(['confirmed', 'bagged', 'to_scan_back'])

const asking = shallowRef<Asking>({ stage: 'none' })
const reachOf = shallowRef(new Map<string, Reach>())
const notes = shallowRef<HoldNote[]>([])
/** What has just come to be picked: shown until somebody looks. */
const news = ref<BoardPromise[]>([])
const busy = reactive(new Set<string>())
let known: Set<string> | undefined
let watching: ReturnType<typeof setInterval> | undefined

/** The open promises of this branch that somebody has to do something about, each where it belongs. */
export function useHolds() {
  const { board } = useSync()
  const { isBlind } = useTill()
  const open = computed(() => (isBlind.value ? [] : (board.value?.promises ?? []).filter((one) => OPEN.has(one.phase) && isHeld(one))))
  const toPick = computed(() => open.value.filter(({ phase }) => phase === 'confirmed').sort(byUrgency))
  const late = computed(() => open.value.filter((one) => isLate(one)))
  const ready = computed(() => open.value.filter((one) => one.phase === 'bagged' && !isLate(one)))
  const searches = computed(() => toPick.value.filter(({ search_at }) => search_at !== null))
  return { asking, reachOf, notes, news, busy, open, toPick, ready, late, searches }
}

/** What is kept for somebody or searched for. What else online orders need has a list of its own (`pickups.ts`). */
function isHeld({ kind, search_at: since }: BoardPromise): boolean {
  return kind === 'hold' || kind === 'transfer' || since !== null
}

function isLate({ phase, paid, pay_by: until }: BoardPromise): boolean {
  return phase === 'to_scan_back' || (phase === 'bagged' && !paid && until !== null && Date.parse(until) <= moment.value)
}

/** What is searched for first, then what was promised first. */
function byUrgency(one: BoardPromise, other: BoardPromise): number {
  const searched = Number(other.search_at !== null) - Number(one.search_at !== null)
  return searched || one.created_at.localeCompare(other.created_at)
}

/** Chime when something comes to be picked or looked for. Called once by the app. */
export function watchHolds(): void {
  void loadNotes()
  const { board } = useSync()
  watch(board, (now) => {
    if (now === undefined) return
    const waiting = now.promises.filter((one) => one.phase === 'confirmed' && isHeld(one))
    const keys = new Set(waiting.map(keyOf))
    // The first board of a start is no news.
    const fresh = known === undefined ? [] : waiting.filter((one) => !known?.has(keyOf(one)))
    known = keys
    news.value = [...news.value.filter((one) => keys.has(keyOf(one))), ...fresh]
    if (fresh.length > 0) play('chime')
  }, { immediate: true })
}

async function loadNotes(): Promise<void> {
  notes.value = (await kept('hold_notes')) ?? []
}

function keyOf({ id, search_at: since }: BoardPromise): string {
  return `${id}/${since ?? ''}`
}

export function dismissNews(): void {
  news.value = []
}

/** Look every few seconds which branches can answer, for as long as somebody wants to know. */
export function watchReach(): () => void {
  const look = async (): Promise<void> => {
    try {
      reachOf.value = new Map((await server.reach()).map((one) => [one.location_id, one]))
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
    }
  }
  void look()
  clearInterval(watching)
  watching = setInterval(() => void look(), REACH_MS)
  return () => clearInterval(watching)
}

export function forgetAsking(): void {
  asking.value = { stage: 'none' }
}

/** Ask a branch to keep a piece for a customer, and wait for its word. */
export async function askHold({ placeId, variantId, heldFor, heldPhone, customerId }: HoldWish): Promise<void> {
  const id = newId()
  const began = performance.now()
  asking.value = { stage: 'asking', placeId }
  try {
    let hold = await server.hold({
      id, location_id: placeId, variant_id: variantId, qty: 1, held_for: heldFor.trim(),
      held_phone: heldPhone === '' ? null : heldPhone, customer_id: customerId ?? null,
    })
    // The branch's time begins when it has been asked; a machine that is slow itself looks once more before it gives up.
    const askedAt = performance.now()
    for (let waiting = true; waiting && hold.phase === 'asked';) {
      await new Promise((done) => { setTimeout(done, LOOK_AGAIN_MS) })
      waiting = performance.now() - askedAt < ANSWER_MS
      hold = await server.holdNow(id)
    }
    if (hold.phase === 'confirmed') {
      asking.value = { stage: 'confirmed', placeId, hold, tookMs: performance.now() - began }
      play('scan')
    } else if (hold.phase === 'asked') {
      // Too late is no: whatever the branch still says, its piece is free again.
      await server.letHoldGo(id)
      asking.value = { stage: 'silent', placeId }
      play('attention')
    } else {
      asking.value = { stage: 'declined', placeId }
      play('attention')
    }
  } catch (error) {
    if (error instanceof Refusal) asking.value = { stage: 'refused', placeId, sentence: error.detail }
    else if (error instanceof Unreachable) asking.value = { stage: 'lost', placeId }
    else throw error
    play('attention')
  }
}

/** Give a hold back that has just been made, or one of the board. */
export async function letHoldGo(ref: string): Promise<Hold> {
  const gone = await server.letHoldGo(ref)
  if (asking.value.stage === 'confirmed' && asking.value.hold.ref === ref) forgetAsking()
  return gone
}

/** Without network nobody can be asked: the wish is written down, and is no promise. */
export async function noteWish({ placeId, variantId, heldFor, heldPhone }: HoldWish): Promise<void> {
  const note = { id: newId(), at: new Date(moment.value).toISOString(), placeId, variantId, heldFor: heldFor.trim(), heldPhone }
  notes.value = [...notes.value, note]
  await keep('hold_notes', notes.value)
}

export async function dropNote(id: string): Promise<void> {
  notes.value = notes.value.filter((note) => note.id !== id)
  await keep('hold_notes', notes.value)
}

/** One of the four acts of picking, once at a time for each promise. */
async function act<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
  if (busy.has(id)) return undefined
  busy.add(id)
  try {
    return await work()
  } finally {
    busy.delete(id)
  }
}

export const bagPiece = (id: string): Promise<Hold | undefined> => act(id, () => server.bag(id))
export const openBag = (id: string): Promise<Hold | undefined> => act(id, () => server.unbag(id))
export const scanBack = (id: string): Promise<Hold | undefined> => act(id, () => server.scanBack(id))
export const sayMissing = (id: string): Promise<Hold | undefined> => act(id, () => server.notFound(id))

/** The promise of this branch that a customer's code or a bag's code names. */
export function promiseOfCode(code: string): BoardPromise | undefined {
  const { open } = useHolds()
  return open.value.find((one) => one.code === code || one.bag_code === code)
}

/** Whom the held piece of a line is for. */
export function heldFor(promiseId: string | undefined): string | undefined {
  if (promiseId === undefined) return undefined
  return useSync().board.value?.promises.find(({ id }) => id === promiseId)?.held_for ?? ''
}

/** The online order that a piece of this branch is kept for, as people call it, and until when it is while nobody has paid. */
export function orderKeeping(variantId: string): { code: string; until: string | null } | undefined {
  const kept = useSync().board.value?.promises.find((one) => one.variant_id === variantId && one.phase === 'confirmed' && (one.kind === 'ship' || one.kind === 'collect'))
  return kept === undefined ? undefined : { code: spokenCode(codeOf(kept)), until: kept.paid ? null : kept.pay_by }
}

/** Put a held piece into the cart: its sale fulfils the hold. Answers false for what is not sold here. */
export function sellHeld({ id, kind, variant_id: variantId, qty, paid }: BoardPromise): boolean {
  if (kind !== 'hold' || paid) return false
  addLine({ variantId, sourceId: useTill().branchId.value, qty, promiseId: id })
  return true
}
