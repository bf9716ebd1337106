// Prices to set in a list: pasted as "code, price" from a spreadsheet, or a share off what styles cost now. Pure.

export interface Pasted {
  line: number
  code: string
  price_vnd: number | undefined
}

/** Lines of `code <tab> price`; a header and empty lines say nothing, thousands may be parted. */
export function pastedRows(text: string): Pasted[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const parts = line.trim().split(/\t|;|\s{2,}|,(?=\s)/).map((part) => part.trim())
    const [code = '', written = ''] = parts.length === 1 ? (/^(\S+)\s*(.*)$/.exec(line.trim())?.slice(1) ?? []) : parts
    if (code === '') return []
    const bare = written.replace(/[\s₫đ]/g, '')
    const price_vnd = /^\d{1,3}([.,]\d{3})+$|^\d{1,11}$/.test(bare) ? Number(bare.replace(/[.,]/g, '')) : undefined
    return index === 0 && price_vnd === undefined && !/\d/.test(written) ? [] : [{ line: index + 1, code: code.toUpperCase(), price_vnd }]
  })
}

const STEP = 1_000

/** A price with a share taken off, in whole thousands, half up; never below nothing. */
export const markedDown = (price_vnd: number, bp: number): number => Math.max(0, Math.round((price_vnd * (10_000 - bp)) / 10_000 / STEP) * STEP)

export type State = 'planned' | 'on' | 'over'

export const stateOf = (list: { starts_at: string; ends_at: string | null }, now: number): State =>
  now < Date.parse(list.starts_at) ? 'planned' : list.ends_at !== null && now >= Date.parse(list.ends_at) ? 'over' : 'on'

/** A code for a new list that nobody has to think of: its first day and minute, and two letters. */
export function listCode(startsAt: number, random: () => number = Math.random): string {
  const letter = (): string => String.fromCodePoint(65 + Math.floor(random() * 26))
  return `GIA-${new Date(startsAt + 7 * 3_600_000).toISOString().slice(2, 16).replace(/[-T:]/g, '')}-${letter()}${letter()}`
}
