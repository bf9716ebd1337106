/** What stands on a receipt, row by row: text, not dots. The words are those of Vietnamese paper, whatever the till speaks. */
import { MINUS, grouped, withSymbol } from './money.ts'
import type { Method } from './payment.ts'

export type Size = 'brand' | 'title' | 'body' | 'small' | 'total'

export type Row =
  | { kind: 'text'; text: string; size: Size; align: 'left' | 'centre'; bold: boolean }
  | { kind: 'pair'; left: string; right: string; size: Size; bold: boolean }
  | { kind: 'rule' }
  | { kind: 'barcode'; digits: string }
  | { kind: 'space'; dots: number }

export interface ReceiptLine {
  name: string
  sku: string
  qty: number
  unitVnd: number
  totalVnd: number
  /** Where the goods come from when they are not handed over here. */
  sourceName: string | null
}

export interface ReceiptFacts {
  company: string
  taxCode: string | null
  branch: string
  address: string | null
  phone: string | null
  receiptCode: string
  barcode: string
  soldAt: string
  cashier: string
  lines: ReceiptLine[]
  totalVnd: number
  roundingVnd: number
  changeVnd: number
  vat: { rateBp: number; vatVnd: number }[]
  tenders: { kind: Method; handedVnd: number }[]
  /** How often it has been printed before; a reprint says so. */
  copies: number
  voided: boolean
  /** Sold without network: the server did not know of it when this was printed. */
  offline?: boolean
}

const ZONE = 'Asia/Ho_Chi_Minh'
const DAY = new Intl.DateTimeFormat('vi-VN', { timeZone: ZONE, day: '2-digit', month: '2-digit', year: 'numeric' })
const TIME = new Intl.DateTimeFormat('vi-VN', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', hour12: false })
const RATE = new Intl.NumberFormat('vi-VN', { maximumFractionDigits: 2 })
const TENDER: Readonly<Record<Method, string>> = { cash: 'Tiền mặt', transfer: 'Chuyển khoản QR', card: 'Thẻ' }
const RATE_BP = 100

export const RULE: Row = { kind: 'rule' }
const SPACE_DOTS = 24

/** `23/11/2026 14:32`, in Vietnam, wherever the till thinks it is. */
export function paperMoment(at: string): string {
  const moment = new Date(at)
  return `${DAY.format(moment)} ${TIME.format(moment)}`
}

/** `+842838220101` → `028 3822 0101`, as it is dialled here. */
export function spokenPhone(phone: string): string {
  const digits = phone.replace(/^\+84/, '0').replace(/\D/g, '')
  const groups = /^(\d{3})(\d{3,4})(\d{4})$/.exec(digits)
  return groups === null ? phone : groups.slice(1).join(' ')
}

/** The rows of a receipt. */
export function receiptRows(facts: ReceiptFacts): Row[] {
  return [...head(facts), RULE, ...goods(facts), RULE, ...sums(facts), RULE, ...money(facts), RULE, ...foot(facts)]
}

function head(facts: ReceiptFacts): Row[] {
  const place = [facts.branch, facts.address].filter(Boolean).join(' · ')
  const contact = [
    facts.phone === null ? null : `ĐT ${spokenPhone(facts.phone)}`,
    facts.taxCode === null ? null : `MST ${facts.taxCode}`,
  ].filter(Boolean).join(' · ')
  return [
    centred(facts.company.toLocaleUpperCase('vi'), 'brand'),
    centred(place, 'small'),
    ...(contact === '' ? [] : [centred(contact, 'small')]),
    RULE,
    centred('PHIẾU THANH TOÁN', 'title', true),
    ...(facts.copies > 0 ? [centred(`BẢN SAO ${String(facts.copies)}`, 'small', true)] : []),
    ...(facts.voided ? [centred('ĐÃ HỦY', 'title', true)] : []),
    ...(facts.offline === true ? [centred('ĐƠN NGOẠI TUYẾN, chờ đồng bộ', 'small', true)] : []),
    pair(`Số: ${facts.receiptCode}`, paperMoment(facts.soldAt), 'small'),
    pair(`Thu ngân: ${facts.cashier}`, '', 'small'),
  ]
}

function goods(facts: ReceiptFacts): Row[] {
  return facts.lines.flatMap((line) => [
    { kind: 'text' as const, text: line.name, size: 'body' as const, align: 'left' as const, bold: true },
    pair(`${line.sku} · ${String(line.qty)} × ${grouped(line.unitVnd)}`, grouped(line.totalVnd), 'small'),
    ...(line.sourceName === null ? [] : [pair(`  Giao từ ${line.sourceName}`, '', 'small')]),
  ])
}

function sums(facts: ReceiptFacts): Row[] {
  const count = facts.lines.reduce((sum, line) => sum + line.qty, 0)
  const rounding = facts.roundingVnd
  return [
    pair(`Tạm tính (${String(count)} món)`, grouped(facts.totalVnd), 'body'),
    ...(rounding === 0 ? [] : [pair('Làm tròn tiền mặt', `${rounding > 0 ? '+' : MINUS}${grouped(Math.abs(rounding))}`, 'body')]),
    pair('TỔNG', withSymbol(facts.totalVnd + rounding), 'total', true),
    ...facts.vat.map(({ rateBp, vatVnd }) =>
      pair(`Đã gồm thuế GTGT ${RATE.format(rateBp / RATE_BP)}%`, grouped(vatVnd), 'small')),
  ]
}

function money(facts: ReceiptFacts): Row[] {
  return [
    ...facts.tenders.map(({ kind, handedVnd }) => pair(TENDER[kind], grouped(handedVnd), 'body')),
    pair('Tiền thối lại', grouped(facts.changeVnd), 'body', true),
  ]
}

function foot(facts: ReceiptFacts): Row[] {
  return [
    { kind: 'barcode', digits: facts.barcode },
    centred(facts.receiptCode, 'small'),
    { kind: 'space', dots: SPACE_DOTS / 4 },
    centred('Quý khách giữ phiếu này khi cần đổi trả.', 'small'),
    centred('Cảm ơn quý khách!', 'body', true),
    { kind: 'space', dots: SPACE_DOTS },
  ]
}

/** A row of text in the middle. */
export function centred(text: string, size: Size, bold = false): Row {
  return { kind: 'text', text, size, align: 'centre', bold }
}

/** A row with something at each edge. */
export function pair(left: string, right: string, size: Size, bold = false): Row {
  return { kind: 'pair', left, right, size, bold }
}
