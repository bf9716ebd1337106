// What a count is called, how far it has come, and what its lines need. Pure.

import type { Schemas } from '@placket/api'

export type CountRow = Schemas['CountRow']
export type Count = Schemas['StockCountShown']
export type Line = Schemas['CountLineShown']
export type Sums = Schemas['CountSums']
export type Tally = Schemas['TallyShown']
export type Point = Schemas['AccuracyPoint']

export const FILTERS = ['differences', 'open', 'recount', 'swaps', 'uncounted', 'all'] as const
export type Filter = (typeof FILTERS)[number]
export const REASONS = ['theft', 'miscount', 'swap', 'receiving', 'damaged', 'unknown'] as const
export type Reason = (typeof REASONS)[number]

const TONES = { planned: 'neutral', counting: 'accent', review: 'warn', waiting: 'warn', posting: 'info', posted: 'ok', cancelled: 'neutral' } as const
export const toneOf = (state: string) => TONES[state as keyof typeof TONES] ?? 'neutral'

export const isOver = ({ state }: { state: string }): boolean => state === 'posted' || state === 'cancelled'
export const isReviewed = ({ state }: { state: string }): boolean => state === 'review' || state === 'waiting'

/** What a person may say of a line, by what it needs. */
export function choicesOf(line: Line): ('zero' | 'keep' | 'post' | 'again')[] {
  if (line.flag === 'uncounted') return ['zero', 'keep', 'again']
  if (line.flag === 'again') return ['zero', 'keep']
  if (line.flag === 'zone_short') return ['keep', 'post']
  if (line.flag === 'moved' || line.flag === 'big') return line.counted === null ? ['again', 'keep'] : ['again', 'keep', 'post']
  return line.difference !== 0 && line.flag === null ? ['again'] : []
}

/** The counters of the zones in which two have counted the line and nobody has decided yet. */
export function undecided(line: Line): Map<number, Tally[]> {
  const zones = new Map<number, Tally[]>()
  for (const tally of line.tallies.filter(({ round, merged }) => round === line.round && !merged)) zones.set(tally.zone_no, [...(zones.get(tally.zone_no) ?? []), tally])
  return new Map([...zones].filter(([, tallies]) => tallies.length > 1))
}

/** The points of a place's accuracy as a line on a canvas of so many units; months stand at equal distances. */
export function pathOf(points: readonly Point[], months: readonly string[], width: number, height: number, floorBp: number): string {
  const x = (month: string) => (months.length < 2 ? width / 2 : (months.indexOf(month) / (months.length - 1)) * width)
  const y = (bp: number) => height - ((Math.max(bp, floorBp) - floorBp) / (10_000 - floorBp)) * height
  return points.map((point, place) => `${place === 0 ? 'M' : 'L'}${x(point.month).toFixed(1)} ${y(point.accuracy_bp).toFixed(1)}`).join(' ')
}

export interface Series {
  id: string
  name: string
  points: Point[]
}

export function seriesOf(points: readonly Point[]): Series[] {
  const places = new Map<string, Series>()
  for (const point of points) {
    const known = places.get(point.location_id) ?? { id: point.location_id, name: point.location_name, points: [] }
    places.set(point.location_id, { ...known, points: [...known.points, point] })
  }
  return [...places.values()]
}
