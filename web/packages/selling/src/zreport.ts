/** What stands on the paper of a Z, row by row. The words are those of Vietnamese paper, whatever the till speaks. */
import { grouped, MINUS, withSymbol } from './money.ts'
import { centred, pair, paperMoment, RULE, TENDER_WORDS, type Row } from './receipt.ts'

export interface ZFacts {
  number: number
  till_code: string
  location_name: string
  opened_at: string
  opened_by_name: string
  closed_at: string
  closed_by_name: string
  approved_by_name: string | null
  sales: number
  refunds: number
  tenders: readonly { kind: string; amount_vnd: number }[]
  cash: { float_vnd: number; sales_vnd: number; refunds_vnd: number; in_vnd: number; out_vnd: number; expected_vnd: number }
  counted_vnd: number
  variance_vnd: number
  counts: number
  reason: string | null
  deposit_bag: string | null
}

const SPACE_DOTS = 24

/** `+20.000`, `−20.000` or `0`. */
export function signedVnd(amountVnd: number): string {
  return amountVnd > 0 ? `+${grouped(amountVnd)}` : grouped(amountVnd)
}

export interface XFacts {
  at: string
  till_code: string
  location_name: string
  staff_name: string
  opened_at: string
  sales: number
  refunds: number
  tenders: readonly { kind: string; amount_vnd: number }[]
  in_vnd: number
  out_vnd: number
  /** Left out for whoever will count the drawer. */
  cash: ZFacts['cash'] | null
}

/** The rows of an X: how the shift stands, as often as one likes. */
export function xRows(company: string, x: XFacts): Row[] {
  return [
    centred(company.toLocaleUpperCase('vi'), 'brand'),
    centred(x.location_name, 'small'),
    RULE,
    centred('BÁO CÁO X', 'title', true),
    pair(`Quầy ${x.till_code}`, paperMoment(x.at), 'small'),
    pair(`Ca của ${x.staff_name}`, `mở ${paperMoment(x.opened_at)}`, 'small'),
    RULE,
    pair('Hóa đơn', String(x.sales), 'body'),
    ...(x.refunds === 0 ? [] : [pair('Hủy và hoàn', String(x.refunds), 'body')]),
    ...x.tenders.map(({ kind, amount_vnd }) => pair(TENDER_WORDS[kind] ?? kind, grouped(amount_vnd), 'body')),
    RULE,
    ...(x.cash === null
      ? [
        pair('Thu vào quỹ', `+${grouped(x.in_vnd)}`, 'body'), pair('Chi từ quỹ', x.out_vnd === 0 ? '0' : `${MINUS}${grouped(x.out_vnd)}`, 'body'),
        centred('Tiền mặt ẩn đến khi đối chiếu.', 'small'),
      ]
      : till(x.cash)),
    { kind: 'space', dots: SPACE_DOTS },
  ]
}

/** The rows of a Z. */
export function zRows(company: string, z: ZFacts): Row[] {
  return [
    centred(company.toLocaleUpperCase('vi'), 'brand'),
    centred(z.location_name, 'small'),
    RULE,
    centred(z.number === 0 ? 'BÁO CÁO Z TẠM' : `BÁO CÁO Z SỐ ${String(z.number)}`, 'title', true),
    pair(`Quầy ${z.till_code}`, '', 'small'),
    pair('Mở ca', paperMoment(z.opened_at), 'small'),
    pair(`  ${z.opened_by_name}`, '', 'small'),
    pair('Đóng ca', paperMoment(z.closed_at), 'small'),
    pair(`  ${z.closed_by_name}`, '', 'small'),
    RULE,
    pair('Hóa đơn', String(z.sales), 'body'),
    ...(z.refunds === 0 ? [] : [pair('Hủy và hoàn', String(z.refunds), 'body')]),
    ...z.tenders.map(({ kind, amount_vnd }) => pair(TENDER_WORDS[kind] ?? kind, grouped(amount_vnd), 'body')),
    pair('TỔNG THU', withSymbol(z.tenders.reduce((sum, one) => sum + one.amount_vnd, 0)), 'body', true),
    RULE,
    ...drawer(z),
    RULE,
    ...foot(z),
    { kind: 'space', dots: SPACE_DOTS },
  ]
}

function drawer({ cash, counted_vnd: counted, variance_vnd: variance }: ZFacts): Row[] {
  return [
    ...till(cash),
    pair('Đếm được', grouped(counted), 'body', true),
    pair('CHÊNH LỆCH', `${signedVnd(variance)}\u00a0₫`, 'total', true),
  ]
}

function till(cash: ZFacts['cash']): Row[] {
  const minus = (amountVnd: number): string => `${MINUS}${grouped(amountVnd)}`
  return [
    pair('Tiền đầu ca', grouped(cash.float_vnd), 'body'),
    pair('Bán tiền mặt', `+${grouped(cash.sales_vnd)}`, 'body'),
    ...(cash.refunds_vnd === 0 ? [] : [pair('Hoàn tiền mặt', minus(cash.refunds_vnd), 'body')]),
    ...(cash.in_vnd === 0 ? [] : [pair('Thu vào quỹ', `+${grouped(cash.in_vnd)}`, 'body')]),
    ...(cash.out_vnd === 0 ? [] : [pair('Chi từ quỹ', minus(cash.out_vnd), 'body')]),
    pair('Phải có', grouped(cash.expected_vnd), 'body', true),
  ]
}

function foot(z: ZFacts): Row[] {
  return [
    ...(z.counts > 1 ? [pair(`Đã đếm ${String(z.counts)} lần`, '', 'small')] : []),
    ...(z.reason === null ? [] : [pair(`Lý do: ${z.reason}`, '', 'small')]),
    ...(z.approved_by_name === null ? [] : [pair(`Duyệt: ${z.approved_by_name}`, '', 'small')]),
    ...(z.deposit_bag === null ? [] : [pair(`Túi nộp tiền: ${z.deposit_bag}`, '', 'small')]),
    centred(
      z.number === 0 ? 'Tính trên máy khi mất mạng. Số Z có khi gửi được lên.' : 'Số liệu đã khóa. Giao dịch gửi lên sau ghi thành bổ sung.', 'small',
    ),
    { kind: 'space', dots: SPACE_DOTS * 3 },
    pair('Thu ngân ký', 'Quản lý ký', 'small'),
    { kind: 'space', dots: SPACE_DOTS * 3 },
  ]
}
