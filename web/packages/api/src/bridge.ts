// The print bridge on the counter: jobs, the drawer, the printer's state, the second copy (docs/rules/printing.md).

import { Unreachable } from './refusal.ts'

export type PrinterState = 'ready' | 'paper_out' | 'cover_open' | 'fault' | 'offline'

export interface BridgeJob {
  id: string
  kind: string
  raster: { width: number; height: number; bits: Uint8Array }
  copies: number
  drawer: boolean
}

export interface JobAnswer {
  outcome: 'waiting' | 'printed' | 'dropped'
  state: PrinterState
  queue: number
}

export interface BridgeEntry {
  seq: number
  hash: string
  text: string
}

/** A journal of which the bridge has a copy. */
export interface CopyKept {
  till: string
  epoch: number
  first: number
  head: number
}

/** The bridge says no. */
export class BridgeRefusal extends Error {
  constructor(readonly code: string, readonly expected: number) {
    super(code)
  }
}

export interface Bridge {
  status: () => Promise<{ state: PrinterState; queue: number; printer: string }>
  print: (job: BridgeJob) => Promise<JobAnswer>
  drop: (id: string) => Promise<unknown>
  kick: () => Promise<{ state: PrinterState }>
  copies: () => Promise<CopyKept[]>
  copy: (till: string, epoch: number, entries: readonly BridgeEntry[]) => Promise<{ head: number }>
  entries: (till: string, epoch: number, since: number) => Promise<BridgeEntry[]>
}

const TIMEOUT_MS = 5_000
const CHUNK = 0x8000

/** The bridge at an address, known by its code. Refuses `BridgeRefusal`; no answer is `Unreachable`. */
export function makeBridge({ address, token }: { address: string; token: string }): Bridge {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    let response: Response
    try {
      response = await globalThis.fetch(new URL(path, address), {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: 'omit',
        cache: 'no-store',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
    } catch (error) {
      throw new Unreachable(error instanceof DOMException && error.name === 'TimeoutError' ? 'timeout' : 'network', error)
    }
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>
    if (!response.ok) throw new BridgeRefusal(String(answer.code ?? response.status), Number(answer.expected ?? 0))
    return answer as T
  }
  return {
    status: () => call('GET', '/status'),
    print: ({ raster, ...job }) =>
      call('POST', '/jobs', { ...job, raster: { width: raster.width, height: raster.height, bits: base64(raster.bits) } }),
    drop: (id) => call('DELETE', `/jobs/${encodeURIComponent(id)}`),
    kick: () => call('POST', '/drawer'),
    copies: async () => (await call<{ items: CopyKept[] }>('GET', '/copies')).items,
    copy: (till, epoch, entries) => call('POST', '/copies', { till, epoch, entries }),
    entries: async (till, epoch, since) =>
      (await call<{ items: BridgeEntry[] }>('GET', `/copies/${till}/${String(epoch)}?since=${String(since)}`)).items,
  }
}

/** Bytes as Base64 text. */
export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(text)
}
