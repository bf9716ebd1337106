// The only door to the server. Answers come back as data; everything else is thrown as `Refusal` or `Unreachable`.

import createClient, { type Client, type Middleware } from 'openapi-fetch'
import { Refusal, Unreachable, refusalOf } from './refusal.ts'
import type { paths } from './schema.d.ts'

export interface ClientOptions {
  /** Where the server is; the page's own origin unless said otherwise. */
  baseUrl?: string
  /** A till's token. Without one the browser's cookie speaks. */
  token?: () => string | undefined
  /** The language of sentences in refusals. */
  language?: () => string
  /** How long to wait for an answer. */
  timeout_ms?: number
  /** How often a call is made anew that met a crowd (`busy`): nothing of it has been done. */
  again?: number
  /** Who is asking, where it is not the token that says so. */
  who?: () => unknown
  /** Called when the server no longer knows who is asking; a late answer to somebody who was here before says nothing. */
  onSignedOut?: () => void
  fetch?: typeof globalThis.fetch
}

const BUSY = 503

export type Api = Client<paths, 'application/json'>

/** A client of the API, typed by its OpenAPI document. */
export function makeClient(options: ClientOptions = {}): Api {
  const send = options.fetch ?? globalThis.fetch.bind(globalThis)
  const timeout_ms = options.timeout_ms ?? 15_000

  const once = async (request: Request): Promise<Response> => {
    const late = new AbortController()
    // Not cleared when the answer begins: its body has to arrive in time as well.
    setTimeout(() => late.abort(), timeout_ms)
    try {
      return await send(request, { signal: AbortSignal.any([request.signal, late.signal]) })
    } catch (error) {
      // Given up by the caller: that is not a failure of the network.
      if (request.signal.aborted) throw error
      throw new Unreachable(late.signal.aborted ? 'timeout' : 'network', error)
    }
  }

  const reach = async (request: Request): Promise<Response> => {
    for (let left = options.again ?? 0; left > 0; left -= 1) {
      const response = await once(request.clone())
      const wait_s = Number(response.headers.get('retry-after'))
      if (response.status !== BUSY || !(wait_s > 0)) return response
      // Not all at the same moment: that would be the same crowd again.
      await new Promise((go) => setTimeout(go, wait_s * 1000 * (1 + Math.random())))
    }
    return once(request)
  }

  const client = createClient<paths, 'application/json'>({
    baseUrl: options.baseUrl ?? globalThis.location?.origin,
    fetch: reach,
    credentials: 'same-origin',
  })

  const who = options.who ?? options.token
  const askedBy = new WeakMap<Request, unknown>()
  const manners: Middleware = {
    onRequest({ request }) {
      askedBy.set(request, who?.())
      request.headers.set('x-placket', '1')
      request.headers.set('accept-language', options.language?.() ?? 'vi')
      const token = options.token?.()
      if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`)
      return request
    },
    async onResponse({ request, response }) {
      if (response.ok || response.status === 304) return
      const refusal = refusalOf(await response.json().catch(() => undefined), response.status)
      if (refusal.code === 'not_signed_in' && askedBy.get(request) === who?.()) options.onSignedOut?.()
      throw refusal
    },
  }
  client.use(manners)
  return client
}

/** The data of an answer that is not a refusal (those were thrown): `const me = await answer(api.GET('/api/me'))`. */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data } = await call
  return data as T
}

export { Refusal, Unreachable }

/** A page of our own site as a document, none when it cannot be had: for what is shown of it inside another page. */
export async function loadPage(address: string): Promise<Document | undefined> {
  try {
    const response = await fetch(address, { headers: { accept: 'text/html' } })
    return response.ok ? new DOMParser().parseFromString(await response.text(), 'text/html') : undefined
  } catch {
    return undefined
  }
}
