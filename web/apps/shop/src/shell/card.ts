// The member card as this device keeps it: enough to be scanned at a till without network, and no more.

import { recall, remember } from './memory.ts'

export interface Card {
  full_name: string
  member_no: number
  code: string
}

const KEY = 'card'

export const card = (): Card | undefined => recall<Card>(KEY)
export const keepCard = (kept: Card | undefined): void => remember(KEY, kept)
