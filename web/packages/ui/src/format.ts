// Numbers, money and dates as people in Viet Nam read them. Intl's compact forms ("1,28 T", "350 N") are
// read by nobody, so the short form of money is our own.

export type Language = 'vi' | 'en'

const NBSP = '\u00a0'
const MINUS = '\u2212'
const ZONE = 'Asia/Ho_Chi_Minh'

// What a subtraction leaves of nothing, and what rounds to it, is `0`: nobody reads `−0`.
const upTo = (digits: number): Intl.NumberFormat => new Intl.NumberFormat('vi-VN', { maximumFractionDigits: digits, signDisplay: 'negative' })
const whole = upTo(0)
const tenths = upTo(1)
const hundredths = upTo(2)

const sign = (text: string): string => text.replace('-', MINUS)

/** `1.250.000`, for table cells. */
export const number = (value: number): string => sign(whole.format(value))

/** `1.250.000 ₫` with a no-break space, for totals and for prices shown to customers. */
export const money = (value_vnd: number): string => `${number(value_vnd)}${NBSP}₫`

const SHORT: Record<Language, readonly [string, string, string]> = {
  vi: ['tỷ', 'tr', 'nghìn'],
  en: ['bn', 'm', 'k'],
}

/** `1,28 tỷ`, `48,6 tr`, `350 nghìn`. */
export function shortMoney(value_vnd: number, language: Language = 'vi'): string {
  const size = Math.abs(value_vnd)
  const [billion, million, thousand] = SHORT[language]
  if (size >= 999_950_000) return sign(`${hundredths.format(value_vnd / 1e9)}${NBSP}${billion}`)
  if (size >= 999_500) return sign(`${tenths.format(value_vnd / 1e6)}${NBSP}${million}`)
  if (size >= 1_000) return sign(`${whole.format(value_vnd / 1e3)}${NBSP}${thousand}`)
  return number(value_vnd)
}

/** Basis points as `12,4%`. */
export const percent = (bp: number): string => sign(`${tenths.format(bp / 100)}%`)

const dateParts = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, day: '2-digit', month: '2-digit', year: 'numeric' })
const timeParts = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const clockParts = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

type Moment = Date | string | number

/** `23/11/2026` in the shop's zone. */
export const date = (at: Moment): string => dateParts.format(new Date(at))

/** `14:32` in the shop's zone. */
export const time = (at: Moment): string => timeParts.format(new Date(at))

/** `14:32:05` in the shop's zone. */
export const clock = (at: Moment): string => clockParts.format(new Date(at))

/** `14:32 23/11/2026`. */
export const dateTime = (at: Moment): string => `${time(at)} ${date(at)}`

/** The business day of a moment as `2026-11-23`, the form the API speaks. */
export function day(at: Moment): string {
  const [d, m, y] = date(at).split('/')
  return `${y}-${m}-${d}`
}

const collator = new Intl.Collator('vi')

/** Vietnamese order of names: An, Ẩn, Ấn, Bùi, Dung, Đào. */
export const compareNames = (one: string, other: string): number => collator.compare(one, other)

/** Lower case without marks, for searching: `Đầm Lụa` and `dam lua` are one. */
export const fold = (text: string): string =>
  text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/g, 'd').replace(/Đ/g, 'D').toLowerCase()

/** `2026-11-23` as it is written here: `23/11/2026`. */
export const writtenDay = (iso: string): string => (/^\d{4}-\d{2}-\d{2}$/.test(iso) ? iso.split('-').toReversed().join('/') : '')

/** What somebody wrote (`23/11/2026`, `3.2.26`, `23112026`) as `2026-11-23`; empty when it is no day. */
export function isoDay(written: string): string {
  const parts = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{2}|\d{4})$/.exec(written.trim()) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(written.trim())
  if (!parts) return ''
  const [d, m, y] = [Number(parts[1]), Number(parts[2]), Number(parts[3]) + (parts[3]!.length === 2 ? 2000 : 0)]
  const at = new Date(Date.UTC(y, m - 1, d))
  return at.getUTCMonth() === m - 1 && at.getUTCDate() === d ? at.toISOString().slice(0, 10) : ''
}
