// What a transfer is called, how far it has come, and who may do the next step. Pure.

import type { Schemas } from '@placket/api'

export type TransferRow = Schemas['TransferRow']
export type Transfer = Schemas['TransferShown']
export type TransferLine = Schemas['TransferLineShown']
export type Difference = Schemas['DifferenceShown']
export type Which = 'open' | 'outgoing' | 'incoming' | 'differs' | 'closed'

export const WHICHES = ['open', 'outgoing', 'incoming', 'differs', 'closed'] as const

export const TONES = {
  draft: 'neutral', requested: 'neutral', picking: 'accent', in_transit: 'info', part_received: 'info', differs: 'danger', done: 'ok', cancelled: 'neutral',
} as const

export const toneOf = (state: string) => TONES[state as keyof typeof TONES] ?? 'neutral'

export const isPreparing = ({ state }: { state: string }): boolean => state === 'requested' || state === 'picking'
export const isDraft = ({ state }: { state: string }): boolean => state === 'draft'
export const isOnTheWay = ({ state }: { state: string }): boolean => state === 'in_transit' || state === 'part_received'

/** How far it has come, as a key of `transfers.progress` and its numbers. */
export function progressOf(row: TransferRow): { key: 'asked' | 'picked' | 'way' | 'arrived'; n: number; of: number } {
  if (row.state === 'picking') return { key: 'picked', n: row.picked, of: row.asked }
  if (isOnTheWay(row)) return { key: 'way', n: row.on_the_way, of: row.shipped }
  if (row.state === 'differs' || row.state === 'done') return { key: 'arrived', n: row.arrived, of: row.shipped }
  return { key: 'asked', n: row.asked, of: row.asked }
}

/** What came out of the boxes so far, on this screen: good and damaged pieces by variant. */
export type Unpacked = Record<string, { good: number; damaged: number }>

export const piecesIn = (unpacked: Unpacked): number => Object.values(unpacked).reduce((sum, { good, damaged }) => sum + good + damaged, 0)

/** How many pieces would be missing if no box were left. */
export const missingAfter = (transfer: Transfer, unpacked: Unpacked): number =>
  transfer.lines.reduce((sum, line) => {
    const { good, damaged } = unpacked[line.variant_id] ?? { good: 0, damaged: 0 }
    return sum + Math.max(0, line.on_the_way - good - damaged)
  }, 0)

export const OUTCOMES = {
  transfer_missing: ['arrived', 'at_source', 'lost'],
  transfer_damaged: ['restocked', 'written_off'],
  transfer_extra: ['from_source', 'unexplained'],
} as const

export type Outcome = (typeof OUTCOMES)[keyof typeof OUTCOMES][number]
