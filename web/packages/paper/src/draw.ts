// Draws the rows of a receipt as a thermal printer burns them: 576 dots wide, every dot black or white.

import { code128, ean13, PAPER_DOTS, rasterOf, type Raster, type Row, type Size } from '@placket/selling'
import { encode } from 'uqr'

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
const QR_MODULE_DOTS = 6
const QR_QUIET = 4
const GAP_DOTS = 12
const MARGIN_DOTS = 8
/** Where letters stand in their line: marks above and dots below both stay inside it. */
const BASELINE = 0.76
const PART = 0.6

/** Draw, once the fonts with their Vietnamese letters are here. */
export async function drawRows(rows: readonly Row[]): Promise<Drawing> {
  await fontsFor(rows.map(textOf).join(' '))
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

/** Wait for every face with its letters. */
export async function fontsFor(words: string): Promise<void> {
  const fonts = new Set(Object.values(FACES).flatMap((pair) => pair.map(({ font }) => font)))
  await Promise.all([...fonts].map((font) => document.fonts.load(font, words)))
}

function same(font: string, line: number): [Face, Face] {
  return [{ font, line }, { font, line }]
}

export function context(width: number, height: number): CanvasRenderingContext2D {
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
  if (row.kind === 'barcode' || row.kind === 'ean13') return BARCODE_DOTS + GAP_DOTS
  if (row.kind === 'qr') return qr(row.text).length * QR_MODULE_DOTS
  if (row.kind === 'space') return row.dots
  return lines.length * faceOf(row).line
}

/** The lines a row takes: words that do not fit go to the next, and a right side too wide for the row stands below. */
function linesOf(paper: CanvasRenderingContext2D, row: Row): string[] {
  if (row.kind !== 'text' && row.kind !== 'pair') return []
  paper.font = faceOf(row).font
  if (row.kind === 'text') return wrapped(paper, row.text, PAPER_DOTS)
  const right = paper.measureText(row.right).width
  if (right > PAPER_DOTS * PART && row.left !== '') return [...wrapped(paper, row.left, PAPER_DOTS), '']
  return wrapped(paper, row.left, PAPER_DOTS - (right > 0 ? right + GAP_DOTS : 0))
}

/** Text in lines of a width; a word that is wider than a line is broken. */
export function wrapped(paper: CanvasRenderingContext2D, text: string, room: number): string[] {
  const fits = (words: string): boolean => paper.measureText(words).width <= room
  const lines: string[] = []
  // The spaces in front of a line are its indent.
  const indent = /^ */.exec(text)?.[0] ?? ''
  for (const word of text.trim().split(' ')) {
    const longer = lines.length === 0 ? indent + word : `${lines.at(-1) ?? ''} ${word}`
    if (lines.length > 0 && fits(longer)) lines[lines.length - 1] = longer
    else lines.push(...broken(indent + word, fits))
  }
  return lines
}

function broken(word: string, fits: (part: string) => boolean): string[] {
  const parts = ['']
  for (const letter of word) {
    if ((parts.at(-1) ?? '') !== '' && !fits((parts.at(-1) ?? '') + letter)) parts.push('')
    parts[parts.length - 1] += letter
  }
  return parts
}

function paint(paper: CanvasRenderingContext2D, row: Row, lines: readonly string[], top: number): void {
  if (row.kind === 'rule') return dash(paper, top + RULE_DOTS / 2)
  if (row.kind === 'barcode') return bars(paper, code128(row.digits), { left: 0, width: PAPER_DOTS, top, height: BARCODE_DOTS })
  if (row.kind === 'ean13') return bars(paper, ean13(row.digits), { left: 0, width: PAPER_DOTS, top, height: BARCODE_DOTS })
  if (row.kind === 'qr') return squares(paper, qr(row.text), top)
  if (row.kind === 'space') return
  const { font, line } = faceOf(row)
  paper.font = font
  paper.textBaseline = 'alphabetic'
  const centred = row.kind === 'text' && row.align === 'centre'
  paper.textAlign = centred ? 'center' : 'left'
  lines.forEach((text, at) => paper.fillText(text, centred ? PAPER_DOTS / 2 : 0, top + at * line + line * BASELINE))
  if (row.kind === 'pair') {
    columns(paper, row.right, PAPER_DOTS, top + (lines.length - 1) * line + line * BASELINE)
  }
}

/** Text that ends at an edge, its digits all as wide as a nought, so that amounts stand under each other. */
function columns(paper: CanvasRenderingContext2D, text: string, edge: number, y: number): void {
  const digit = paper.measureText('0').width
  // Letters keep their kerning: only runs of digits are taken apart.
  const parts = text.match(/\d|[^\d]+/g) ?? []
  const widths = parts.map((part) => (/\d/.test(part) ? digit : paper.measureText(part).width))
  let x = edge - widths.reduce((sum, width) => sum + width, 0)
  parts.forEach((part, at) => {
    const width = widths[at] ?? 0
    paper.textAlign = 'center'
    paper.fillText(part, Math.round(x + width / 2), y)
    x += width
  })
}

function dash(paper: CanvasRenderingContext2D, y: number): void {
  for (let x = 0; x < PAPER_DOTS; x += 10) paper.fillRect(x, Math.round(y) - 1, 6, 2)
}

/** Bars in the middle of a place, three dots a module. */
export function bars(
  paper: CanvasRenderingContext2D, symbol: string, place: { left: number; width: number; top: number; height: number },
): void {
  const left = place.left + Math.floor((place.width - symbol.length * MODULE_DOTS) / 2)
  ;[...symbol].forEach((module, at) => {
    if (module === '1') paper.fillRect(left + at * MODULE_DOTS, place.top, MODULE_DOTS, place.height)
  })
}

function qr(text: string): boolean[][] {
  return encode(text, { ecc: 'M', border: QR_QUIET }).data
}

function squares(paper: CanvasRenderingContext2D, modules: boolean[][], top: number): void {
  const left = Math.floor((PAPER_DOTS - modules.length * QR_MODULE_DOTS) / 2)
  modules.forEach((line, y) => line.forEach((dark, x) => {
    if (dark) paper.fillRect(left + x * QR_MODULE_DOTS, top + y * QR_MODULE_DOTS, QR_MODULE_DOTS, QR_MODULE_DOTS)
  }))
}

function textOf(row: Row): string {
  if (row.kind === 'text') return row.text
  if (row.kind === 'pair') return row.right === '' ? row.left : `${row.left} ${row.right}`
  if (row.kind === 'barcode' || row.kind === 'ean13') return row.digits
  return row.kind === 'qr' ? row.text : ''
}
