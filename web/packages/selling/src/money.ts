/** Whole đồng as people read and pay them. Mirrors `core/money.py`; nothing else in the till divides an amount. */

const GROUPED = new Intl.NumberFormat('vi-VN', { maximumFractionDigits: 0 })
const ONE_DECIMAL = new Intl.NumberFormat('vi-VN', { minimumFractionDigits: 0, maximumFractionDigits: 1 })
const TWO_DECIMALS = new Intl.NumberFormat('vi-VN', { minimumFractionDigits: 0, maximumFractionDigits: 2 })

export const MINUS = '\u2212'
const NO_BREAK_SPACE = '\u00a0'
export const WHOLE_BP = 10_000
const EXACT = 10 ** 13
const CHIP_STEPS_VND = [50_000, 100_000, 500_000]
const SPARE_STEPS_VND = [200_000, 1_000_000]
const CHIPS = 3

/** All of them together. */
export function sum(amounts: readonly number[]): number {
  return amounts.reduce((all, amount) => all + amount, 0)
}

/** `1250000` → `1.250.000`; a negative amount carries a true minus sign. */
export function grouped(amountVnd: number): string {
  return amountVnd < 0 ? MINUS + GROUPED.format(-amountVnd) : GROUPED.format(amountVnd)
}

/** `1250000` → `1.250.000 ₫`, with a space that never breaks. */
export function withSymbol(amountVnd: number): string {
  return `${grouped(amountVnd)}${NO_BREAK_SPACE}₫`
}

/** `48600000` → `48,6 tr`. Never `Intl` compact, whose words nobody reads. */
export function brief(amountVnd: number): string {
  const size = Math.abs(amountVnd)
  const sign = amountVnd < 0 ? MINUS : ''
  if (size >= 1_000_000_000) return `${sign}${TWO_DECIMALS.format(size / 1_000_000_000)}${NO_BREAK_SPACE}tỷ`
  if (size >= 1_000_000) return `${sign}${ONE_DECIMAL.format(size / 1_000_000)}${NO_BREAK_SPACE}tr`
  if (size >= 1_000) return `${sign}${GROUPED.format(Math.round(size / 1_000))}${NO_BREAK_SPACE}nghìn`
  return grouped(amountVnd)
}

const SHORT = /(\d+)(?:[.,](\d{1,2}))?\s*([kt])/i
const TYPED_MAX_VND = 10 ** 12 - 1

/** What somebody typed, as đồng: `2.650.000` → `2650000`, and as people say it: `800k`, `1tr`, `1,5tr`. At most twelve digits. */
export function typedVnd(text: string): number {
  const [, whole, part = '', unit] = SHORT.exec(text.replace(/[.,\s](?=\d{3}(?!\d))/g, '')) ?? []
  if (whole === undefined || unit === undefined) return Number(text.replace(/\D/g, '').slice(0, 12))
  const hundredths = Number(whole) * 100 + Number(part.padEnd(2, '0'))
  return Math.min(hundredths * (unit.toLowerCase() === 'k' ? 10 : 10_000), TYPED_MAX_VND)
}

/** Rounded half away from zero; the denominator is positive. */
export function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator
  const magnitude = (2n * size + denominator) / (2n * denominator)
  return numerator < 0n ? -magnitude : magnitude
}

/** So many basis points of an amount, rounded half away from zero. */
export function partOf(amountVnd: number, rateBp: number): number {
  const product = amountVnd * rateBp
  // Up to here both the product and the quotient are exact in a double; beyond, big integers.
  if (product >= 0 && product < EXACT) return Math.floor((product + WHOLE_BP / 2) / WHOLE_BP)
  return Number(roundedQuotient(BigInt(amountVnd) * BigInt(rateBp), BigInt(WHOLE_BP)))
}

/** The VAT inside a VAT-inclusive amount: 199.000 at 8 % holds 14.741. */
export function vatWithin(grossVnd: number, rateBp: number): number {
  return grossVnd - Number(roundedQuotient(BigInt(grossVnd) * BigInt(WHOLE_BP), BigInt(WHOLE_BP + rateBp)))
}

/** A cash total rounded half up to what notes can pay; a step of 0 or 1 leaves it as it is. */
export function roundedTo(amountVnd: number, stepVnd: number): number {
  return stepVnd <= 1 ? amountVnd : Number(roundedQuotient(BigInt(amountVnd), BigInt(stepVnd))) * stepVnd
}

/** Share a total by weight, largest remainder, earlier places first; the parts always sum to the total. */
export function split(totalVnd: number, weights: readonly number[]): number[] {
  if (totalVnd < 0) return split(-totalVnd, weights).map((part) => (part === 0 ? 0 : -part))
  if (weights.length === 0) return []
  const total = BigInt(totalVnd)
  let shares = weights.map(BigInt)
  let whole = shares.reduce((sum, share) => sum + share, 0n)
  if (whole === 0n) {
    shares = weights.map(() => 1n)
    whole = BigInt(weights.length)
  }
  const parts = shares.map((share) => (total * share) / whole)
  const left = Number(total - parts.reduce((sum, part) => sum + part, 0n))
  const remainders = shares.map((share) => (total * share) % whole)
  const order = remainders.map((_, place) => place).sort((a, b) => {
    const [one, other] = [remainders[a] ?? 0n, remainders[b] ?? 0n]
    return one === other ? a - b : one > other ? -1 : 1
  })
  for (const place of order.slice(0, left)) parts[place] = (parts[place] ?? 0n) + 1n
  return parts.map(Number)
}

/** What a customer is likely to hand over: `2.604.000` → `2.650.000 · 2.700.000 · 3.000.000`. The exact amount is not among them. */
export function noteChips(dueVnd: number): number[] {
  if (dueVnd <= 0) return []
  const found = new Set<number>()
  for (const step of [...CHIP_STEPS_VND, ...SPARE_STEPS_VND]) {
    const amount = Math.ceil(dueVnd / step) * step
    if (amount > dueVnd && found.size < CHIPS) found.add(amount)
  }
  return [...found].sort((a, b) => a - b)
}
