// The shop's door to the server, and what went wrong in words.

import { makeClient, Refusal, Unreachable, type Schemas } from '@placket/api'
import { language } from './i18n.ts'

export const api = makeClient({ language, again: 3 })

export type Style = Schemas['ShopStyle']
export type Variant = Schemas['ShopVariant']
export type Card = Schemas['Card']
export type BranchStock = Schemas['BranchStock']

type Say = (key: string, named?: Record<string, unknown>) => string

/** A sentence about what went wrong: the server's own, else ours. */
export function sentenceOf(error: unknown, t: Say): string {
  if (error instanceof Unreachable) return t('error.network')
  if (error instanceof Refusal) return error.detail || t('error.unknown')
  throw error
}
