/** Whether this till understands a promotion: one of a newer server is skipped, reported and shown, never guessed at. */
import type { Promotion } from './terms.ts'

const FIELDS = new Set([
  'id', 'version', 'group', 'priority', 'exclusive', 'voucher', 'when', 'where', 'who', 'goods', 'need', 'reward', 'name_vi', 'name_en',
])
const PARTS: Record<string, ReadonlySet<string>> = {
  when: new Set(['starts_ms', 'ends_ms', 'weekdays', 'minutes']),
  where: new Set(['locations', 'channels']),
  who: new Set(['segments', 'tiers', 'birthday_days']),
  need: new Set(['qty', 'spend_vnd']),
}
const GOODS = new Set(['categories', 'seasons', 'tags', 'styles', 'variants', 'but_not'])
const REWARDS: Record<string, ReadonlySet<string>> = {
  percent: new Set(['kind', 'bp', 'cap_vnd']),
  amount_each: new Set(['kind', 'vnd']),
  fixed_price: new Set(['kind', 'vnd']),
  amount: new Set(['kind', 'vnd']),
  buy_get: new Set(['kind', 'buy', 'get', 'bp', 'goods']),
  bundle: new Set(['kind', 'parts', 'vnd']),
  tiers: new Set(['kind', 'by', 'steps']),
  gift: new Set(['kind', 'goods', 'qty']),
}

export function understood(promotion: Record<string, unknown>): promotion is Record<string, unknown> & Promotion {
  const reward = promotion.reward as Record<string, unknown> | undefined
  return within(promotion, FIELDS)
    && Object.entries(PARTS).every(([name, fields]) => within(promotion[name], fields))
    && within(promotion.goods, GOODS)
    && reward !== undefined && within(reward, REWARDS[String(reward.kind)] ?? new Set())
}

/** Whether something says nothing beyond these fields; nothing at all is fine. */
function within(value: unknown, fields: ReadonlySet<string>): boolean {
  return value === undefined || value === null || Object.keys(value).every((field) => fields.has(field))
}
