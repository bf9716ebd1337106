// When promotions run, as bars on a timeline of days, and which of them meet. Pure.

import { day } from '@placket/ui'
import type { Goods } from '@placket/selling'
import type { Terms } from './terms.ts'

const DAY_MS = 86_400_000
const ZONE_MS = 7 * 3_600_000

export type ParentOf = (category: string) => string | undefined

export interface Span {
  id: string
  from: number
  /** Half open; nothing is until it is stopped. */
  to: number | undefined
  terms: Terms
}

export interface Bar {
  id: string
  /** Where it stands in the window, in thousandths of its width. */
  left: number
  width: number
  /** It goes on before or after what is shown. */
  begunBefore: boolean
  goesOn: boolean
  /** Others that run at the same time, at a common place, in the same round. */
  meets: readonly string[]
}

/** Midnight in Vietnam of the Monday of a moment's week. */
export function monday(at: number): number {
  const midnight = Date.parse(`${day(at)}T00:00:00+07:00`)
  return midnight - ((Math.floor((midnight + ZONE_MS) / DAY_MS) + 3) % 7) * DAY_MS
}

/** Midnight of the first of a moment's month. */
export const firstOfMonth = (at: number): number => Date.parse(`${day(at).slice(0, 8)}01T00:00:00+07:00`)

/** The window of a moment: a week from Monday, or a month from its first. */
export function windowOf(at: number, by: 'week' | 'month'): { from: number; to: number; days: number[] } {
  const from = by === 'week' ? monday(at) : firstOfMonth(at)
  const to = by === 'week' ? from + 7 * DAY_MS : firstOfMonth(from + 32 * DAY_MS)
  return { from, to, days: Array.from({ length: Math.round((to - from) / DAY_MS) }, (_, index) => from + index * DAY_MS) }
}

export const step = (at: number, by: 'week' | 'month', to: 1 | -1): number =>
  by === 'week' ? monday(at) + to * 7 * DAY_MS : firstOfMonth(firstOfMonth(at) + (to === 1 ? 32 : -1) * DAY_MS)

/** The bars of a window, the earliest first; `parentOf` leads from a group of goods to the one above it. */
export function bars(spans: readonly Span[], window: { from: number; to: number }, parentOf: ParentOf = () => undefined): Bar[] {
  const shown = spans.filter((span) => span.from < window.to && (span.to ?? Infinity) > window.from).sort((one, other) => one.from - other.from || one.id.localeCompare(other.id))
  const whole = window.to - window.from
  return shown.map((span) => {
    const from = Math.max(span.from, window.from)
    const to = Math.min(span.to ?? Infinity, window.to)
    return {
      id: span.id,
      left: Math.round(((from - window.from) * 1_000) / whole),
      width: Math.max(6, Math.round(((to - from) * 1_000) / whole)),
      begunBefore: span.from < window.from,
      goesOn: (span.to ?? Infinity) > window.to,
      meets: shown.filter((other) => other.id !== span.id && meet(span, other, parentOf)).map(({ id }) => id),
    }
  })
}

/** Whether two promotions can want the same piece at the same till: in one round, together in time and place, of goods that may be the same. */
export function meet(one: Span, other: Span, parentOf: ParentOf = () => undefined): boolean {
  const round = (terms: Terms): number => (terms.exclusive ? 0 : terms.group)
  return (
    round(one.terms) === round(other.terms) && one.from < (other.to ?? Infinity) && other.from < (one.to ?? Infinity)
    && common(one.terms.where?.locations, other.terms.where?.locations) && common(one.terms.where?.channels, other.terms.where?.channels)
    && goodsOf(one.terms).some((mine) => goodsOf(other.terms).some((theirs) => mayShare(mine, theirs, parentOf)))
  )
}

const common = (one: readonly string[] | null | undefined, other: readonly string[] | null | undefined): boolean =>
  !one || !other || one.some((each) => other.includes(each))

function goodsOf({ goods, reward }: Terms): Goods[] {
  if (reward.kind === 'bundle') return reward.parts.map((part) => part.goods)
  return [goods ?? {}, ...((reward.kind === 'buy_get' || reward.kind === 'gift') && reward.goods ? [reward.goods] : [])]
}

/** Whether something may be of both goods, as far as their own words say: kinds that both name must have something in common. */
function mayShare(one: Goods, other: Goods, parentOf: ParentOf): boolean {
  const path = (id: string): string[] => {
    const above = [id]
    for (let step = parentOf(id); step !== undefined && !above.includes(step); step = parentOf(step)) above.push(step)
    return above
  }
  const related = (a: string, b: string): boolean => path(a).includes(b) || path(b).includes(a)
  const apart = (a: readonly string[] | null | undefined, b: readonly string[] | null | undefined): boolean => !common(a, b)
  return (
    (!one.categories || !other.categories || one.categories.some((a) => other.categories!.some((b) => related(a, b))))
    && !apart(one.seasons, other.seasons) && !apart(one.styles, other.styles) && !apart(one.variants, other.variants)
  )
}
