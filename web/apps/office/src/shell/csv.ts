// A table as a file that spreadsheets open with Vietnamese letters intact.

const BOM = '\ufeff'

function field(value: string | number): string {
  if (typeof value === 'number') return String(value)
  // A text that a spreadsheet would run as a formula is made a text.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  BOM + rows.map((row) => row.map(field).join(',')).join('\r\n') + '\r\n'

/** Hand the browser a file to save. */
export function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  URL.revokeObjectURL(url)
}
