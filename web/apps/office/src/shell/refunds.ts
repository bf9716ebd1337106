// Money of online orders that goes back, as every screen shows and settles it.

import { answer, type Schemas } from '@placket/api'
import { api } from '../api.ts'

export type Refund = Schemas['RefundSeen']

const TONES = { requested: 'info', pending: 'info', succeeded: 'ok', failed: 'danger', settled: 'ok' } as const
export const refundTone = (state: string) => TONES[state as keyof typeof TONES] ?? 'neutral'

export const retryRefund = (refundId: string) => api.POST('/api/web-orders/refunds/{refund_id}/retry', { params: { path: { refund_id: refundId } } })
export const settleRefund = (refundId: string, note: string) => api.POST('/api/web-orders/refunds/{refund_id}/settle', { params: { path: { refund_id: refundId } }, body: { note } })
export const replayEvent = (eventId: string) => answer(api.POST('/api/web-orders/events/{event_id}/replay', { params: { path: { event_id: eventId } } }))
