/** The tax authority's code of a sale's e-invoice: made at the till from its own block of numbers, with network or without. */

export interface EinvoiceTerms {
  /** The day from which they count. */
  from_on: string
  form: number
  /** M: cash registers make the code themselves; T: the authority gives it later. */
  letter: string
  /** The five signs that the company was given. */
  signs: string
}

/** What one journal of a till may give out. */
export interface EinvoiceRange {
  epoch: number
  block: number
  terms: readonly EinvoiceTerms[]
}

const BLOCK = 1_000_000
const DAY = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Ho_Chi_Minh' })

/** The code of a receipt, or none: no terms on its day, another journal's block, or numbers beyond it. */
export function einvoiceCode({ epoch, block, terms }: EinvoiceRange, receipt: { epoch: number; no: number; soldAt: string }): string | null {
  const day = DAY.format(new Date(receipt.soldAt))
  const inForce = [...terms].filter(({ from_on: from }) => from <= day).sort((a, b) => b.from_on.localeCompare(a.from_on))[0]
  if (inForce?.letter !== 'M' || receipt.epoch !== epoch || receipt.no >= BLOCK) return null
  const number = `${String(block).padStart(5, '0')}${String(receipt.no).padStart(6, '0')}`
  return `M${String(inForce.form)}-${day.slice(2, 4)}-${inForce.signs}-${number}`
}
