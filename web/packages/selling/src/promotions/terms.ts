/** What a promotion says, as the server publishes it: the same JSON as `promotions/terms.py`, explained in docs/rules/pricing.md. */

export interface Goods {
  categories?: string[] | null
  seasons?: string[] | null
  tags?: string[] | null
  styles?: string[] | null
  variants?: string[] | null
  but_not?: Goods | null
}

export interface Step {
  at_least: number
  bp?: number
  vnd?: number
}

export type Reward =
  | { kind: 'percent'; bp: number; cap_vnd?: number | null }
  | { kind: 'amount_each'; vnd: number }
  | { kind: 'fixed_price'; vnd: number }
  | { kind: 'amount'; vnd: number }
  | { kind: 'buy_get'; buy: number; get: number; bp?: number; goods?: Goods | null }
  | { kind: 'bundle'; parts: { goods: Goods; qty: number }[]; vnd: number }
  | { kind: 'tiers'; by: 'qty' | 'spend'; steps: Step[] }
  | { kind: 'gift'; goods: Goods; qty?: number }

export interface Promotion {
  id: string
  version: number
  group: number
  priority?: number
  exclusive?: boolean
  voucher?: boolean
  when?: { starts_ms?: number | null; ends_ms?: number | null; weekdays?: number[] | null; minutes?: [number, number] | null }
  where?: { locations?: string[] | null; channels?: string[] | null }
  who?: { segments?: string[] | null; tiers?: string[] | null; birthday_days?: number | null } | null
  goods?: Goods
  need?: { qty?: number; spend_vnd?: number }
  reward: Reward
}

/** A line of the cart as promotions see it. */
export interface LineFacts {
  variant_id: string
  style_id: string
  category_ids: string[]
  list_vnd: number
  qty: number
  season?: string | null
  tags?: string[]
}

/** What a promotion's limits still allow this customer; nothing is no limit. */
export interface Left {
  uses?: number | null
  pieces?: number | null
  budget_vnd?: number | null
}

/** Everything a price depends on besides the promotions themselves. */
export interface CartFacts {
  at_ms: number
  location_id: string
  channel: string
  lines: LineFacts[]
  customer?: { segments?: string[]; tier?: string | null; birthday?: string | null } | null
  vouchers?: string[]
  left?: Record<string, Left>
}

export interface PromotionQuote {
  list_vnd: number
  total_vnd: number
  /** No permitted combination is cheaper; false only where there were too many to try. */
  exact: boolean
  pieces: { variant_id: string; no: number; list_vnd: number; net_vnd: number; parts: { promotion_id: string; vnd: number }[] }[]
  applied: { promotion_id: string; version: number; times: number; pieces: number; vnd: number }[]
  rejected: { promotion_id: string; reason: string; would_vnd: number }[]
  near: { promotion_id: string; lacks_qty: number; lacks_vnd: number }[]
}
