// The label on a box: where from, where to, what is in the transfer, and the code that the receiver scans.

import { drawRows, printPages } from '@placket/paper'
import { transferRows } from '@placket/selling'
import { nameOfTransfer } from '../../shell/codeOf.ts'
import { type Transfer } from './transfer.ts'

export async function printLabel(transfer: Transfer, t: (key: string) => string, nameOf: (goods: { name_vi: string; name_en: string }) => string): Promise<void> {
  const pieces = transfer.shipped || transfer.picked || transfer.asked
  const rows = transferRows({
    title: `${t('transfers.label_title')} ${nameOfTransfer(transfer.code)}`,
    code: transfer.code,
    facts: [[t('transfers.label_from'), transfer.from_name], [t('transfers.label_to'), transfer.to_name], [t('transfers.label_pieces'), String(pieces)]],
    lines: transfer.lines.map((line) => ({ name: nameOf(line), sku: line.sku, qty: line.shipped || line.picked || line.asked })),
  })
  await printPages([(await drawRows(rows)).raster])
}
