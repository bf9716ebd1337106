// What is counted at the door: taken in and rejected by variant, with a reason. Pure.

import type { Schemas } from '@placket/api'
import type { Goods } from '../../shell/useGoods.ts'

export type OrderRow = Schemas['OrderRow']
export type Order = Schemas['OrderShown']
export type OrderLine = Schemas['OrderLineShown']
export type Delivery = Schemas['DeliveryRow']
export type Reason = NonNullable<Schemas['DeliveredLine']['reason']>

export const REASONS = ['damaged', 'wrong_item', 'too_many', 'quality', 'late'] as const
export const TONES = { open: 'info', part: 'accent', done: 'ok', closed: 'neutral' } as const
export const toneOf = (state: string) => TONES[state as keyof typeof TONES] ?? 'neutral'

export interface Counted {
  accepted: number
  rejected: number
  reason: Reason | ''
  costVnd: string
}

export const NOTHING: Counted = { accepted: 0, rejected: 0, reason: '', costVnd: '' }

/** A row at the door: goods of the order, or what came beyond it. */
export interface DoorLine {
  id: string
  goods: Pick<Goods, 'sku' | 'name_vi' | 'name_en' | 'colour_vi' | 'colour_en' | 'size'>
  ordered: number
  received: number
}

/** Whole đồng as somebody types them, or nothing for what is none. */
export function typedVnd(text: string): number | undefined {
  const digits = text.replace(/[.\s₫]/g, '')
  return /^\d{1,10}$/.test(digits) && Number(digits) <= 1_000_000_000 ? Number(digits) : undefined
}

export const piecesIn = (counted: Readonly<Record<string, Counted>>, what: 'accepted' | 'rejected'): number =>
  Object.values(counted).reduce((sum, one) => sum + one[what], 0)

/** The lines as the server takes them; a line of nothing is left out. */
export const deliveredOf = (counted: Readonly<Record<string, Counted>>): Schemas['DeliveredLine'][] =>
  Object.entries(counted).flatMap(([variant_id, { accepted, rejected, reason, costVnd }]) =>
    accepted + rejected === 0 ? [] : [{ variant_id, accepted, rejected, reason: reason || null, unit_cost_vnd: typedVnd(costVnd) ?? null }])

/** Whether every rejected piece has its reason. */
export const saysWhy = (counted: Readonly<Record<string, Counted>>): boolean =>
  Object.values(counted).every(({ rejected, reason }) => rejected === 0 || reason !== '')
