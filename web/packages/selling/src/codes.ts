/** One router for every code, on every screen: what was scanned, and which thing it means. */
import type { Catalogue, Variant } from './catalogue.ts'

export type Code =
  | { kind: 'item'; variant: Variant }
  | { kind: 'receipt'; barcode: string; tillNo: number; epoch: number; receiptNo: number }
  | { kind: 'unknown'; code: string }

const RECEIPT = /^02(\d{4})(\d{2})(\d{7})(\d)$/
const UPC_A = /^\d{12}$/

/** The check digit of EAN-13's rule: weights 3, 1, 3, … from the right. */
export function checkDigit(digits: string): number {
  let sum = 0
  for (let place = 0; place < digits.length; place += 1) {
    sum += Number(digits.charAt(digits.length - 1 - place)) * (place % 2 === 0 ? 3 : 1)
  }
  return (10 - (sum % 10)) % 10
}

/** What a code means. A UPC-A of twelve digits is also looked up as the EAN-13 that it is. */
export function readCode(text: string, catalogue: Catalogue): Code {
  const code = text.trim()
  const variant =
    catalogue.byBarcode.get(code) ??
    (UPC_A.test(code) ? catalogue.byBarcode.get(`0${code}`) : undefined) ??
    catalogue.bySku.get(code.toUpperCase())
  if (variant !== undefined) return { kind: 'item', variant }
  const [, till, epoch, number, check] = RECEIPT.exec(code) ?? []
  if (check !== undefined && Number(check) === checkDigit(code.slice(0, -1))) {
    return { kind: 'receipt', barcode: code, tillNo: Number(till), epoch: Number(epoch), receiptNo: Number(number) }
  }
  return { kind: 'unknown', code }
}

/** `*12` typed before a scan means twelve pieces; anything else means one. */
export function typedQuantity(text: string): number {
  const quantity = Number(/^\*(\d{1,3})$/.exec(text.trim())?.[1] ?? '1')
  return quantity >= 1 ? quantity : 1
}

/** The digits under a receipt: type 2, till 4, epoch 2, number 7, check digit. */
export function receiptBarcode(tillNo: number, epoch: number, receiptNo: number): string {
  const digits = `02${String(tillNo).padStart(4, '0')}${String(epoch).padStart(2, '0')}${String(receiptNo).padStart(7, '0')}`
  return digits + String(checkDigit(digits))
}

/** The number on a receipt as people read it: branch, till and epoch, then the number. */
export function receiptCode(prefix: string, receiptNo: number): string {
  return `${prefix}-${String(receiptNo).padStart(7, '0')}`
}
