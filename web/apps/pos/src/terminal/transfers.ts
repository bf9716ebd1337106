// Goods that this branch sends and receives. What is scanned stays on the device until it is told, so a reload or a dark line
// loses nothing; what was received without network is told when the line is back.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { newBoxWork, newId, scanInto, takeBack, type BoxWork, type Condition, type Scanned } from '@placket/selling'
import { computed, ref, shallowRef } from 'vue'
import { afresh } from './afresh'
import { keep, kept, type ReceiptToTell } from './db'
import { server } from './server'
import { useTill } from './till'

export type Transfer = Schemas['TransferShown']
export interface Unseen { variant_id: string; promised: number }

const transfers = shallowRef<Transfer[]>([])
const works = shallowRef<Record<string, BoxWork>>({})
const toTell = shallowRef<ReceiptToTell[]>([])
const heardAt = ref<number>()
/** A transfer whose code was scanned on the sale screen. */
const wanted = ref<string>()
let loaded = false
let telling: Promise<void> | undefined

/** What the device holds, whatever the line is. */
export async function loadTransfers(): Promise<void> {
  if (loaded) return
  loaded = true
  const [held, begun, waiting] = await Promise.all([kept('transfers'), kept('box_works'), kept('receipts_to_tell')])
  transfers.value = held?.items ?? []
  heardAt.value = held?.heardAtMs
  works.value = begun ?? {}
  toTell.value = waiting ?? []
}

/** Ask what is to be picked here and what is on its way here; without an answer what is held stays. */
export const refreshTransfers = afresh(async () => {
  await loadTransfers()
  const { branchId, may } = useTill()
  if (!may('stock.handle')) return
  await tellReceived()
  try {
    const rows = await server.transfers(branchId.value)
    transfers.value = await Promise.all(rows.filter(({ state }) => state !== 'draft').map(({ id }) => server.transfer(id)))
    heardAt.value = Date.now()
    await keep('transfers', { heardAtMs: heardAt.value, items: transfers.value })
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
})

const workOf = (transferId: string, kind: BoxWork['kind']): BoxWork => {
  const begun = works.value[transferId]
  return begun?.kind === kind ? begun : newBoxWork(transferId, kind, newId())
}

async function keepWork(transferId: string, work: BoxWork | undefined): Promise<void> {
  const { [transferId]: _, ...others } = works.value
  works.value = work === undefined ? others : { ...others, [transferId]: work }
  await keep('box_works', works.value)
}

/** One piece more in or out of a box; kept before anybody is told that it counts. */
export async function scanPiece(transfer: Transfer, kind: BoxWork['kind'], variantId: string, as: Condition): Promise<Scanned> {
  const done = scanInto(workOf(transfer.id, kind), transfer.lines, variantId, as, newId())
  if (done.ok) await keepWork(transfer.id, done.work)
  return done
}

export const unscanPiece = (transferId: string, kind: BoxWork['kind'], variantId: string, as: Condition): Promise<void> =>
  keepWork(transferId, takeBack(workOf(transferId, kind), variantId, as, newId()))

/** Tell what was picked here. Refusals and a dark line rise; the work stays. */
export async function tellPicked(transfer: Transfer): Promise<Transfer> {
  const work = workOf(transfer.id, 'pick')
  const lines = Object.entries(work.counts).map(([variant_id, { good }]) => ({ variant_id, qty: good }))
  if (lines.length === 0) return transfer
  const now = await server.pickTransfer(transfer.id, { id: work.actId, lines })
  await keepWork(transfer.id, undefined)
  return took(now)
}

/** The boxes leave; `seen` are promised pieces that somebody has looked at. */
export async function shipTransfer(transfer: Transfer, seen: readonly Unseen[]): Promise<Transfer> {
  const picked = await tellPicked(transfer)
  const looked_for = seen.map(({ variant_id, promised: qty }) => ({ variant_id, qty }))
  return took(await server.shipTransfer(picked.id, { id: newId(), looked_for }))
}

/** What came out of the boxes: kept first, then told; without network it waits here. Answers whether the server knows. */
export async function receiveTransfer(transfer: Transfer, complete: boolean): Promise<boolean> {
  const work = workOf(transfer.id, 'receive')
  const lines = Object.entries(work.counts).map(([variant_id, pieces]) => ({ variant_id, ...pieces }))
  toTell.value = [...toTell.value, { transferId: transfer.id, code: transfer.code, atMs: Date.now(), body: { id: work.actId, complete, lines }, refused: null }]
  await keep('receipts_to_tell', toTell.value)
  await keepWork(transfer.id, undefined)
  await tellReceived()
  return !toTell.value.some(({ body }) => body.id === work.actId)
}

/** Tell what waits, in its order; what is refused stays with its reason until somebody puts it away. */
function tellReceived(): Promise<void> {
  telling ??= tellAll().finally(() => (telling = undefined))
  return telling
}

async function tellAll(): Promise<void> {
  for (const one of toTell.value.filter(({ refused }) => refused === null)) {
    try {
      took(await server.receiveTransfer(one.transferId, one.body))
      toTell.value = toTell.value.filter((other) => other !== one)
    } catch (error) {
      if (error instanceof Unreachable || (error instanceof Refusal && error.status >= 500)) return
      if (!(error instanceof Refusal)) throw error
      toTell.value = toTell.value.map((other) => (other === one ? { ...one, refused: error.detail } : other))
    } finally {
      await keep('receipts_to_tell', toTell.value)
    }
  }
}

/** Put away what the server would not have. */
export async function dropReceipt(id: string): Promise<void> {
  toTell.value = toTell.value.filter(({ body }) => body.id !== id)
  await keep('receipts_to_tell', toTell.value)
}

function took(now: Transfer): Transfer {
  transfers.value = transfers.value.map((one) => (one.id === now.id ? now : one))
  return now
}

/** A transfer by the code on its box: of this branch, or none. */
export async function findTransfer(code: string): Promise<Transfer | undefined> {
  await loadTransfers()
  const held = transfers.value.find((one) => one.code === code)
  if (held !== undefined) return held
  try {
    const found = await server.transferByCode(code)
    transfers.value = [...transfers.value, found]
    return found
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unreachable) return undefined
    throw error
  }
}

/** Have a scanned transfer opened by whichever screen is there. */
export async function wantTransfer(code: string): Promise<boolean> {
  const found = await findTransfer(code)
  wanted.value = found?.id
  return found !== undefined
}

export function useTransfers() {
  const { branchId } = useTill()
  const outgoing = computed(() => transfers.value.filter((one) => one.from_id === branchId.value && ['requested', 'picking'].includes(one.state)))
  const told = computed(() => new Set(toTell.value.filter(({ body }) => body.complete).map(({ transferId }) => transferId)))
  const incoming = computed(() =>
    transfers.value.filter((one) => one.to_id === branchId.value && ['in_transit', 'part_received'].includes(one.state) && !told.value.has(one.id)))
  return { transfers, outgoing, incoming, toTell, heardAt, wanted, workOf, todo: computed(() => outgoing.value.length + incoming.value.length) }
}
