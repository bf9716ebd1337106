// A segment's sentence as data and as people say it: conditions that must all be true (docs/rules/segments.md).

import { money, number } from '@placket/ui'

export type Condition =
  | { kind: 'group'; any_of: string[]; isnt?: boolean }
  | { kind: 'tier'; any_of: string[] }
  | { kind: 'orders'; least?: number | null; most?: number | null; days?: number | null }
  | { kind: 'spent'; least_vnd?: number | null; under_vnd?: number | null; days?: number | null }
  | { kind: 'last'; within_days?: number | null; longer_days?: number | null }
  | { kind: 'bought'; categories: string[]; days?: number | null; isnt?: boolean }
  | { kind: 'channel'; channel: 'store' | 'web'; isnt?: boolean }
  | { kind: 'branch'; locations: string[] }
  | { kind: 'birthday'; days: number }
  | { kind: 'agrees'; purpose: 'loyalty' | 'marketing'; isnt?: boolean }
  | { kind: 'points'; least: number }
  | { kind: 'joined'; within_days: number }
export type Kind = Condition['kind']

/** A condition as it begins: something sensible that is already true of some people. */
export const STARTS: Record<Kind, () => Condition> = {
  orders: () => ({ kind: 'orders', least: 2, days: 90 }),
  spent: () => ({ kind: 'spent', least_vnd: 2_000_000 }),
  last: () => ({ kind: 'last', within_days: 30 }),
  bought: () => ({ kind: 'bought', categories: [] }),
  group: () => ({ kind: 'group', any_of: ['champion'] }),
  tier: () => ({ kind: 'tier', any_of: ['gold'] }),
  channel: () => ({ kind: 'channel', channel: 'web' }),
  branch: () => ({ kind: 'branch', locations: [] }),
  birthday: () => ({ kind: 'birthday', days: 14 }),
  agrees: () => ({ kind: 'agrees', purpose: 'marketing' }),
  points: () => ({ kind: 'points', least: 100 }),
  joined: () => ({ kind: 'joined', within_days: 90 }),
}
export const KINDS = Object.keys(STARTS) as Kind[]

/** Whether the server can be asked: nothing is left to choose. */
export const isWhole = (condition: Condition): boolean =>
  !('any_of' in condition && condition.any_of.length === 0)
  && !(condition.kind === 'bought' && condition.categories.length === 0)
  && !(condition.kind === 'branch' && condition.locations.length === 0)

type Say = (key: string, named?: Record<string, unknown>) => string
type NameOf = (kind: 'category' | 'branch' | 'tier', id: string) => string | undefined

const list = (ids: readonly string[], name: (id: string) => string | undefined, t: Say): string => {
  const names = ids.map(name)
  return names.length <= 3 && names.every((one) => one !== undefined) ? names.join(t('segments.said.or')) : t('segments.said.some', { n: ids.length })
}

function range(from: number | null | undefined, to: number | null | undefined, show: (n: number) => string, t: Say, upTo: 'at_most' | 'under'): string {
  if (from != null && from === to) return t('segments.said.exactly', { n: show(from) })
  if (from != null && to != null) return t('segments.said.between', { from: show(from), to: show(to) })
  if (to != null) return t(`segments.said.${upTo}`, { n: show(to) })
  return t('segments.said.at_least', { n: show(from ?? 1) })
}

/** One condition as people say it. */
export function said(one: Condition, t: Say, nameOf: NameOf): string {
  const when = 'days' in one && one.kind !== 'birthday' && one.days != null ? t('segments.in_days', { n: number(one.days) }) : t('segments.ever')
  const yes = 'isnt' in one && one.isnt ? 'no' : 'yes'
  switch (one.kind) {
    case 'orders': return t('segments.said.orders', { range: range(one.least, one.most, (n) => t('segments.times', { n: number(n) }), t, 'at_most'), when })
    case 'spent': return t('segments.said.spent', { range: range(one.least_vnd, one.under_vnd, money, t, 'under'), when })
    case 'last': return [
      one.within_days == null ? '' : t('segments.said.last_within', { n: number(one.within_days) }),
      one.longer_days == null ? '' : t('segments.said.last_longer', { n: number(one.longer_days) }),
    ].filter(Boolean).join(` ${t('segments.and')} `)
    case 'bought': return t('segments.said.bought', { did: t(`segments.did.${yes}`), what: list(one.categories, (id) => nameOf('category', id), t), when })
    case 'group': return t('segments.said.group', { is: t(`segments.is.${yes}`), what: list(one.any_of, (key) => t(`segments.names.${key}`), t) })
    case 'tier': return t('segments.said.tier', { what: list(one.any_of, (key) => nameOf('tier', key), t) })
    case 'channel': return t('segments.said.channel', { did: t(`segments.did.${yes}`), where: t(`segments.at.${one.channel}`) })
    case 'branch': return t('segments.said.branch', { what: list(one.locations, (id) => nameOf('branch', id), t) })
    case 'birthday': return t('segments.said.birthday', { n: number(one.days) })
    case 'agrees': return t('segments.said.agrees', { agreed: t(`segments.agreed.${yes}`), what: t(`segments.for.${one.purpose}`) })
    case 'points': return t('segments.said.points', { n: number(one.least) })
    case 'joined': return t('segments.said.joined', { n: number(one.within_days) })
  }
}

/** The whole sentence. */
export const sentence = (every: readonly Condition[], t: Say, nameOf: NameOf): string => {
  const whole = every.map((one) => said(one, t, nameOf)).join(` ${t('segments.and')} `)
  return whole.charAt(0).toLocaleUpperCase() + whole.slice(1)
}

/** A whole positive number as it was typed, `2tr` and `500k` included. */
export function wholeOf(written: string): number | undefined {
  const match = /^(\d+(?:[.,]\d+)*)(k|tr)?$/.exec(written.replace(/[₫\s\u00A0]/g, '').toLowerCase())
  if (match?.[1] === undefined) return undefined
  const unit = match[2] === 'tr' ? 1_000_000 : match[2] === 'k' ? 1_000 : 1
  const value = unit === 1 ? Number(match[1].replace(/[.,]/g, '')) : Math.round(Number(match[1].replace(',', '.')) * unit)
  return Number.isSafeInteger(value) ? value : undefined
}
