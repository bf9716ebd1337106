// Which details a merge keeps: the profile that stays has a say on every line, and takes what it lacks from the other.

import type { Schemas } from '@placket/api'

export type Side = Schemas['LookAlike']
export type Which = 'one' | 'other'
export const DETAILS = ['full_name', 'phone', 'email', 'birthday'] as const
export type Detail = (typeof DETAILS)[number]

const TWO = 2

/** A detail as it is shown; empty when nothing is known. */
export function shown(side: Side, detail: Detail): string {
  if (detail !== 'birthday') return side[detail] ?? ''
  return side.birth_day === null || side.birth_month === null ? '' : [side.birth_day, side.birth_month].map((part) => String(part).padStart(TWO, '0')).join('/')
}

/** What is kept before anybody has chosen: the staying profile's own word, or the other's where it has none. */
export function firstChoice(one: Side, other: Side, keeps: Which): Record<Detail, Which> {
  const stays = keeps === 'one' ? one : other
  const away = keeps === 'one' ? 'other' : 'one'
  return Object.fromEntries(DETAILS.map((detail) => [detail, shown(stays, detail) === '' && shown(keeps === 'one' ? other : one, detail) !== '' ? away : keeps])) as Record<Detail, Which>
}

/** The details that the staying profile takes from the other. */
export const takenOf = (chosen: Record<Detail, Which>, keeps: Which): Detail[] => DETAILS.filter((detail) => chosen[detail] !== keeps)

/** Who stays before anybody has chosen: whoever has a phone number, else whoever was there first. */
export const firstKeeps = (one: Side, other: Side): Which => (one.phone === null && other.phone !== null ? 'other' : 'one')
