// Why an attempt did not become a sale, as the cashier is told.

import type { Refusal } from '@placket/api'
import { answerOf, codeOf, type Cart, type LackingLine, type Question } from '@placket/selling'
import { useSync } from './sync'

export interface NewPrice {
  variantId: string
  beforeVnd: number
}

/** Why the last attempt of a cart did not become a sale. */
export interface Setback {
  cartId: string
  code: string
  sentence: string
  lacking: LackingLine[]
  /** What the server asks the cashier to look for. */
  questions: Question[]
  prices: NewPrice[]
  beforeVnd: number
}

/** The promised pieces that the server wants looked for, line by line. */
export function ambers(refusal: Refusal, paid: Cart): Question[] {
  const promises = useSync().board.value?.promises ?? []
  const lines = refusal.facts.lines as { variant_id: string; promised: number }[]
  return lines.map(({ variant_id: variantId, promised }) => ({
    kind: 'amber' as const,
    variantId,
    promised: promised + (answerOf(paid, variantId)?.seen ?? 0),
    codes: promises.filter(({ variant_id, phase }) => variant_id === variantId && phase === 'confirmed').map(codeOf),
  }))
}
