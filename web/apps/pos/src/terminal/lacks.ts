// What this branch sold from a depot and the depot cannot find, and what it is to send instead of a depot. Asked for, never kept:
// without network nothing of it can be done.

import { Refusal, Unreachable, type LiveEvent, type Schemas } from '@placket/api'
import { computed, shallowRef, watch } from 'vue'
import { afresh } from './afresh'
import { server } from './server'
import { isOfOrder } from './pickups'
import { useSync } from './sync'
import { useTill } from './till'

export type Lack = Schemas['LackShown']

const lacks = shallowRef<Lack[]>([])

/** Ask again; without an answer what was heard stays in sight. */
export const refreshLacks = afresh(async () => {
  if (!useTill().may('stock.pick')) return
  try {
    lacks.value = await server.lacks()
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
})

async function then(work: Promise<unknown>): Promise<true> {
  await work
  await refreshLacks()
  return true
}

/** It is not here either: other places are asked. */
export const lackShort = ({ id, place_id: place }: Lack): Promise<true> => then(server.lackShort(id, { location_id: place ?? '' }))

/** Its customer takes it here: what this branch kept for them, or a piece that somebody holds in their hands. */
export const lackHandOver = ({ id }: Lack): Promise<true> => then(server.lackHandOver(id, { location_id: useTill().branchId.value }))

export const lackSend = ({ id }: Lack, body: Schemas['LackSent']): Promise<true> => then(server.lackSend(id, body))

export const lackRefund = async ({ id }: Lack, body: Schemas['LackRefund']): Promise<Schemas['GivenBackShown']> => {
  const given = await server.lackRefund(id, body)
  await refreshLacks()
  return given
}

/** Kept here, to be sent or handed over here. */
export const isHere = (lack: Lack): boolean => lack.state === 'found' && lack.place_id === useTill().branchId.value
/** Sold here and nowhere to be found: its customer waits for an answer of this branch. */
export const isOurs = (lack: Lack): boolean => lack.state === 'nowhere' && lack.branch_id === useTill().branchId.value

/** Whether an event may change what is listed: a lack itself, or what another place promised for one of this branch. */
export const tellsOfLack = (branchId: string, { topic, payload }: LiveEvent): boolean =>
  topic === 'lack.changed' || (topic === 'promise.changed' && payload.asked_from === branchId)

/** Ask whenever the board changes, the server is heard again or somebody signs in; the stream tells of the rest (`line`). Called once by the app. */
export function watchLacks(): void {
  const { board, reachable } = useSync()
  const { isJoined, session } = useTill()
  const ask = (): void => { if (isJoined.value) void refreshLacks() }
  const sign = computed(() => (board.value?.promises ?? []).filter(isOfOrder).map(({ id, phase }) => `${id}${phase}`).join())
  watch([sign, isJoined, reachable, () => session.value?.staff.id], ask)
}

export function useLacks() {
  return { lacks, todo: computed(() => lacks.value.filter((lack) => isHere(lack) || isOurs(lack))) }
}
