// Prints a receipt through the browser's own print path, as the picture that it is.

import { pixelsOf, receiptRows, type ReceiptFacts, type Row } from '@placket/selling'
import { drawReceipt } from './drawReceipt'

export const printReceipt = (facts: ReceiptFacts): Promise<void> => printRows(receiptRows(facts))

export async function printRows(rows: readonly Row[]): Promise<void> {
  const { raster } = await drawReceipt(rows)
  const canvas = document.createElement('canvas')
  canvas.width = raster.width
  canvas.height = raster.height
  canvas.getContext('2d')?.putImageData(new ImageData(pixelsOf(raster), raster.width, raster.height), 0, 0)
  const paper = document.createElement('img')
  paper.className = 'paper hidden'
  paper.alt = ''
  paper.src = canvas.toDataURL('image/png')
  await paper.decode()
  document.body.append(paper)
  window.print()
  paper.remove()
}
