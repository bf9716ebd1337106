// The only code that talks to the server and to the print bridge: requests, refusals, and the stream of events.
export { answer, loadPage, makeClient, type Api, type ClientOptions } from './client.ts'
export { base64, makeBridge, BridgeRefusal, type Bridge, type BridgeEntry, type BridgeJob, type CopyKept, type JobAnswer, type PrinterState } from './bridge.ts'
export { Live, liveUrl, type LiveEvent, type LiveOptions, type LiveState, type Socket } from './live.ts'
export { Refusal, Unreachable, type Facts } from './refusal.ts'
export type { components, operations, paths } from './schema.d.ts'

import type { components } from './schema.d.ts'

/** The named shapes of the API: `Schemas['SaleAccepted']`. */
export type Schemas = components['schemas']
