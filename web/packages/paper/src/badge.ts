// A staff badge, 50 × 30 mm: whose it is and the code a till reads. The digits are not printed: four of them are a secret.

import { ean13, rasterOf, type Raster } from '@placket/selling'
import { bars, context, fontsFor, wrapped } from './draw'

export interface BadgeFacts {
  company: string
  name: string
  /** The staff number as people know it. */
  number: string
  /** Thirteen digits. */
  code: string
}

const DOTS = { width: 400, height: 240 }
const SANS = '"Inter Variable", sans-serif'
const EDGE = 12
const BARS = { left: 0, width: DOTS.width, top: 130, height: 98 }

/** Draw a badge. */
export async function drawBadge(facts: BadgeFacts): Promise<Raster> {
  await fontsFor(`${facts.company} ${facts.name} ${facts.number}`)
  const { width, height } = DOTS
  const paper = context(width, height)
  paper.fillStyle = '#fff'
  paper.fillRect(0, 0, width, height)
  paper.fillStyle = '#000'
  paper.textAlign = 'left'
  paper.font = `500 20px ${SANS}`
  paper.fillText(facts.company, EDGE, 30)
  paper.textAlign = 'right'
  paper.fillText(facts.number, width - EDGE, 30)
  paper.textAlign = 'left'
  paper.font = `700 30px ${SANS}`
  wrapped(paper, facts.name, width - EDGE * 2).slice(0, 2).forEach((line, at) => paper.fillText(line, EDGE, 72 + at * 36))
  bars(paper, ean13(facts.code), BARS)
  return rasterOf(paper.getImageData(0, 0, width, height).data, width, height)
}
