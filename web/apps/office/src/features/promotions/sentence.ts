// A promotion as people say it, block by block: for the list, the history and what a publication changes.

import { money, percent } from '@placket/ui'
import type { Goods } from '@placket/selling'
import { GOODS_KINDS, writtenEnd, writtenMinute, writtenMoment, type GoodsKind, type Limits, type Terms } from './terms.ts'

export type Say = (key: string, named?: Record<string, unknown>) => string

/** What the things are called that a promotion names by id. */
export type NameOf = (kind: GoodsKind | 'places' | 'segments' | 'tiers', id: string) => string | undefined

export const BLOCKS = ['when', 'gives', 'time', 'place', 'with', 'limits'] as const
export type Block = (typeof BLOCKS)[number]

/** Every block as one sentence; an empty one says nothing. */
export function said(terms: Terms, limits: Limits, t: Say, name: NameOf): Record<Block, string> {
  return {
    when: sayWhen(terms, t, name),
    gives: sayReward(terms, t, name),
    time: sayTime(terms, t),
    place: sayPlace(terms, t, name),
    with: sayWith(terms, t),
    limits: sayLimits(limits, t),
  }
}

/** The short form of the list: what must be bought, then what it gives. */
export const shortSentence = (terms: Terms, t: Say, name: NameOf): string =>
  [sayWhen(terms, t, name), sayReward(terms, t, name)].filter((part) => part !== '').join(', ')

export function sayGoods(goods: Goods | null | undefined, t: Say, name: NameOf): string {
  const kinds = GOODS_KINDS.flatMap((kind) => {
    const ids = goods?.[kind]
    if (!ids?.length) return []
    const names = ids.map((id) => name(kind, id))
    const some = names.every((each) => each !== undefined) && names.length <= 4
    return [some ? names.join(', ') : t(`promotions.some.${kind}`, { n: ids.length })]
  })
  const all = kinds.length === 0 ? t('promotions.all_goods') : kinds.join(', ')
  const not = goods?.but_not ? sayGoods(goods.but_not, t, name) : undefined
  return not === undefined || not === t('promotions.all_goods') ? all : t('promotions.but_not', { all, not })
}

function sayWhen({ goods, need, reward }: Terms, t: Say, name: NameOf): string {
  if (reward.kind === 'bundle') return ''
  const what = sayGoods(goods, t, name)
  const qty = need?.qty ?? 0
  const vnd = need?.spend_vnd ?? 0
  if (qty > 0 && vnd > 0) return t('promotions.said.buy_both', { qty, vnd: money(vnd), what })
  if (vnd > 0) return t('promotions.said.buy_spend', { vnd: money(vnd), what })
  return qty > 0 ? t('promotions.said.buy_qty', { qty, what }) : t('promotions.said.buy', { what })
}

function sayReward({ reward }: Terms, t: Say, name: NameOf): string {
  switch (reward.kind) {
    case 'percent': return reward.cap_vnd == null
      ? t('promotions.said.percent', { much: percent(reward.bp) })
      : t('promotions.said.percent_capped', { much: percent(reward.bp), cap: money(reward.cap_vnd) })
    case 'amount_each': return t('promotions.said.amount_each', { much: money(reward.vnd) })
    case 'fixed_price': return t('promotions.said.fixed_price', { much: money(reward.vnd) })
    case 'amount': return t('promotions.said.amount', { much: money(reward.vnd) })
    case 'buy_get': {
      const what = reward.goods ? sayGoods(reward.goods, t, name) : t('promotions.same_goods')
      const bp = reward.bp ?? 10_000
      return bp === 10_000
        ? t('promotions.said.buy_get', { buy: reward.buy, get: reward.get, what })
        : t('promotions.said.buy_get_off', { buy: reward.buy, get: reward.get, much: percent(bp), what })
    }
    case 'bundle': return t('promotions.said.bundle', { parts: reward.parts.map(({ qty, goods }) => `${qty} ${sayGoods(goods, t, name)}`).join(' + '), much: money(reward.vnd) })
    case 'tiers': return reward.steps.map(({ at_least: from, bp, vnd }) =>
      t('promotions.said.step', { from: reward.by === 'qty' ? t('promotions.pieces', { n: from }) : money(from), much: bp ? percent(bp) : money(vnd ?? 0) })).join(', ')
    case 'gift': return t('promotions.said.gift', { qty: reward.qty ?? 1, what: sayGoods(reward.goods, t, name) })
  }
}

function sayTime({ when }: Terms, t: Say): string {
  const { starts_ms: from, ends_ms: to, weekdays, minutes } = when ?? {}
  const period = from != null && to != null
    ? t('promotions.said.between', { from: writtenMoment(from), to: writtenEnd(to) })
    : from != null
      ? t('promotions.said.from', { from: writtenMoment(from) })
      : to != null
        ? t('promotions.said.until', { to: writtenEnd(to) })
        : t('promotions.said.always')
  const days = weekdays?.length ? [...weekdays].sort().map((each) => t(`promotions.weekday.${each}`)).join(', ') : undefined
  const hours = minutes ? t('promotions.said.hours', { from: writtenMinute(minutes[0]), to: writtenMinute(minutes[1]) }) : undefined
  return [period, days, hours].filter((part) => part !== undefined).join(', ')
}

const YEAR_MS = 365 * 86_400_000
/** Within a year the year of the end says that of the beginning. */
const withoutYear = (written: string): string => written.replace(/^(\d\d\/\d\d)\/\d{4}/, '$1')

/** The period as briefly as it can be said: days where it begins and ends at midnight, minutes and seconds only where they count. */
export function shortPeriod({ when }: Terms, t: Say): string {
  const brief = (written: string, whole: string): string => (written.endsWith(whole) ? written.slice(0, 10) : written.replace(/:00$/, ''))
  const { starts_ms: starts, ends_ms: ends, weekdays, minutes } = when ?? {}
  const from = starts == null ? undefined : brief(writtenMoment(starts), '00:00:00')
  const to = ends == null ? undefined : writtenEnd(ends).endsWith('23:59:59') ? writtenEnd(ends).slice(0, 10) : brief(writtenMoment(ends), '00:00:00')
  const period = from !== undefined && to !== undefined
    ? from.slice(0, 10) === to.slice(0, 10) && from.length > 10 ? t('promotions.span', { from, to: to.slice(11) }) : t('promotions.span', { from: Number(ends) - Number(starts) < YEAR_MS ? withoutYear(from) : from, to })
    : from !== undefined ? t('promotions.said.from', { from }) : to !== undefined ? t('promotions.said.until', { to }) : t('promotions.said.always')
  return weekdays?.length || minutes ? t('promotions.some_hours', { period }) : period
}

function sayPlace({ where, who }: Terms, t: Say, name: NameOf): string {
  const ids = where?.locations
  const places = !ids?.length
    ? t('promotions.everywhere')
    : ids.length <= 3 ? ids.map((id) => name('places', id) ?? '…').join(', ') : t('promotions.some.places', { n: ids.length })
  const channels = where?.channels?.length ? where.channels.map((each) => t(`promotions.channel.${each}`)).join(', ') : undefined
  const birthday = who?.birthday_days != null ? t('promotions.said.birthday', { n: who.birthday_days }) : undefined
  const segments = who?.segments?.length ? t('promotions.said.segments', { what: who.segments.map((key) => name('segments', key) ?? '…').join(', ') }) : undefined
  const tiers = who?.tiers?.length ? t('promotions.said.tiers', { what: who.tiers.map((key) => name('tiers', key) ?? '…').join(', ') }) : undefined
  return [places, channels, segments, tiers, birthday].filter((part) => part !== undefined).join(', ')
}

const sayWith = ({ exclusive, voucher, group, priority }: Terms, t: Say): string =>
  [
    ...(voucher ? [t('promotions.said.voucher')] : []),
    exclusive ? t('promotions.said.alone') : t('promotions.said.group', { group, priority: priority ?? 100 }),
  ].join(', ')

function sayLimits(limits: Limits, t: Say): string {
  const parts = [
    limits.budget_vnd != null ? t('promotions.said.budget', { much: money(limits.budget_vnd) }) : undefined,
    limits.uses_max != null ? t('promotions.said.uses', { n: limits.uses_max }) : undefined,
    limits.pieces_max != null ? t('promotions.said.stock', { n: limits.pieces_max }) : undefined,
    limits.uses_a_customer != null ? t('promotions.said.uses_each', { n: limits.uses_a_customer }) : undefined,
    limits.pieces_a_customer != null ? t('promotions.said.pieces_each', { n: limits.pieces_a_customer }) : undefined,
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? t('promotions.said.no_limit') : parts.join(', ')
}
