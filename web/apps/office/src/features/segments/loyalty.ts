// What is wrong with a set of tiers as it is written, and how its floors are read.

import { wholeOf } from './segmentTerms.ts'

/** The first tier begins at nothing, each after it higher; every one has a name of its own in both languages. */
export function faultOf(tiers: readonly { name_vi: string; name_en: string; spend_vnd_min: number }[]): 'names' | 'twice' | 'order' | undefined {
  if (tiers.some(({ name_vi: vi, name_en: en }) => vi === '' || en === '')) return 'names'
  const once = (names: string[]) => new Set(names.map((name) => name.toLowerCase())).size === names.length
  if (!once(tiers.map(({ name_vi: vi }) => vi)) || !once(tiers.map(({ name_en: en }) => en))) return 'twice'
  return tiers.every(({ spend_vnd_min: vnd }, place) => (place === 0 ? vnd === 0 : vnd > tiers[place - 1]!.spend_vnd_min)) ? undefined : 'order'
}

/** Đồng as people type them, `5tr` and `500k` included; nothing is no sum. */
export const vndOf = (written: string): number | undefined => wholeOf(written.replace(/[^\d.,ktr]/g, '')) || undefined

/** A whole number of days, points or đồng within its bounds. */
export function within(written: string, least: number, most: number): number | undefined {
  const value = wholeOf(written.replace(/[^\d.,ktr]/g, ''))
  return value !== undefined && value >= least && value <= most ? value : undefined
}
