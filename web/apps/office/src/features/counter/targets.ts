// A month of targets as a grid of days and branches: what is typed or pasted into it, read as đồng. Pure.

/** The days of a month, such as `2026-11`. */
export function daysOf(month: string): string[] {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const many = new Date(Date.UTC(year, number, 0)).getUTCDate()
  return Array.from({ length: many }, (_, at) => `${month}-${String(at + 1).padStart(2, '0')}`)
}

/** The month before or after. */
export function monthFrom(month: string, step: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number - 1 + step, 1)).toISOString().slice(0, 7)
}

const WRITTEN = /^(\d{1,3}(?:[.,\s]\d{3})+|\d+)(?:[.,]0+)?\s*[₫đ]?$/i
const MILLIONS = /^(\d+)(?:[.,](\d{1,3}))?\s*(?:tr|triệu|m)$/i
const MOST_VND = 1_000_000_000_000

/** What somebody wrote as đồng: `12.000.000`, `12,000,000 ₫`, `12,5tr`; null is nothing, undefined is no amount. */
export function writtenVnd(text: string): number | null | undefined {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed === '0') return null
  const millions = MILLIONS.exec(trimmed)
  const vnd = millions !== null
    ? Number(millions[1]) * 1_000_000 + Number((millions[2] ?? '').padEnd(3, '0')) * 1_000
    : Number(WRITTEN.exec(trimmed)?.[1]?.replace(/[.,\s]/g, ''))
  return Number.isInteger(vnd) && vnd > 0 && vnd <= MOST_VND ? vnd : undefined
}

/** A block from a spreadsheet: rows of cells. */
export function blockOf(text: string): string[][] {
  return text.replace(/\r/g, '').replace(/\n$/, '').split('\n').map((line) => line.split('\t'))
}

export type Changes = ReadonlyMap<string, number | null>

export const cellOf = (placeId: string, on: string): string => `${placeId}/${on}`

/** A block written into the grid from a cell on: down the days, right along the branches. Cells that are no amount are counted. */
export function fill(
  block: readonly (readonly string[])[], from: { day: number; place: number }, days: readonly string[], placeIds: readonly string[],
): { changes: Map<string, number | null>; wrong: number } {
  const changes = new Map<string, number | null>()
  let wrong = 0
  for (const [down, line] of block.entries()) {
    for (const [right, text] of line.entries()) {
      const [on, placeId] = [days[from.day + down], placeIds[from.place + right]]
      if (on === undefined || placeId === undefined) continue
      const vnd = writtenVnd(text)
      if (vnd === undefined) wrong += 1
      else changes.set(cellOf(placeId, on), vnd)
    }
  }
  return { changes, wrong }
}
