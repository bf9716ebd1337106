// What is shown, as a file: text for any spreadsheet, a workbook or pages made by the server.

import type { Schemas } from '@placket/api'
import { api } from '../../api.ts'
import { language } from '../../i18n/index.ts'
import { csv, save } from '../../shell/csv.ts'
import type { Cell } from './tables.ts'

export interface Sheet {
  name: string
  title: string
  /** What it is of, below the title on paper. */
  note: string
  head: string[]
  units: NonNullable<Schemas['SheetWanted']['units']>
  rows: Cell[][]
}

export function saveCsv(sheet: Sheet): void {
  save(`${sheet.name}.csv`, csv([sheet.head, ...sheet.rows]))
}

/** Have a workbook or pages made of it, and hand them to the browser. The last row is the total. */
export async function saveMade(sheet: Sheet, file: 'xlsx' | 'pdf'): Promise<void> {
  const { name, title, note, head, units, rows } = sheet
  const body = { title, note, head, units, rows, has_total: true, language: language() }
  const { data } = await api.POST('/api/reports/sheet', { params: { query: { file } }, body, parseAs: 'blob' })
  const url = URL.createObjectURL(data as unknown as Blob)
  Object.assign(document.createElement('a'), { href: url, download: `${name}.${file}` }).click()
  URL.revokeObjectURL(url)
}
