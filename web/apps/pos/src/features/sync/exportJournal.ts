// Writes entries of the journal into a file, one a line, as the server would take them: the way out when nothing else works.

import type { JournalRow } from '../../terminal/db'

export function exportJournal(rows: readonly JournalRow[]): void {
  const lines = rows.map(({ till, epoch, seq, hash, text }) => JSON.stringify({ till_id: till, epoch, seq, hash, text }))
  const file = new Blob(lines.map((line) => `${line}\n`), { type: 'application/x-ndjson' })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = `placket-journal-${new Date().toISOString().slice(0, 10)}.jsonl`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 0)
}
