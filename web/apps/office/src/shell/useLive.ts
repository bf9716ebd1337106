// One stream of events for the whole office, and whether what is on the screen is the present.

import { answer, Live, liveUrl, type LiveEvent, type LiveState } from '@placket/api'
import { onScopeDispose, ref } from 'vue'
import { api, queries, signedOut } from '../api.ts'

type Listener = (events: readonly LiveEvent[]) => void

const listeners = new Set<{ topics: ReadonlySet<string>; hear: Listener }>()
const missed = new Set<() => void>()
let live: Live | undefined
let opened: (() => void) | undefined

export const liveState = ref<LiveState>('offline')
/** When something was last known to be true of the present. */
export const heardAt = ref(Date.now())

/** Settles when the stream is open, or has failed to open: what is fetched from then on misses nothing. */
export let liveOpen: Promise<void> = Promise.resolve()

function tell(events: readonly LiveEvent[]): void {
  for (const { topics, hear } of listeners) {
    const mine = events.filter((event) => topics.has(event.topic))
    if (mine.length > 0) hear(mine)
  }
}

/** Connect; called once somebody is signed in. */
export function startLive(): void {
  if (live !== undefined) return
  liveOpen = new Promise((resolve) => {
    opened = resolve
    setTimeout(resolve, 1_000)
  })
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
      if (state !== 'connecting') opened?.()
    },
    onEnded: () => (signedOut.value = true),
  })
  live.start()
  addEventListener('online', hurry)
  addEventListener('offline', lost)
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
