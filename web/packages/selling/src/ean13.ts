/** EAN-13 as bars: the symbol on shelf tags, a maker's number or one of the shop's own. */
import { checks } from './codes.ts'

const LEFT_ODD = ['0001101', '0011001', '0010011', '0111101', '0100011', '0110001', '0101111', '0111011', '0110111', '0001011']
/** Which of the six left digits are written the even way: it tells the first digit, which has no bars. */
const PARITY = ['OOOOOO', 'OOEOEE', 'OOEEOE', 'OOEEEO', 'OEOOEE', 'OEEOOE', 'OEEEOO', 'OEOEOE', 'OEOEEO', 'OEEOEO']

const right = (digit: number): string => [...(LEFT_ODD[digit] ?? '')].map((bar) => (bar === '0' ? '1' : '0')).join('')
const even = (digit: number): string => [...right(digit)].toReversed().join('')

/** The bars and spaces of thirteen digits, one character a module: `1` is a bar. */
export function ean13(digits: string): string {
  if (!/^\d{13}$/.test(digits) || !checks(digits)) throw new Error('EAN-13 holds thirteen digits, the last one checking the others')
  const [first, ...rest] = [...digits].map(Number)
  const parity = PARITY[first ?? 0] ?? ''
  const left = rest.slice(0, 6).map((digit, place) => (parity[place] === 'O' ? LEFT_ODD[digit] : even(digit)))
  return ['101', ...left, '01010', ...rest.slice(6).map(right), '101'].join('')
}
