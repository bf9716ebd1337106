// What figures say of each other: averages, rates and growth, in whole đồng and basis points. See docs/rules/metrics.md.

import type { Schemas } from '@placket/api'

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** When a place opens today, "09:00", as long as it has not; `clock` is the time of day there. Without hours nobody knows. */
export function opensAt(hours: Record<string, unknown> | undefined, onDate: string, clock: string): string | undefined {
  const period = hours?.[WEEKDAYS[new Date(`${onDate}T12:00:00Z`).getUTCDay()] ?? 'mon']
  const opens = typeof period === 'string' ? period.split('-')[0] : undefined
  return opens !== undefined && clock < opens ? opens : undefined
}

export type Figures = Schemas['FiguresShown']
export type Beside = Schemas['BesideShown']
export type Day = Schemas['DashboardShown']
export type BranchOfDay = Schemas['BranchShown']
export type Report = Schemas['ReportShown']
export type ReportRow = Schemas['RowShown']
export type Compare = 'date' | 'weekday' | 'lunar'
export type By = 'branch' | 'channel' | 'staff' | 'category' | 'hour' | 'weekday' | 'day'

export const COMPARES: readonly Compare[] = ['date', 'weekday', 'lunar']

/** A quotient, or nothing where nothing was. */
const per = (value: number, of: number): number | undefined => (of > 0 ? value / of : undefined)

export const averageBill = (sums: Figures): number | undefined => per(sums.net_vnd, sums.bills)
export const piecesABill = (sums: Figures): number | undefined => per(sums.sold, sums.bills)
export const returnRate = (sums: Figures): number | undefined => per(sums.returned, sums.sold)

/** How much more than before, in basis points; nothing where there is nothing before. */
export function growth(now: number | undefined, before: number | undefined): number | undefined {
  const quotient = now === undefined || before === undefined ? undefined : per(now - before, before)
  return quotient === undefined ? undefined : Math.round(quotient * 10_000)
}

/** A share in basis points. */
export const share = (part: number, of: number): number | undefined => {
  const quotient = per(part, of)
  return quotient === undefined ? undefined : Math.round(quotient * 10_000)
}

/** The hours worth drawing: from the first that sold anything on either day to the last. */
export function hoursShown(day: Pick<Day, 'today_vnd' | 'before_vnd'>): number[] {
  const moves = (sums: readonly number[], hour: number) => sums[hour] !== (sums[hour - 1] ?? 0)
  const busy = [...Array(24).keys()].filter((hour) => moves(day.today_vnd, hour) || moves(day.before_vnd, hour))
  const [first, last] = [busy[0], busy.at(-1)]
  return first === undefined || last === undefined ? [] : [...Array(last - first + 1).keys()].map((step) => first + step)
}

/** The target as it should be reached hour by hour: as the other day went. */
export function targetCurve(day: Pick<Day, 'before_vnd' | 'target_vnd'>): number[] {
  const whole = day.before_vnd.at(-1) ?? 0
  return whole > 0 && day.target_vnd > 0 ? day.before_vnd.map((sum) => Math.round((day.target_vnd * sum) / whole)) : []
}
