/** Bank notes as they lie in a drawer: how many of each, and what they are worth together. */

export const DENOMINATIONS = [500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000] as const

export type Denomination = (typeof DENOMINATIONS)[number]

/** What was typed beside each denomination; nothing means none. */
export type TypedNotes = Partial<Record<Denomination, string>>

const COUNT_DIGITS = 4

/** How many somebody typed: digits only, at most 9,999. */
export function typedCount(text: string | undefined): number {
  const digits = (text ?? '').replace(/\D/g, '').slice(0, COUNT_DIGITS)
  return digits === '' ? 0 : Number(digits)
}

/** What so many notes of one denomination are worth. */
export function worthOf(denomination: Denomination, typed: string | undefined): number {
  return denomination * typedCount(typed)
}

/** What all of them are worth. */
export function worthOfAll(typed: TypedNotes): number {
  return DENOMINATIONS.reduce((sum, denomination) => sum + worthOf(denomination, typed[denomination]), 0)
}

/** The notes as the server takes them; denominations with none are left out. */
export function notesOf(typed: TypedNotes): { value_vnd: Denomination; count: number }[] {
  return DENOMINATIONS.map((value) => ({ value_vnd: value, count: typedCount(typed[value]) })).filter(({ count }) => count > 0)
}
