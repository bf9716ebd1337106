// The stream of events from the server. It continues from a cursor after every interruption, notices a socket that has
// gone silent (a cut network leaves it open), and says when the terminal has been away too long and must refetch.

export interface LiveEvent {
  topic: string
  key: string
  version: number
  payload: Readonly<Record<string, unknown>>
}

export type LiveState = 'connecting' | 'live' | 'offline' | 'ended'

type Frame =
  | { t: 'hello'; incarnation: string; cursor: string }
  | { t: 'events'; cursor: string; events: LiveEvent[] }
  | { t: 'snapshot' }
  | { t: 'beat' }

/** What `live` uses of a WebSocket, so that a test can stand in for it. */
export interface Socket {
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  close(code?: number): void
}

export interface LiveOptions {
  /** Where the socket is, without its query: `wss://…/ws`. */
  url: string
  /** A one-time ticket for the next connection. Refused means: nobody is signed in. */
  ticket: () => Promise<string>
  /** The cursor that came with the data on the screen; none starts at the present. */
  cursor?: string
  /** With the cursor that continues behind these events. */
  onEvents: (events: readonly LiveEvent[], cursor: string) => void
  /** The terminal was away too long, or the server starts a new history: fetch again, then answer the new cursor. */
  onSnapshot: () => Promise<string | undefined>
  onState?: (state: LiveState) => void
  /** The session ended; connecting again makes no sense. */
  onEnded?: () => void
  open?: (url: string) => Socket
  random?: () => number
}

/** The server beats every 10 s. Two and a half beats of silence: the line is dead. */
const SILENCE_MS = 25_000
const FIRST_WAIT_MS = 500
const LAST_WAIT_MS = 30_000
const SIGNED_OUT = 4401
const SESSION_ENDED = 4409

export class Live {
  state: LiveState = 'offline'
  cursor: string | undefined
  /** When something was last heard from the server. */
  heardAt = 0

  private socket: Socket | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private attempts = 0
  private incarnation: string | undefined
  /** Rises with every connection, so that what an old one still says is not heard. */
  private turn = 0

  constructor(private readonly options: LiveOptions) {
    this.cursor = options.cursor
  }

  /** Connect, and stay connected. */
  start(): void {
    if (this.socket !== undefined || this.state === 'connecting') return
    this.attempts = 0
    void this.connect()
  }

  /** Hang up. */
  stop(): void {
    this.drop()
    this.become('offline')
  }

  /** Connect at once instead of at the end of the back-off: the browser says that the network is back. */
  hurry(): void {
    if (this.state === 'offline' && this.timer !== undefined) this.retry(0)
  }

  /** Connect again without waiting for the silence to prove it: the browser says that the network is gone. */
  lost(): void {
    if (this.socket === undefined) return
    this.drop()
    this.retry()
  }

  private async connect(): Promise<void> {
    const turn = ++this.turn
    this.become('connecting')
    let ticket: string
    try {
      ticket = await this.options.ticket()
    } catch (error) {
      if (turn !== this.turn) return
      if (isSignedOut(error)) this.end()
      else this.retry()
      return
    }
    if (turn !== this.turn) return
    const query = new URLSearchParams({ ticket })
    if (this.cursor !== undefined) query.set('cursor', this.cursor)
    const socket = (this.options.open ?? openSocket)(`${this.options.url}?${query}`)
    this.socket = socket
    this.listen()
    socket.onmessage = ({ data }) => {
      if (turn !== this.turn) return
      this.heardAt = Date.now()
      this.listen()
      void this.hear(JSON.parse(String(data)) as Frame, turn)
    }
    socket.onclose = ({ code }) => {
      if (turn !== this.turn) return
      this.socket = undefined
      if (code === SIGNED_OUT || code === SESSION_ENDED) this.end()
      else this.retry()
    }
  }

  private async hear(frame: Frame, turn: number): Promise<void> {
    if (frame.t === 'hello') {
      this.attempts = 0
      // Another incarnation is another history (a restored database): cursors and versions of the old one mean nothing.
      const foreign = this.incarnation !== undefined && this.incarnation !== frame.incarnation
      this.incarnation = frame.incarnation
      if (foreign) return this.refetch(turn)
      this.cursor = frame.cursor
      this.become('live')
    } else if (frame.t === 'events') {
      this.options.onEvents(frame.events, frame.cursor)
      this.cursor = frame.cursor
    } else if (frame.t === 'snapshot') {
      return this.refetch(turn)
    }
  }

  private async refetch(turn: number): Promise<void> {
    this.drop()
    try {
      const cursor = await this.options.onSnapshot()
      if (turn + 1 !== this.turn) return
      this.cursor = cursor
      this.retry(0)
    } catch {
      if (turn + 1 === this.turn) this.retry()
    }
  }

  private listen(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.drop()
      this.retry()
    }, SILENCE_MS)
  }

  private retry(wait_ms?: number): void {
    clearTimeout(this.timer)
    this.become('offline')
    const ceiling = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.attempts)
    this.attempts += 1
    const random = this.options.random ?? Math.random
    // Half fixed, half random: after a restart of the server two hundred terminals do not come back in one moment.
    this.timer = setTimeout(() => void this.connect(), wait_ms ?? ceiling / 2 + (ceiling / 2) * random())
  }

  private end(): void {
    this.drop()
    this.become('ended')
    this.options.onEnded?.()
  }

  private drop(): void {
    this.turn += 1
    clearTimeout(this.timer)
    this.timer = undefined
    this.socket?.close(1000)
    this.socket = undefined
  }

  private become(state: LiveState): void {
    if (state === this.state) return
    this.state = state
    this.options.onState?.(state)
  }
}

const openSocket = (url: string): Socket => new WebSocket(url) as unknown as Socket

const isSignedOut = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'status' in error && error.status === 401

/** The socket's address on the page's own origin. */
export const liveUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`
