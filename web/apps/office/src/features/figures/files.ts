// What is shown, as a file: text for any spreadsheet, a workbook made by the server, or paper by way of the printer.

import { api } from '../../api.ts'
import { csv, save } from '../../shell/csv.ts'
import type { Cell } from './tables.ts'

export interface Sheet {
  name: string
  title: string
  head: string[]
  rows: Cell[][]
}

export function saveCsv(sheet: Sheet): void {
  save(`${sheet.name}.csv`, csv([sheet.head, ...sheet.rows]))
}

/** Have a workbook made of it, and hand it to the browser. */
export async function saveWorkbook(sheet: Sheet): Promise<void> {
  const { data } = await api.POST('/api/reports/sheet', { body: { title: sheet.title, head: sheet.head, rows: sheet.rows }, parseAs: 'blob' })
  const url = URL.createObjectURL(data as unknown as Blob)
  Object.assign(document.createElement('a'), { href: url, download: `${sheet.name}.xlsx` }).click()
  URL.revokeObjectURL(url)
}
