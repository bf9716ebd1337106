// How the server says no (RFC 9457), and how the network says nothing at all.

export type Facts = Readonly<Record<string, unknown>>

interface Problem {
  code: string
  detail: string
  facts: Facts
  request_id: string
}

/** The server understood and declined, or failed: a stable `code`, a sentence for a person, facts for a program. */
export class Refusal extends Error {
  override name = 'Refusal'

  constructor(
    readonly code: string,
    readonly status: number,
    detail: string,
    readonly facts: Facts = {},
    readonly requestId = '',
  ) {
    super(detail)
  }

  /** The sentence for a person, in the language that was asked for. */
  get detail(): string {
    return this.message
  }

  /** Seconds to wait before another attempt, when the server says so. */
  get retryAfter(): number | undefined {
    const wait = this.facts.retry_after_s
    return typeof wait === 'number' ? wait : undefined
  }
}

/** No answer came: the network is gone, or the server took too long. Whether it acted is not known. */
export class Unreachable extends Error {
  override name = 'Unreachable'

  constructor(
    readonly reason: 'network' | 'timeout',
    cause?: unknown,
  ) {
    super(reason, { cause })
  }
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string'

/** The refusal in an error answer, also when a proxy in between made it up. */
export function refusalOf(body: unknown, status: number): Refusal {
  if (!isProblem(body)) return new Refusal(status >= 500 ? 'failure' : 'bad_request', status, '')
  return new Refusal(body.code, status, body.detail, body.facts, body.request_id)
}
