// A shelf tag, 50 × 30 mm: what it is, what it costs, and the code a till reads. 400 × 240 dots.

import { ean13, grouped, rasterOf, type Raster } from '@placket/selling'
import { bars, context, fontsFor, wrapped } from './draw'

export interface TagFacts {
  name: string
  /** Colour and size. */
  variant: string
  sku: string
  priceVnd: number
  /** Thirteen digits. */
  barcode: string
}

const TAG_DOTS = { width: 400, height: 240 }
const SANS = '"Inter Variable", sans-serif'
const EDGE = 12
const NAME_LINES = 2
const BARS = { left: 0, width: TAG_DOTS.width, top: 148, height: 58 }

/** Draw a tag. */
export async function drawTag(facts: TagFacts): Promise<Raster> {
  await fontsFor(`${facts.name} ${facts.variant} ${facts.sku}`)
  const { width, height } = TAG_DOTS
  const paper = context(width, height)
  paper.fillStyle = '#fff'
  paper.fillRect(0, 0, width, height)
  paper.fillStyle = '#000'
  const write = (text: string, y: number, font: string, align: CanvasTextAlign = 'left'): void => {
    paper.font = `${font} ${SANS}`
    paper.textAlign = align
    paper.fillText(text, align === 'left' ? EDGE : align === 'right' ? width - EDGE : width / 2, y)
  }
  paper.font = `700 22px ${SANS}`
  const lines = wrapped(paper, facts.name, width - EDGE * 2)
  lines.slice(0, NAME_LINES).forEach((line, at) => {
    write(at === NAME_LINES - 1 && lines.length > NAME_LINES ? shortened(paper, line, width - EDGE * 2) : line, 28 + at * 27, '700 22px')
  })
  write(facts.variant, 84, '500 20px')
  write(facts.sku, 84, '500 20px', 'right')
  write(`${grouped(facts.priceVnd)} ₫`, 134, '700 42px', 'right')
  bars(paper, ean13(facts.barcode), BARS)
  write(facts.barcode, 230, '500 21px', 'center')
  return rasterOf(paper.getImageData(0, 0, width, height).data, width, height)
}

function shortened(paper: CanvasRenderingContext2D, line: string, room: number): string {
  let short = line
  while (short !== '' && paper.measureText(`${short}…`).width > room) short = short.slice(0, -1)
  return `${short}…`
}
