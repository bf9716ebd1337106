// Draws the rows of a receipt as a thermal printer burns them: 576 dots wide, every dot black or white.

import { code128, PAPER_DOTS, rasterOf, type Raster, type Row, type Size } from '@placket/selling'

interface Face {
  font: string
  line: number
}

/** A row of the picture: what it says and where it stands, for readers of screens and for tests. */
export interface Placed {
  text: string
  top: number
  height: number
}

export interface Drawing {
  raster: Raster
  placed: Placed[]
}

const SANS = '"Inter Variable", sans-serif'
const FACES: Readonly<Record<Size, [regular: Face, bold: Face]>> = {
  brand: same('600 46px "Newsreader Variable", serif', 56),
  title: same(`700 28px ${SANS}`, 38),
  body: [{ font: `500 23px ${SANS}`, line: 30 }, { font: `700 23px ${SANS}`, line: 30 }],
  small: [{ font: `500 20px ${SANS}`, line: 26 }, { font: `700 20px ${SANS}`, line: 26 }],
  total: same(`700 40px ${SANS}`, 56),
}
const RULE_DOTS = 22
const BARCODE_DOTS = 76
const MODULE_DOTS = 3
const GAP_DOTS = 12
const MARGIN_DOTS = 8

/** Draw, once the fonts with their Vietnamese letters are here. */
export async function drawReceipt(rows: readonly Row[]): Promise<Drawing> {
  const words = rows.map(textOf).join(' ')
  const fonts = new Set(Object.values(FACES).flatMap((pair) => pair.map(({ font }) => font)))
  await Promise.all([...fonts].map((font) => document.fonts.load(font, words)))
  const measuring = context(PAPER_DOTS, 1)
  const laid = rows.map((row) => ({ row, lines: linesOf(measuring, row) }))
  const height = laid.reduce((sum, { row, lines }) => sum + heightOf(row, lines), MARGIN_DOTS * 2)
  const paper = context(PAPER_DOTS, height)
  paper.fillStyle = '#fff'
  paper.fillRect(0, 0, PAPER_DOTS, height)
  paper.fillStyle = '#000'
  paper.strokeStyle = '#000'
  let top = MARGIN_DOTS
  const placed = laid.map(({ row, lines }) => {
    paint(paper, row, lines, top)
    const here = { text: textOf(row), top, height: heightOf(row, lines) }
    top += here.height
    return here
  })
  return { raster: rasterOf(paper.getImageData(0, 0, PAPER_DOTS, height).data, PAPER_DOTS, height), placed }
}

function same(font: string, line: number): [Face, Face] {
  return [{ font, line }, { font, line }]
}

function context(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const found = canvas.getContext('2d', { willReadFrequently: true })
  if (found === null) throw new Error('this browser draws no pictures')
  return found
}

function faceOf(row: Row): Face {
  if (row.kind !== 'text' && row.kind !== 'pair') return FACES.body[0]
  return FACES[row.size][row.bold ? 1 : 0]
}

function heightOf(row: Row, lines: readonly string[]): number {
  if (row.kind === 'rule') return RULE_DOTS
  if (row.kind === 'barcode') return BARCODE_DOTS + GAP_DOTS
  if (row.kind === 'space') return row.dots
  return lines.length * faceOf(row).line
}

/** The lines a row takes: words that do not fit go to the next. */
function linesOf(paper: CanvasRenderingContext2D, row: Row): string[] {
  if (row.kind !== 'text' && row.kind !== 'pair') return []
  paper.font = faceOf(row).font
  const right = row.kind === 'pair' ? paper.measureText(row.right).width : 0
  const room = PAPER_DOTS - (right > 0 ? right + GAP_DOTS : 0)
  const lines: string[] = []
  for (const word of (row.kind === 'pair' ? row.left : row.text).split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1) ?? ''} ${word}`
    if (lines.length > 0 && paper.measureText(longer).width <= room) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

function paint(paper: CanvasRenderingContext2D, row: Row, lines: readonly string[], top: number): void {
  if (row.kind === 'rule') return dash(paper, top + RULE_DOTS / 2)
  if (row.kind === 'barcode') return bars(paper, row.digits, top)
  if (row.kind === 'space') return
  const { font, line } = faceOf(row)
  paper.font = font
  paper.textBaseline = 'alphabetic'
  const centred = row.kind === 'text' && row.align === 'centre'
  paper.textAlign = centred ? 'center' : 'left'
  lines.forEach((text, at) => paper.fillText(text, centred ? PAPER_DOTS / 2 : 0, top + at * line + line * 0.76))
  if (row.kind === 'pair') {
    paper.textAlign = 'right'
    paper.fillText(row.right, PAPER_DOTS, top + (lines.length - 1) * line + line * 0.76)
  }
}

function dash(paper: CanvasRenderingContext2D, y: number): void {
  for (let x = 0; x < PAPER_DOTS; x += 10) paper.fillRect(x, Math.round(y) - 1, 6, 2)
}

function bars(paper: CanvasRenderingContext2D, digits: string, top: number): void {
  const symbol = code128(digits)
  const left = Math.floor((PAPER_DOTS - symbol.length * MODULE_DOTS) / 2)
  ;[...symbol].forEach((module, at) => {
    if (module === '1') paper.fillRect(left + at * MODULE_DOTS, top, MODULE_DOTS, BARCODE_DOTS)
  })
}

function textOf(row: Row): string {
  if (row.kind === 'text') return row.text
  if (row.kind === 'pair') return row.right === '' ? row.left : `${row.left} ${row.right}`
  return row.kind === 'barcode' ? row.digits : ''
}
