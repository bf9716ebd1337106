/**
 * One router for every code, on every screen: what was scanned, and which thing it means; docs/rules/codes.md.
 *
 * What we print is digits only, so that no typing tool can change it: type (two digits), number, check digit.
 */
import type { Catalogue, Variant } from './catalogue.ts'

export type Code =
  | { kind: 'item'; code: string; variant: Variant }
  | { kind: 'receipt'; code: string; barcode: string; tillNo: number; epoch: number; receiptNo: number }
  | { kind: 'voucher'; code: string; voucherNo: number }
  | { kind: 'member'; code: string; customerNo: number }
  | { kind: 'promise'; code: string; promiseNo: number }
  | { kind: 'badge'; code: string; staffNo: number; secret: string }
  | { kind: 'bag'; code: string; bagNo: number }
  | { kind: 'transfer'; code: string; transferNo: number }
  | { kind: 'order'; code: string; orderNo: number }
  /** `misread`: the digits cannot be right, so the thing is worth another scan. */
  | { kind: 'unknown'; code: string; misread: boolean }

export type CodeKind = Code['kind']

/** Where goods are looked up. */
type Shelf = Pick<Catalogue, 'byBarcode' | 'bySku'>

/** The two digits each kind of our own codes begins with, and how many digits its number has. */
export const OWN_CODES = {
  receipt: { type: '02', digits: 13 },
  voucher: { type: '03', digits: 12 },
  member: { type: '04', digits: 9 },
  promise: { type: '05', digits: 10 },
  badge: { type: '06', digits: 10 },
  bag: { type: '07', digits: 10 },
  transfer: { type: '08', digits: 10 },
  order: { type: '09', digits: 10 },
} as const

export type OwnKind = keyof typeof OWN_CODES

/** Our own numbers on goods without a maker's code; GS1 leaves this prefix to shops. */
export const OWN_ITEM_PREFIX = '20'

const KIND_OF_TYPE = new Map<string, OwnKind>(
  (Object.keys(OWN_CODES) as OwnKind[]).map((kind) => [OWN_CODES[kind].type, kind]),
)
const RETAIL_LENGTHS = new Set([8, 12, 13, 14])

/** The check digit of EAN-13's rule: weights 3, 1, 3, … from the right. */
export function checkDigit(digits: string): number {
  let sum = 0
  for (let place = 0; place < digits.length; place += 1) {
    sum += Number(digits.charAt(digits.length - 1 - place)) * (place % 2 === 0 ? 3 : 1)
  }
  return (10 - (sum % 10)) % 10
}

/** Whether the last digit is the check digit of the others. */
export function checks(digits: string): boolean {
  return Number(digits.slice(-1)) === checkDigit(digits.slice(0, -1))
}

/** What a code means. Goods go first: a maker's number may begin like one of ours, and is in the catalogue then. */
export function routeCode(text: string, goods: Shelf): Code {
  const code = text.trim()
  const variant = itemOf(code, goods)
  if (variant !== undefined) return { kind: 'item', code, variant }
  if (!/^\d+$/.test(code)) return { kind: 'unknown', code, misread: false }
  const kind = KIND_OF_TYPE.get(code.slice(0, 2))
  if (kind !== undefined && code.length === OWN_CODES[kind].digits + 3) {
    return checks(code) ? own(kind, code) : { kind: 'unknown', code, misread: true }
  }
  const misread = RETAIL_LENGTHS.has(code.length) && !checks(code) && !(code.length === 8 && upcA(code) !== undefined)
  return { kind: 'unknown', code, misread }
}

const NO_GOODS: Shelf = { byBarcode: new Map(), bySku: new Map() }

/** Whether this is the code of a staff badge, where nothing else is awaited. */
export function isBadge(code: string): boolean {
  return routeCode(code, NO_GOODS).kind === 'badge'
}

function own(kind: OwnKind, code: string): Code {
  const digits = code.slice(2, -1)
  const number = Number(digits)
  switch (kind) {
    case 'receipt': {
      const [tillNo, epoch, receiptNo] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number)
      return { kind, code, barcode: code, tillNo: tillNo ?? 0, epoch: epoch ?? 0, receiptNo: receiptNo ?? 0 }
    }
    case 'badge': return { kind, code, staffNo: Number(digits.slice(0, 6)), secret: digits.slice(6) }
    case 'voucher': return { kind, code, voucherNo: number }
    case 'member': return { kind, code, customerNo: number }
    case 'promise': return { kind, code, promiseNo: number }
    case 'bag': return { kind, code, bagNo: number }
    case 'transfer': return { kind, code, transferNo: number }
    case 'order': return { kind, code, orderNo: number }
  }
}

/** The goods a code stands on. One number has several lengths: UPC-E is short for UPC-A, and EAN-13 and GTIN-14 only add zeros. */
function itemOf(code: string, { byBarcode, bySku }: Shelf): Variant | undefined {
  const exact = byBarcode.get(code)
  if (exact !== undefined || !/^\d+$/.test(code)) return exact ?? bySku.get(code.toUpperCase())
  for (const other of sameNumber(code)) {
    const variant = byBarcode.get(other)
    if (variant !== undefined) return variant
  }
  return bySku.get(code)
}

function sameNumber(code: string): string[] {
  if (code.length === 8) {
    const long = upcA(code)
    return long === undefined ? [] : [long, `0${long}`]
  }
  if (code.length === 12) return [`0${code}`]
  if (code.length === 13 && code.startsWith('0')) return [code.slice(1)]
  if (code.length === 14 && code.startsWith('0')) return [code.slice(1), ...sameNumber(code.slice(1))]
  return []
}

/** The UPC-A that eight digits of UPC-E are short for, if they are one. */
function upcA(code: string): string | undefined {
  if (!/^[01]\d{7}$/.test(code)) return undefined
  const [system, six, check] = [code.slice(0, 1), code.slice(1, 7), code.slice(7)]
  const last = six.slice(5)
  let body = `${six.slice(0, 5)}0000${last}`
  if ('012'.includes(last)) body = `${six.slice(0, 2)}${last}0000${six.slice(2, 5)}`
  else if (last === '3') body = `${six.slice(0, 3)}00000${six.slice(3, 5)}`
  else if (last === '4') body = `${six.slice(0, 4)}00000${six.slice(4, 5)}`
  const long = `${system}${body}${check}`
  return checks(long) ? long : undefined
}

/** `*12` typed before a scan means twelve pieces; anything else means one. */
export function typedQuantity(text: string): number {
  const quantity = Number(/^\*(\d{1,3})$/.exec(text.trim())?.[1] ?? '1')
  return quantity >= 1 ? quantity : 1
}

/** One of our own codes: type, number, check digit. */
export function ownCode(kind: OwnKind, number: number | string): string {
  const { type, digits } = OWN_CODES[kind]
  const body = type + String(number).padStart(digits, '0')
  if (body.length !== digits + 2) throw new Error(`${String(number)} has too many digits for a ${kind}`)
  return body + String(checkDigit(body))
}

/** The digits under a receipt: type 2, till 4, epoch 2, number 7, check digit. */
export function receiptBarcode(tillNo: number, epoch: number, receiptNo: number): string {
  const number = String(tillNo).padStart(4, '0') + String(epoch).padStart(2, '0') + String(receiptNo).padStart(7, '0')
  return ownCode('receipt', number)
}

/** The number on a receipt as people read it: branch, till and epoch, then the number. */
export function receiptCode(prefix: string, receiptNo: number): string {
  return `${prefix}-${String(receiptNo).padStart(7, '0')}`
}

const CODE_GROUP = /(\d{4})(?=\d)/g
const REF_TAIL = 6

/** A code as people read it out, in fours; the end of an id where there is no code yet. */
export function spokenCode(code: string): string {
  return /^\d+$/.test(code) ? code.replace(CODE_GROUP, '$1\u00a0') : code.slice(-REF_TAIL).toUpperCase()
}
