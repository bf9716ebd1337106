// The reports that are tables: which there are, what their numbers look like, and what stands in the files made of them.

import type { Schemas } from '@placket/api'
import { number, percent } from '@placket/ui'

export type TableReport = Schemas['TableShown']
export type TableRow = Schemas['TableRow']
export type Unit = Schemas['ColumnShown']['unit']
export type Kind = 'discounts' | 'returns' | 'margin' | 'staff' | 'cash' | 'ageing' | 'sell_through' | 'heat'
export type Cell = string | number

export const KINDS: readonly Kind[] = ['discounts', 'returns', 'margin', 'staff', 'cash', 'ageing', 'sell_through', 'heat']
/** Reports of stock as it is now; the others are of a period alone. */
export const OF_NOW: ReadonlySet<Kind> = new Set(['ageing'])

export function shown(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return ''
  if (unit === 'bp') return percent(value)
  if (unit === 'weeks10') return (value / 10).toLocaleString('vi-VN', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return number(value)
}

/** How files write the numbers of a column. */
export const FILE_UNITS = { vnd: 'number', count: 'number', bp: 'percent', weeks10: 'tenths' } as const satisfies Record<Unit, string>

/** A number as files keep it: whole numbers as they are, shares and weeks as fractions. */
export function kept(value: number | null | undefined, unit: Unit): Cell {
  if (value === null || value === undefined) return ''
  return unit === 'bp' ? value / 10_000 : unit === 'weeks10' ? value / 10 : value
}

/** How strongly a cell of a heat map is coloured, in hundredths: no stronger than its number can be read on, by day and night. */
export function heatOf(value: number | null, most: number): number {
  return value === null || most <= 0 || value <= 0 ? 0 : Math.round((45 * value) / most)
}
