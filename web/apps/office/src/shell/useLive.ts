// One stream of events for the whole office, and whether what is on the screen is the present.

import { answer, Live, liveUrl, type LiveEvent, type LiveState } from '@placket/api'
import { onScopeDispose, ref } from 'vue'
import { api, queries, signedOut } from '../api.ts'

type Listener = (events: readonly LiveEvent[]) => void

const OPEN_MS = 1_000

const listeners = new Set<{ topics: ReadonlySet<string>; hear: Listener }>()
const missed = new Set<() => void>()
let live: Live | undefined
let opened: (() => void) | undefined
/** Whether screens were filled before the stream had a beginning, and so may have missed something. */
let isBlind = false

export const liveState = ref<LiveState>('offline')
/** When something was last known to be true of the present. */
export const heardAt = ref(Date.now())

/** Settles when the stream is open, or cannot be waited for any longer: what is fetched from then on misses nothing. */
let open: Promise<void> = Promise.resolve()
api.use({
  async onRequest({ request }) {
    if (request.method === 'GET') await open
  },
})

function tell(events: readonly LiveEvent[]): void {
  for (const { topics, hear } of listeners) {
    const mine = events.filter((event) => topics.has(event.topic))
    if (mine.length > 0) hear(mine)
  }
}

/** Connect; called once somebody is signed in. */
export function startLive(): void {
  if (live !== undefined) return
  isBlind = false
  open = new Promise((resolve) => (opened = resolve))
  const waited = setTimeout(goBlind, OPEN_MS)
  live = new Live({
    url: liveUrl(),
    ticket: async () => (await answer(api.POST('/api/realtime/ticket'))).ticket,
    onEvents: (events) => {
      performance.mark('ws:recv')
      heardAt.value = Date.now()
      tell(events)
    },
    onSnapshot: async () => {
      for (const forget of missed) forget()
      await queries.invalidateQueries()
      return undefined
    },
    onState: (state) => {
      liveState.value = state
      if (state === 'live') heardAt.value = Date.now()
      // The server beats every ten seconds: what was on the screen at the last beat was true then.
      else if (live !== undefined && live.heardAt > heardAt.value) heardAt.value = live.heardAt
      if (state === 'connecting') return
      clearTimeout(waited)
      if (state === 'offline' && live?.cursor === undefined) return goBlind()
      opened?.()
      if (state === 'live' && isBlind) {
        isBlind = false
        void queries.invalidateQueries()
      }
    },
    onEnded: () => (signedOut.value = true),
  })
  live.start()
  addEventListener('online', hurry)
  addEventListener('offline', lost)
}

function goBlind(): void {
  isBlind = true
  opened?.()
}

/** Hang up; called when somebody signs out. */
export function stopLive(): void {
  removeEventListener('online', hurry)
  removeEventListener('offline', lost)
  live?.stop()
  live = undefined
}

const hurry = (): void => live?.hurry()
const lost = (): void => live?.lost()

/** Hear events of these topics while the calling component lives. */
export function onLive(topics: readonly string[], hear: Listener): void {
  const listener = { topics: new Set(topics), hear }
  listeners.add(listener)
  onScopeDispose(() => listeners.delete(listener))
}

/** Called when events were missed for good: forget what was gathered from them. */
export function onMissed(forget: () => void): void {
  missed.add(forget)
  onScopeDispose(() => missed.delete(forget))
}
