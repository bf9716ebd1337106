// A promotion's text while it is being written: where it starts from, and what is still wrong with it. Pure.

import { writtenDay, isoDay, clock, day } from '@placket/ui'
import type { Goods, Promotion, Reward } from '@placket/selling'

export type Terms = Omit<Promotion, 'id' | 'version'>
export type RewardKind = Reward['kind']

export interface Limits {
  uses_max?: number | null
  pieces_max?: number | null
  budget_vnd?: number | null
  uses_a_customer?: number | null
  pieces_a_customer?: number | null
}

export interface Text {
  name_vi: string
  name_en: string
  terms: Terms
  limits: Limits
}

export const KINDS: readonly RewardKind[] = ['percent', 'amount_each', 'fixed_price', 'amount', 'buy_get', 'bundle', 'tiers', 'gift']
export const GOODS_KINDS = ['categories', 'seasons', 'tags', 'styles', 'variants'] as const
export type GoodsKind = (typeof GOODS_KINDS)[number]

/** What a reward of each kind starts as. */
export function rewardOf(kind: RewardKind): Reward {
  switch (kind) {
    case 'percent': return { kind, bp: 1_000 }
    case 'amount_each': return { kind, vnd: 50_000 }
    case 'fixed_price': return { kind, vnd: 199_000 }
    case 'amount': return { kind, vnd: 100_000 }
    case 'buy_get': return { kind, buy: 2, get: 1, bp: 10_000 }
    case 'bundle': return { kind, parts: [{ goods: {}, qty: 1 }, { goods: {}, qty: 1 }], vnd: 0 }
    case 'tiers': return { kind, by: 'qty', steps: [{ at_least: 2, bp: 1_000 }, { at_least: 3, bp: 1_500 }] }
    case 'gift': return { kind, goods: {}, qty: 1 }
  }
}

/** The six patterns a new promotion starts from. */
export const PATTERNS: Record<'percent' | 'buy_get' | 'tiers' | 'bundle' | 'flash' | 'voucher', () => Terms> = {
  percent: () => ({ group: 1, goods: {}, reward: { kind: 'percent', bp: 1_000 } }),
  buy_get: () => ({ group: 2, goods: {}, reward: rewardOf('buy_get') }),
  tiers: () => ({ group: 3, goods: {}, reward: rewardOf('tiers') }),
  bundle: () => ({ group: 2, goods: {}, reward: rewardOf('bundle') }),
  flash: () => ({ group: 1, exclusive: true, goods: {}, reward: { kind: 'percent', bp: 4_000 } }),
  voucher: () => ({ group: 9, voucher: true, goods: {}, reward: { kind: 'amount', vnd: 100_000 } }),
}

export const emptyGoods = (goods: Goods | null | undefined): boolean =>
  !goods || GOODS_KINDS.every((kind) => !goods[kind]?.length)

/** Terms without what says nothing: empty lists, no place, no limit. The server keeps what it is sent. */
export function tidy(terms: Terms): Terms {
  return JSON.parse(JSON.stringify(terms, (key, value: unknown) => {
    if (value === null || value === undefined) return undefined
    if (Array.isArray(value) && value.length === 0 && key !== 'parts' && key !== 'steps') return undefined
    if (typeof value === 'object' && !Array.isArray(value) && ['when', 'where', 'who', 'need', 'but_not'].includes(key) && said(value) === 0) return undefined
    return value
  })) as Terms
}

const said = (value: object): number =>
  Object.values(value).filter((each) => each !== null && each !== undefined && each !== 0 && !(Array.isArray(each) && each.length === 0)).length

/** Terms nobody else holds; they are JSON, and may be watched. */
export const copyOf = (terms: Terms): Terms => JSON.parse(JSON.stringify(terms)) as Terms

/** What is wrong, by the block it stands in; the code is a key of `promotions.fault`. */
export interface Wrong {
  block: 'name' | 'when' | 'gives' | 'time' | 'place' | 'limits'
  code: string
}

export function wrongIn({ name_vi: vi, name_en: en, terms, limits }: Text): Wrong[] {
  const found: Wrong[] = []
  const say = (block: Wrong['block'], code: string, is: boolean): void => {
    if (is) found.push({ block, code })
  }
  say('name', 'name', vi.trim() === '' || en.trim() === '')
  const { starts_ms: from, ends_ms: to, weekdays, minutes } = terms.when ?? {}
  say('time', 'ends_first', from != null && to != null && to <= from)
  say('time', 'no_weekday', weekdays?.length === 0)
  say('time', 'hours', minutes != null && minutes[1] <= minutes[0])
  say('place', 'nowhere', terms.where?.locations?.length === 0)
  say('place', 'no_channel', terms.where?.channels?.length === 0)
  for (const code of wrongReward(terms.reward)) say('gives', code, true)
  say('limits', 'limit', Object.values(limits).some((value) => value !== null && value !== undefined && value < 1))
  return found
}

function wrongReward(reward: Reward): string[] {
  switch (reward.kind) {
    case 'percent': return reward.bp < 1 ? ['no_percent'] : []
    case 'amount_each':
    case 'amount': return reward.vnd < 1 ? ['no_amount'] : []
    case 'fixed_price': return []
    case 'buy_get': return [...(reward.goods !== undefined && reward.goods !== null && emptyGoods(reward.goods) ? ['no_given'] : []), ...(reward.bp === 0 ? ['no_percent'] : [])]
    case 'bundle': return [...(reward.parts.some(({ goods }) => emptyGoods(goods)) ? ['no_part'] : []), ...(reward.vnd < 1 ? ['no_price'] : [])]
    case 'tiers': return wrongSteps(reward.steps)
    case 'gift': return emptyGoods(reward.goods) ? ['no_given'] : []
  }
}

function wrongSteps(steps: readonly { at_least: number; bp?: number; vnd?: number }[]): string[] {
  if (steps.length === 0) return ['no_step']
  const rising = steps.every((step, index) => index === 0 || step.at_least > steps[index - 1]!.at_least)
  return [...(rising ? [] : ['steps_fall']), ...(steps.some(({ bp, vnd }) => !bp && !vnd) ? ['empty_step'] : [])]
}

const SECOND = 1_000

/** A moment as people write it, to the second. */
export const writtenMoment = (ms: number): string => `${writtenDay(day(ms))} ${clock(ms)}`

/** The last second of a half-open period, as people say it: "until 30/11 23:59:59". */
export const writtenEnd = (ends_ms: number): string => writtenMoment(ends_ms - SECOND)

/** What somebody wrote as a moment (`14/11/2026`, `14/11/2026 9:30`, `14/11/2026 09:30:15`); none when it is no moment. */
export function momentOf(written: string, { end = false } = {}): number | undefined {
  const [dayPart = '', timePart = end ? '23:59:59' : '00:00:00'] = written.trim().split(/\s+/)
  const iso = isoDay(dayPart)
  const time = /^(\d{1,2})(?:[:hg](\d{1,2}))?(?::(\d{1,2}))?$/.exec(timePart)
  if (iso === '' || time === null) return undefined
  const [h, m, s] = [Number(time[1]), Number(time[2] ?? 0), Number(time[3] ?? (end && time[2] !== undefined ? 59 : 0))]
  if (h > 23 || m > 59 || s > 59) return undefined
  return Date.parse(`${iso}T${two(h)}:${two(m)}:${two(s)}+07:00`) + (end ? SECOND : 0)
}

const two = (value: number): string => String(value).padStart(2, '0')

/** Minutes of the day as `09:30`; 1440 is midnight at its end. */
export const writtenMinute = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`

export function minuteOf(written: string): number | undefined {
  const time = /^(\d{1,2})(?:[:hg](\d{2}))?$/.exec(written.trim())
  if (time === null) return undefined
  const minute = Number(time[1]) * 60 + Number(time[2] ?? 0)
  return minute <= 1_440 && Number(time[2] ?? 0) < 60 ? minute : undefined
}

/** Whole đồng or a count as somebody types it: `199.000`, `199000`, `199k`, `1,5tr`; none when it is no number. */
export function wholeOf(written: string): number | undefined {
  const bare = written.trim().toLowerCase().replace(/₫|đ|%|\s/g, '')
  const short = /^(\d+)(?:[.,](\d{1,3}))?(k|tr)$/.exec(bare)
  if (short !== null) return Math.round(Number(`${short[1]}.${short[2] ?? 0}`) * (short[3] === 'k' ? 1_000 : 1_000_000))
  return /^\d{1,3}([.,]\d{3})+$|^\d+$/.test(bare) ? Number(bare.replace(/[.,]/g, '')) : undefined
}

/** A percentage in basis points: `10`, `12,5%`; none when it is none. */
export function bpOf(written: string): number | undefined {
  const bare = /^(\d{1,3})(?:[.,](\d{1,2}))?%?$/.exec(written.trim())
  if (bare === null) return undefined
  const bp = Number(bare[1]) * 100 + Number((bare[2] ?? '').padEnd(2, '0'))
  return bp <= 10_000 ? bp : undefined
}

export type Phase = 'draft' | 'planned' | 'running' | 'over' | 'stopped'

/** Where a promotion stands at a moment; what is in force decides, not what is being written. */
export function phaseOf(state: string, live: Terms | null, now: number): Phase {
  if (state === 'draft' || state === 'stopped') return state
  const { starts_ms: from, ends_ms: to } = live?.when ?? {}
  if (from != null && now < from) return 'planned'
  return to != null && now >= to ? 'over' : 'running'
}
