/** Whether a promotion may take part, and which goods it means. Mirrors `promotions/conditions.py`. */
import type { CartFacts, Goods, LineFacts, Promotion } from './terms.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** UTC+7 the whole year: Vietnam has no summer time. */
const VIETNAM_MS = 7 * 3_600_000
/** The weekday of 1970-01-01, Monday being 0. */
const THURSDAY = 3

/** Why the promotion takes no part in this cart. `elsewhere` and `no_voucher` are not worth saying. */
export function refusalOf(promotion: Promotion, cart: CartFacts): string | undefined {
  const { locations, channels } = promotion.where ?? {}
  if ((locations && !locations.includes(cart.location_id)) || (channels && !channels.includes(cart.channel))) return 'elsewhere'
  if (promotion.voucher === true && !(cart.vouchers ?? []).includes(promotion.id)) return 'no_voucher'
  return wrongTime(promotion, cart.at_ms) ?? wrongCustomer(promotion, cart) ?? usedUp(promotion, cart)
}

/** Whether a line is of these goods. */
export function holds(goods: Goods, line: LineFacts): boolean {
  return (
    (!goods.variants || goods.variants.includes(line.variant_id)) &&
    (!goods.styles || goods.styles.includes(line.style_id)) &&
    (!goods.categories || meet(goods.categories, line.category_ids)) &&
    (!goods.seasons || includes(goods.seasons, line.season)) &&
    (!goods.tags || meet(goods.tags, line.tags ?? [])) &&
    (!goods.but_not || !anyOf(goods.but_not, line))
  )
}

/** What is taken out, is taken out for any one reason. */
function anyOf(goods: Goods, line: LineFacts): boolean {
  return (
    (goods.variants?.includes(line.variant_id) ?? false) ||
    (goods.styles?.includes(line.style_id) ?? false) ||
    (goods.categories ? meet(goods.categories, line.category_ids) : false) ||
    (goods.seasons ? includes(goods.seasons, line.season) : false) ||
    (goods.tags ? meet(goods.tags, line.tags ?? []) : false)
  )
}

function meet(some: readonly string[], others: readonly string[]): boolean {
  return others.some((other) => some.includes(other))
}

function includes(some: readonly string[], one: string | null | undefined): boolean {
  return one != null && some.includes(one)
}

function wrongTime({ when }: Promotion, atMs: number): string | undefined {
  if (when === undefined) return undefined
  if (when.starts_ms != null && atMs < when.starts_ms) return 'not_yet'
  if (when.ends_ms != null && atMs >= when.ends_ms) return 'over'
  const day = Math.floor((atMs + VIETNAM_MS) / DAY_MS)
  if (when.weekdays && !when.weekdays.includes((day + THURSDAY) % 7 + 1)) return 'not_now'
  const minute = Math.floor((atMs + VIETNAM_MS - day * DAY_MS) / MINUTE_MS)
  if (when.minutes && !(when.minutes[0] <= minute && minute < when.minutes[1])) return 'not_now'
  return undefined
}

function wrongCustomer({ who }: Promotion, cart: CartFacts): string | undefined {
  if (!who) return undefined
  const { customer } = cart
  if (!customer) return 'needs_customer'
  if (who.segments && !meet(who.segments, customer.segments ?? [])) return 'not_for_customer'
  if (who.tiers && !includes(who.tiers, customer.tier)) return 'not_for_customer'
  if (who.birthday_days != null && !nearBirthday(customer.birthday, cart.at_ms, who.birthday_days)) return 'not_for_customer'
  return undefined
}

/** Within so many days of the birthday, over the turn of the year too; 29 February is kept on the 28th in other years. */
function nearBirthday(birthday: string | null | undefined, atMs: number, days: number): boolean {
  if (birthday == null) return false
  const today = Math.floor((atMs + VIETNAM_MS) / DAY_MS)
  const year = new Date(atMs + VIETNAM_MS).getUTCFullYear()
  const [month, day] = [Number(birthday.slice(0, 2)), Number(birthday.slice(3))]
  return [year - 1, year, year + 1].some((each) => {
    const last = new Date(Date.UTC(each, month, 0)).getUTCDate()
    return Math.abs(today - Date.UTC(each, month - 1, Math.min(day, last)) / DAY_MS) <= days
  })
}

function usedUp({ id }: Promotion, cart: CartFacts): string | undefined {
  const left = cart.left?.[id]
  const spent = left !== undefined && [left.uses, left.pieces, left.budget_vnd].some((limit) => limit != null && limit <= 0)
  return spent ? 'used_up' : undefined
}
