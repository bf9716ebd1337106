// A sheet of cells that is filled as spreadsheets are: a block pasted from the cell one stands in, a value filled down. Pure.

export type Cells = Readonly<Record<string, string>>

/** A block copied from a spreadsheet: rows by line, cells by tab; the last line break says nothing. */
export const blockOf = (text: string): string[][] =>
  text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n').map((line) => line.split('\t').map((cell) => cell.trim()))

export const cellKey = (row: string, column: string): string => `${row}/${column}`

/** The cells after a paste at (row, column); what would stand outside of the sheet, or where there is no cell, is left out. */
export function pasted(cells: Cells, rows: readonly string[], columns: readonly string[], at: { row: number; column: number }, block: readonly (readonly string[])[], has: (row: string, column: string) => boolean = () => true): Record<string, string> {
  const next = { ...cells }
  // One value pasted is one value, wherever it stands; a block fills to the right and down.
  block.forEach((line, down) => line.forEach((value, right) => {
    const row = rows[at.row + down]
    const column = columns[at.column + right]
    if (row !== undefined && column !== undefined && has(row, column)) next[cellKey(row, column)] = value
  }))
  return next
}

/** The cells with what stands in one filled into those below it in its column. */
export function filledDown(cells: Cells, rows: readonly string[], column: string, from: number, has: (row: string, column: string) => boolean = () => true): Record<string, string> {
  const value = cells[cellKey(rows[from] ?? '', column)] ?? ''
  const next = { ...cells }
  for (const row of rows.slice(from + 1)) if (has(row, column)) next[cellKey(row, column)] = value
  return next
}

/** What differs between what was read and what stands there now. */
export const changed = (before: Cells, now: Cells): string[] => Object.keys(now).filter((key) => (now[key] ?? '').trim() !== (before[key] ?? '').trim())

/** A price as somebody writes it in a cell: whole đồng, or none. */
export function priceOf(written: string): number | undefined {
  const bare = written.replace(/[\s₫đ]/g, '')
  return /^\d{1,3}([.,]\d{3})+$|^\d{1,11}$/.test(bare) ? Number(bare.replace(/[.,]/g, '')) : undefined
}
