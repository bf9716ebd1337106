// The line to the server: the stream of events, and whether what is on the screen is the present.

import { Live, liveUrl, type LiveEvent, type LiveState } from '@placket/api'
import type { StockChanged } from '@placket/selling'
import { useEventListener } from '@vueuse/core'
import { computed, ref, watch } from 'vue'
import { hearCustomers } from './customers'
import { fetchToday, refetchGoods } from './goods'
import { useJournal } from './journal'
import { refreshLacks, tellsOfLack } from './lacks'
import { mark, markPainted } from './marks'
import { refreshOrders } from './orders'
import { refreshParked } from './parked'
import { hearPayments } from './payments'
import { hearUsed, refetchPromotions } from './promotions'
import { server } from './server'
import { applyStock, fetchStock, forgetStock, useStock } from './stock'
import { drain, hurrySync, takeBoard, useSync } from './sync'
import { refreshTransfers } from './transfers'

const state = ref<LiveState>('offline')
/** How long the last sale or question took, when that was noticeable. */
const slowMs = ref<number>()
const SLOW_MS = 1_500
const TODAY_WAIT_MS = 1_500
let live: Live | undefined
const HICCUP_MS = 1_000
const PULL_MS = 15_000
/** Whose board and stock are followed. */
let place = ''
const away = ref(false)
/** The browser itself says that there is no network. */
const cut = ref(!navigator.onLine)
let soon: ReturnType<typeof setTimeout> | undefined
let gone: ReturnType<typeof setTimeout> | undefined

/** Follow the events of a branch from a cursor, for whoever has signed in. */
export function follow(locationId: string, cursor: string, onEnded: () => void): void {
  live?.stop()
  place = locationId
  live = new Live({
    url: liveUrl(),
    ticket: server.ticket,
    cursor,
    onEvents: (events, behind) => hear(locationId, events, behind),
    onSnapshot: async () => {
      await forgetStock()
      await refetchGoods(locationId)
      void refreshParked()
      void refreshLacks()
      return fetchStock(locationId)
    },
    onState: (now) => {
      state.value = now
      if (now === 'live') {
        void drain()
        void refreshTransfers()
        void refreshLacks()
      }
    },
    onEnded,
  })
  live.start()
}

/** Nobody is signed in, but the device still follows its board: an attached till owes its branch a word, locked or not. */
export function followAlone(locationId: string): void {
  const cursor = live?.cursor
  live?.stop()
  place = locationId
  live = new Live({
    url: liveUrl(),
    ticket: server.tillTicket,
    ...(cursor === undefined ? {} : { cursor }),
    onEvents: hearBoard,
    // Stock and goods are fetched when somebody signs in; until then only the board counts, and a heartbeat brings it whole.
    onSnapshot: () => { hurrySync(); return Promise.resolve(undefined) },
    onState: (now) => {
      state.value = now
      if (now === 'live') hurrySync()
    },
  })
  live.start()
}

export function unfollow(): void {
  live?.stop()
  live = undefined
}

/** The server has answered elsewhere: do not wait for the end of the back-off. */
export function hurry(): void {
  live?.hurry()
}

/** Note how long the server took; only what a cashier would notice is shown. */
export function noteAnswer(tookMs: number): void {
  slowMs.value = tookMs >= SLOW_MS ? tookMs : undefined
}

function hear(locationId: string, events: readonly LiveEvent[], cursor: string): void {
  const changes = events.flatMap(({ topic, version, payload }) =>
    topic === 'stock.changed' ? [{ change: payload as unknown as StockChanged, version }] : [])
  if (changes.length > 0) {
    mark('ws:recv')
    applyStock(changes, cursor)
    void markPainted('ws:painted')
  }
  hearBoard(events)
  const met = events.flatMap(({ topic, payload }) => (topic === 'customer.changed' ? [payload.location_ids as string[]] : []))
  if (met.length > 0) hearCustomers(locationId, met)
  const paid = events.filter(({ topic, payload }) => topic === 'payment.changed' && payload.till_id === useJournal().device.till)
  if (paid.length > 0) hearPayments(paid.map(({ key }) => key))
  const used = events.flatMap(({ topic, payload }) => (topic === 'promotion.used' ? [payload as unknown as Parameters<typeof hearUsed>[0][number]] : []))
  if (used.length > 0) hearUsed(used)
  if (events.some(({ topic }) => topic === 'promotions.changed')) void refetchPromotions()
  if (events.some(({ topic }) => topic === 'catalogue.changed' || topic === 'prices.changed')) void refetchGoods(locationId)
  if (events.some(({ topic, payload }) => topic.startsWith('sale.') && payload.location_id === locationId)) {
    clearTimeout(soon)
    soon = setTimeout(() => { void refreshOrders(); void fetchToday().catch(() => undefined) }, TODAY_WAIT_MS)
  }
  if (events.some(({ topic }) => topic === 'transfer.changed')) void refreshTransfers()
  if (events.some((event) => tellsOfLack(locationId, event))) void refreshLacks()
  if (events.some(({ topic, payload }) => topic === 'parked.changed' && payload.location_id === locationId)) void refreshParked()
}

function hearBoard(events: readonly LiveEvent[]): void {
  const board = events.findLast(({ topic, payload }) => topic === 'board.changed' && payload.location_id === place)
  if (board !== undefined) void takeBoard(board.payload as unknown as Parameters<typeof takeBoard>[0])
}

/** Only the stream has failed: the heartbeat brings the board, and what else it tells is asked for now and then. */
async function pull(): Promise<void> {
  // Asked for when needed: this module and those two import each other.
  const { reachable } = useSync()
  const { heardAt } = useStock()
  if (!away.value || !reachable.value || place === '' || Date.now() - (heardAt.value ?? 0) < PULL_MS) return
  void refreshLacks()
  await fetchStock(place).catch(() => undefined)
}

/** Watch the line; called once by the app, so that the browser's own signs are heard. */
export function watchNetwork(): void {
  useEventListener(window, 'online', () => { cut.value = false; live?.hurry(); hurrySync() })
  useEventListener(window, 'offline', () => { cut.value = true; live?.lost() })
  useEventListener(document, 'visibilitychange', () => { if (!document.hidden) live?.hurry() })
  // A hiccup of a second is not worth a word.
  watch(state, (now) => {
    clearTimeout(gone)
    if (now === 'live') away.value = false
    else {
      gone = setTimeout(() => { away.value = true }, HICCUP_MS)
      // A socket may fail alone: whether the server is gone too is known by asking it.
      hurrySync()
    }
  })
  watch(useSync().heardAtMs, () => void pull())
}

export function useLine() {
  const { reachable } = useSync()
  const quality = computed<'live' | 'slow' | 'offline'>(() =>
    // A till that started alone has no stream that could have been lost.
    cut.value || ((away.value || state.value === 'offline') && !reachable.value) ? 'offline' : slowMs.value === undefined ? 'live' : 'slow')
  return { state, slowMs, quality }
}
