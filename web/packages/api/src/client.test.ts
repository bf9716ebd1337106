// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import { answer, makeClient, Refusal, Unreachable } from './index.ts'

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

function clientOf(reply: (request: Request) => Promise<Response> | Response, options = {}) {
  const requests: Request[] = []
  const api = makeClient({
    baseUrl: 'http://shop',
    fetch: async (input, init) => {
      const request = input as Request
      requests.push(request)
      return Promise.race([
        Promise.resolve(reply(request)),
        new Promise<never>((_, reject) => {
          const given = init!.signal!
          if (given.aborted) reject(given.reason as Error)
          given.addEventListener('abort', () => reject(given.reason as Error))
        }),
      ])
    },
    ...options,
  })
  return { api, requests }
}

describe('the client', () => {
  it('answers data and sends the header that proves our own page, the language and the token', async () => {
    const { api, requests } = clientOf(() => json({ company: 'Lụa' }), { token: () => 'abc', language: () => 'en' })
    const me = await answer(api.GET('/api/me'))
    expect(me.company).toBe('Lụa')
    const headers = requests[0]!.headers
    expect([headers.get('x-placket'), headers.get('accept-language'), headers.get('authorization')]).toEqual([
      '1',
      'en',
      'Bearer abc',
    ])
  })

  it('throws a refusal with its code, sentence and facts', async () => {
    const { api } = clientOf(() =>
      json({ code: 'too_many_attempts', detail: 'Chờ 60 giây.', facts: { retry_after_s: 60 }, request_id: 'r1' }, 429),
    )
    const refusal = await api.POST('/api/auth/sign-in', { body: { email: 'a@b.vn', password: 'x' } }).catch((e: unknown) => e)
    expect(refusal).toBeInstanceOf(Refusal)
    expect(refusal).toMatchObject({
      code: 'too_many_attempts',
      status: 429,
      detail: 'Chờ 60 giây.',
      retryAfter: 60,
      requestId: 'r1',
    })
  })

  it('asks again when it met a crowd, as often as it may, and says so when the crowd stays', async () => {
    vi.useFakeTimers()
    const busy = () =>
      new Response(JSON.stringify({ code: 'busy', detail: 'Máy chủ đang bận.' }), { status: 503, headers: { 'retry-after': '1' } })
    const bodies: string[] = []
    const reply = async (request: Request) => {
      bodies.push(await request.text())
      return bodies.length === 3 ? json({ staff_id: 'x' }) : busy()
    }
    const { api } = clientOf(reply, { again: 2 })
    const call = api.POST('/api/auth/sign-in', { body: { email: 'a@b.vn', password: 'x' } })
    await vi.runAllTimersAsync()
    expect((await call).data).toEqual({ staff_id: 'x' })
    expect(new Set(bodies)).toEqual(new Set(['{"email":"a@b.vn","password":"x"}']))

    const refused = api.POST('/api/auth/sign-in', { body: { email: 'a@b.vn', password: 'x' } }).catch((e: unknown) => e)
    await vi.runAllTimersAsync()
    expect(await refused).toMatchObject({ code: 'busy', status: 503 })
    expect(bodies).toHaveLength(6)
    vi.useRealTimers()
  })

  it('does not ask again what failed for another reason', async () => {
    const { api, requests } = clientOf(() => new Response('<html>', { status: 503 }), { again: 3 })
    await expect(api.GET('/api/me')).rejects.toMatchObject({ status: 503 })
    expect(requests).toHaveLength(1)
  })

  it('makes a refusal of an answer that is no problem document', async () => {
    const { api } = clientOf(() => new Response('<html>', { status: 502 }))
    await expect(api.GET('/api/me')).rejects.toMatchObject({ code: 'failure', status: 502 })
  })

  it('tells the app when nobody is signed in', async () => {
    const onSignedOut = vi.fn()
    const { api } = clientOf(() => json({ code: 'not_signed_in', detail: '', facts: {}, request_id: '' }, 401), { onSignedOut })
    await expect(api.GET('/api/me')).rejects.toBeInstanceOf(Refusal)
    expect(onSignedOut).toHaveBeenCalledTimes(1)
  })

  it('leaves whoever signed in meanwhile alone when somebody before them is turned away late', async () => {
    const onSignedOut = vi.fn()
    let who = 'Lan'
    let turnAway: (() => void) | undefined
    const refused = json({ code: 'not_signed_in', detail: '', facts: {}, request_id: '' }, 401)
    const { api } = clientOf(() => new Promise((late) => (turnAway = () => late(refused))), { who: () => who, onSignedOut })
    const asked = api.GET('/api/me')
    await vi.waitFor(() => expect(turnAway).toBeDefined())
    who = 'Minh'
    turnAway!()
    await expect(asked).rejects.toBeInstanceOf(Refusal)
    expect(onSignedOut).not.toHaveBeenCalled()
  })

  it('tells a broken network from a slow server, and both from giving up', async () => {
    const broken = clientOf(() => Promise.reject(new TypeError('Failed to fetch')))
    await expect(broken.api.GET('/api/me')).rejects.toMatchObject({ name: 'Unreachable', reason: 'network' })

    const slow = clientOf(() => new Promise<Response>(() => undefined), { timeout_ms: 5 })
    await expect(slow.api.GET('/api/me')).rejects.toMatchObject({ name: 'Unreachable', reason: 'timeout' })

    const leaving = new AbortController()
    const left = slow.api.GET('/api/me', { signal: leaving.signal }).catch((e: unknown) => e)
    leaving.abort()
    expect(await left).not.toBeInstanceOf(Unreachable)
  })
})
