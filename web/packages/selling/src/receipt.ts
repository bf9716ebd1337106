/** What stands on a receipt, row by row: text, not dots. The words are those of Vietnamese paper, whatever the till speaks. */
import { MINUS, grouped, withSymbol } from './money.ts'
import type { Method } from './payment.ts'

export type Size = 'brand' | 'title' | 'body' | 'small' | 'total'

export type Row =
  | { kind: 'text'; text: string; size: Size; align: 'left' | 'centre'; bold: boolean }
  | { kind: 'pair'; left: string; right: string; size: Size; bold: boolean }
  | { kind: 'rule' }
  | { kind: 'barcode'; digits: string }
  | { kind: 'ean13'; digits: string }
  | { kind: 'qr'; text: string }
  | { kind: 'space'; dots: number }

export interface ReceiptLine {
  name: string
  sku: string
  qty: number
  unitVnd: number
  /** What the pieces cost by the list. */
  totalVnd: number
  /** Where the goods come from when they are not handed over here. */
  sourceName: string | null
  /** What is to be done with the goods. */
  note?: string | null
  /** What is taken off this line and why; amounts are what is taken off. */
  discounts?: ReceiptDiscount[]
  /** A line that came back: of which receipt, what had been paid for it, and what is less because of what was kept. */
  returned?: { receiptCode: string; paidVnd: number; lessVnd: number }
}

export interface ReceiptDiscount {
  label: string
  amountVnd: number
  /** A promotion's, not somebody's by hand. */
  promotion?: true
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
  /** Who advised the customer. */
  adviser?: string | null
  /** The customer, the phone already masked. */
  customer?: { name: string; phone: string; tier: string | null } | null
  lines: ReceiptLine[]
  totalVnd: number
  roundingVnd: number
  changeVnd: number
  vat: { rateBp: number; vatVnd: number }[]
  /** With a minus what goes back to the customer. */
  tenders: { kind: Method | 'store_credit'; handedVnd: number; reference?: string | null }[]
  vouchers?: { code: string; amountVnd: number }[]
  pointsSpent?: { points: number; valueVnd: number } | null
  /** What the customer's points are after this sale, as far as they are known. */
  points?: { earned: number; reclaimed?: number; restored?: number; balance: number | null; toNext: { points: number; tier: string } | null } | null
  /** The page of this receipt, for returns and the e-invoice; its address stands in the QR code. */
  page?: string | null
  /** The tax authority's code of its e-invoice, where the till makes it itself. */
  invoiceCode?: string | null
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
export const TENDER_WORDS: Readonly<Record<string, string>> = {
  cash: 'Tiền mặt', card: 'Thẻ', transfer: 'Chuyển khoản QR', cod: 'Thu hộ', store_credit: 'Tín dụng cửa hàng',
}
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
  const points = pointRows(facts)
  return [
    ...head(facts), ...people(facts), RULE, ...goods(facts), RULE, ...sums(facts), RULE, ...money(facts), RULE,
    ...points, ...(points.length === 0 ? [] : [RULE]), ...foot(facts),
  ]
}

/** The rows of a receipt that goes with a present: the goods and the code, and no price anywhere. */
export function giftRows(facts: ReceiptFacts): Row[] {
  return [
    ...shop(facts), RULE, centred('PHIẾU QUÀ TẶNG', 'title', true), ...copyMark(facts),
    pair(`Số: ${facts.receiptCode}`, paperMoment(facts.soldAt), 'small'), RULE,
    ...facts.lines.flatMap((line) => [named(line), pair(line.sku, `SL: ${String(line.qty)}`, 'small')]), RULE,
    { kind: 'barcode', digits: facts.barcode }, centred(facts.receiptCode, 'small'), { kind: 'space', dots: SPACE_DOTS / 4 },
    centred('Đổi được theo phiếu này; phiếu không ghi giá.', 'small'),
    centred('Cảm ơn quý khách!', 'body', true), { kind: 'space', dots: SPACE_DOTS },
  ]
}

/** What a bag carries while it waits: whose it is, until when, and the code that hands it over. */
export interface BagFacts {
  branch: string
  title: string
  /** Digits of a bag (07) or a pick-up (05). */
  code: string
  customer: string | null
  until: string | null
  lines: { name: string; sku: string; qty: number }[]
}

/** The rows of a bag's label. */
export function bagRows(facts: BagFacts): Row[] {
  return [
    centred(facts.title.toLocaleUpperCase('vi'), 'title', true), centred(facts.branch, 'small'), RULE,
    ...(facts.customer === null ? [] : [pair('Khách', facts.customer, 'body', true)]),
    ...(facts.until === null ? [] : [pair('Giữ đến', paperMoment(facts.until), 'body')]),
    ...facts.lines.flatMap((line) => [named(line), pair(line.sku, `SL: ${String(line.qty)}`, 'small')]), RULE,
    { kind: 'barcode', digits: facts.code },
    centred(facts.code, 'body', true), { kind: 'space', dots: SPACE_DOTS },
  ]
}

/** What stands on a box: facts in pairs (from where, to where), its goods, and the digits (08) that its receiver scans. */
export interface BoxFacts {
  title: string
  code: string
  facts: readonly (readonly [name: string, value: string])[]
  lines: readonly { name: string; sku: string; qty: number }[]
}

/** The rows of a box's label. */
export function transferRows({ title, code, facts, lines }: BoxFacts): Row[] {
  return [
    centred(title.toLocaleUpperCase('vi'), 'title', true), RULE, ...facts.map(([name, value]) => pair(name, value, 'body', true)), RULE,
    ...lines.flatMap((line) => [named(line), pair(line.sku, `SL: ${String(line.qty)}`, 'small')]), RULE,
    { kind: 'barcode', digits: code }, centred(code, 'body', true), { kind: 'space', dots: SPACE_DOTS },
  ]
}

/** The page of a printer's test: letters that are hard to print, both codes, and whose machine it is. */
export function testRows(till: string, at: string): Row[] {
  return [
    centred('PHIẾU THỬ', 'title', true), centred(`${till} · ${paperMoment(at)}`, 'small'), RULE,
    centred('Ắ Ằ Ẳ Ẵ Ặ Ố Ồ Ổ Ỗ Ộ Ứ Ừ Ử Ữ Ự', 'body', true), centred('Đầm lụa tơ tằm cổ đổ, áo sơ mi nữ', 'body'),
    pair('Tiếng Việt đủ dấu, số thẳng cột', '1.234.567', 'small'), pair('TỔNG', withSymbol(2_604_000), 'total', true), RULE,
    { kind: 'barcode', digits: '0200000000000000' }, { kind: 'qr', text: '0200000000000000' }, { kind: 'space', dots: SPACE_DOTS },
  ]
}

function shop(facts: ReceiptFacts): Row[] {
  const place = [facts.branch, facts.address].filter(Boolean).join(' · ')
  const contact = [
    facts.phone === null ? null : `ĐT ${spokenPhone(facts.phone)}`,
    facts.taxCode === null ? null : `MST ${facts.taxCode}`,
  ].filter(Boolean).join(' · ')
  return [
    centred(facts.company.toLocaleUpperCase('vi'), 'brand'),
    centred(place, 'small'),
    ...(contact === '' ? [] : [centred(contact, 'small')]),
  ]
}

function copyMark({ copies }: ReceiptFacts): Row[] {
  return copies > 0 ? [centred(`BẢN SAO ${String(copies)}`, 'small', true)] : []
}

function head(facts: ReceiptFacts): Row[] {
  return [
    ...shop(facts),
    RULE,
    centred(title(facts), 'title', true),
    ...copyMark(facts),
    ...(facts.voided ? [centred('ĐÃ HỦY', 'title', true)] : []),
    ...(facts.offline === true ? [centred('ĐƠN NGOẠI TUYẾN, chờ đồng bộ', 'small', true)] : []),
  ]
}

/** What the paper is: a sale, a return, an exchange. */
function title({ lines }: ReceiptFacts): string {
  if (!lines.some(({ returned }) => returned !== undefined)) return 'PHIẾU THANH TOÁN'
  return lines.every(({ returned }) => returned !== undefined) ? 'PHIẾU TRẢ HÀNG' : 'PHIẾU ĐỔI HÀNG'
}

function people(facts: ReceiptFacts): Row[] {
  const { customer, adviser } = facts
  return [
    pair(`Số: ${facts.receiptCode}`, paperMoment(facts.soldAt), 'small'),
    pair(`Thu ngân: ${facts.cashier}`, adviser ? `Tư vấn: ${adviser}` : '', 'small'),
    ...(customer ? [pair(`Khách: ${[customer.name, customer.phone].filter(Boolean).join(' · ')}`, customer.tier ?? '', 'small')] : []),
  ]
}

function named({ name }: { name: string }): Row {
  return { kind: 'text', text: name, size: 'body', align: 'left', bold: true }
}

function written(note: string): Row {
  return { kind: 'text', text: `Ghi chú: ${note}`, size: 'small', align: 'left', bold: false }
}

const minus = (amountVnd: number): string => `${MINUS}${grouped(amountVnd)}`

function goods(facts: ReceiptFacts): Row[] {
  return facts.lines.flatMap((line) => line.returned === undefined ? [
    named(line),
    pair(`${line.sku} · ${String(line.qty)} × ${grouped(line.unitVnd)}`, grouped(line.totalVnd), 'small'),
    ...(line.discounts ?? []).map(({ label, amountVnd }) => pair(`  ${label}`, minus(amountVnd), 'small')),
    ...(line.sourceName === null ? [] : [pair(`  Giao từ ${line.sourceName}`, '', 'small')]),
    ...(line.note ? [written(line.note)] : []),
  ] : takenBack(line, line.returned))
}

/** A line that came back: what was paid for it goes back, less what the kept goods lose. */
function takenBack(line: ReceiptLine, { receiptCode, paidVnd, lessVnd }: NonNullable<ReceiptLine['returned']>): Row[] {
  return [
    named(line),
    pair(`Trả ${String(-line.qty)} · ${line.sku}`, minus(paidVnd), 'small'),
    pair(`  Phiếu ${receiptCode}`, '', 'small'),
    ...(lessVnd === 0 ? [] : [pair('  Tính lại khuyến mãi', signed(lessVnd), 'small')]),
  ]
}

const signed = (vnd: number): string => `${vnd > 0 ? '+' : MINUS}${grouped(Math.abs(vnd))}`

/** What is taken off lines, by promotions or by hand. */
function offLines({ lines }: ReceiptFacts, by: 'promotion' | 'hand'): number {
  const parts = lines.flatMap(({ discounts }) => discounts ?? []).filter(({ promotion }) => (promotion === true) === (by === 'promotion'))
  return parts.reduce((sum, { amountVnd }) => sum + amountVnd, 0)
}

function sums(facts: ReceiptFacts): Row[] {
  const sold = facts.lines.filter(({ returned }) => returned === undefined)
  const back = facts.lines.flatMap(({ returned }) => returned ?? [])
  const count = sold.reduce((sum, { qty }) => sum + qty, 0)
  const rounding = facts.roundingVnd
  const [offeredVnd, offVnd] = [offLines(facts, 'promotion'), offLines(facts, 'hand')]
  const backVnd = back.reduce((sum, { paidVnd, lessVnd }) => sum + paidVnd - lessVnd, 0)
  const { pointsSpent } = facts
  return [
    ...(sold.length === 0 ? [] : [pair(`Tạm tính (${String(count)} món)`, grouped(sold.reduce((sum, line) => sum + line.totalVnd, 0)), 'body')]),
    ...(offeredVnd === 0 ? [] : [pair('Khuyến mãi', minus(offeredVnd), 'body')]),
    ...(offVnd === 0 ? [] : [pair('Giảm giá', minus(offVnd), 'body')]),
    ...(facts.vouchers ?? []).map(({ code, amountVnd }) => pair(`Voucher ${code}`, minus(amountVnd), 'body')),
    ...(pointsSpent ? [pair(`Đổi ${grouped(pointsSpent.points)} điểm`, minus(pointsSpent.valueVnd), 'body')] : []),
    ...(back.length === 0 ? [] : [pair('Hàng trả lại', minus(backVnd), 'body')]),
    ...(rounding === 0 ? [] : [pair('Làm tròn tiền mặt', signed(rounding), 'body')]),
    total(facts, back.length > 0),
    ...facts.vat.map(({ rateBp, vatVnd }) =>
      pair(`Đã gồm thuế GTGT ${RATE.format(rateBp / RATE_BP)}%`, vatVnd < 0 ? minus(-vatVnd) : grouped(vatVnd), 'small')),
  ]
}

/** The sum, by what it is to the customer. */
function total({ totalVnd, roundingVnd }: ReceiptFacts, exchanged: boolean): Row {
  const sumVnd = totalVnd + roundingVnd
  const label = !exchanged ? 'TỔNG' : sumVnd > 0 ? 'THU THÊM' : sumVnd < 0 ? 'TRẢ LẠI KHÁCH' : 'ĐỔI NGANG'
  return pair(label, withSymbol(exchanged ? Math.abs(sumVnd) : sumVnd), 'total', true)
}

function money(facts: ReceiptFacts): Row[] {
  return [
    ...facts.tenders.map(({ kind, handedVnd }) => handedVnd < 0
      ? pair(`Hoàn · ${TENDER_WORDS[kind] ?? kind}`, grouped(-handedVnd), 'body')
      : pair(TENDER_WORDS[kind] ?? kind, grouped(handedVnd), 'body')),
    ...(facts.tenders.some(({ kind, handedVnd }) => kind === 'cash' && handedVnd >= 0) ? [pair('Tiền thối lại', grouped(facts.changeVnd), 'body', true)] : []),
  ]
}

function pointRows(facts: ReceiptFacts): Row[] {
  const { points, pointsSpent } = facts
  const savedVnd = offLines(facts, 'promotion') + offLines(facts, 'hand') + (facts.vouchers ?? []).reduce((sum, { amountVnd }) => sum + amountVnd, 0) + (pointsSpent?.valueVnd ?? 0)
  const known = points ? [
    `Điểm: +${grouped(points.earned)}`,
    points.reclaimed ? `thu hồi ${grouped(points.reclaimed)}` : '',
    points.restored ? `hoàn ${grouped(points.restored)}` : '',
    points.balance === null ? '' : `số dư ${grouped(points.balance)}`,
    points.toNext === null ? '' : `còn ${grouped(points.toNext.points)} điểm lên hạng ${points.toNext.tier}`,
  ].filter(Boolean).join(' · ') : ''
  return [
    ...(known === '' ? [] : [pair(known, '', 'small')]),
    ...(savedVnd === 0 ? [] : [pair(`Tiết kiệm hôm nay: ${withSymbol(savedVnd)}`, '', 'small')]),
  ]
}

function foot(facts: ReceiptFacts): Row[] {
  return [
    { kind: 'barcode', digits: facts.barcode },
    centred(facts.receiptCode, 'small'),
    ...(facts.invoiceCode ? [centred(`Mã CQT: ${facts.invoiceCode}`, 'small')] : []),
    { kind: 'space', dots: SPACE_DOTS / 4 },
    ...(facts.page
      ? [
        centred('Giữ phiếu và tem mác khi cần đổi trả. Quét mã để xem lại phiếu, đổi trả, lấy hóa đơn điện tử:', 'small'),
        { kind: 'qr' as const, text: facts.page },
      ]
      : [centred('Quý khách giữ phiếu này và tem mác khi cần đổi trả.', 'small')]),
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
