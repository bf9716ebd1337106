/**
 * Tells a barcode scanner from a person by the rhythm of its keys, whatever has the focus.
 *
 * A wedge scanner types six or more keys with a mean gap of at most 35 ms and ends with Enter, Tab or silence. Letters are
 * read from the physical key, because a Vietnamese typing tool changes `key` (AA → Â) and Windows may report "Process".
 */

export interface KeyPress {
  code: string
  key: string
  shiftKey: boolean
  ctrlKey: boolean
  altKey: boolean
  metaKey: boolean
  /** Milliseconds on the clock that stamps every key. */
  timeStamp: number
}

/** What to do with the key: let it pass, or swallow it because it ended a scan. */
export type Verdict = 'pass' | 'swallow'

const KEYS_MIN = 6
const MEAN_GAP_MAX_MS = 35
export const SILENCE_MS = 60

const PLAIN: Readonly<Record<string, [string, string]>> = {
  Minus: ['-', '_'], Equal: ['=', '+'], Period: ['.', '>'], Slash: ['/', '?'], Comma: [',', '<'], Semicolon: [';', ':'],
  Quote: ["'", '"'], BracketLeft: ['[', '{'], BracketRight: [']', '}'], Backslash: ['\\', '|'], Backquote: ['`', '~'],
  Space: [' ', ' '], NumpadSubtract: ['-', '-'], NumpadAdd: ['+', '+'], NumpadDecimal: ['.', '.'],
  NumpadDivide: ['/', '/'], NumpadMultiply: ['*', '*'],
}
const SHIFTED_DIGITS = ')!@#$%^&*('

/** The character of a physical key on the layout that scanners type, or none for keys that type nothing. */
export function characterOf(press: Pick<KeyPress, 'code' | 'key' | 'shiftKey'>): string | null {
  const { code, key, shiftKey } = press
  if (code === '') return [...key].length === 1 ? key : null // some soft keyboards name no physical key
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (letter !== undefined) return shiftKey ? letter : letter.toLowerCase()
  const digit = /^Digit(\d)$/.exec(code)?.[1]
  if (digit !== undefined) return shiftKey ? SHIFTED_DIGITS.charAt(Number(digit)) : digit
  const pad = /^Numpad(\d)$/.exec(code)?.[1]
  if (pad !== undefined) return pad
  return PLAIN[code]?.[shiftKey ? 1 : 0] ?? null
}

export class ScanReader {
  private characters = ''
  private startedAt = 0
  private lastAt = 0

  /** `onStart` is told when a run of keys may begin, so that the field it types into can be restored. */
  constructor(
    private readonly onScan: (code: string) => void,
    private readonly onStart: () => void = () => undefined,
  ) {}

  /** Read one key. */
  press(press: KeyPress): Verdict {
    if (press.code === 'ShiftLeft' || press.code === 'ShiftRight') return 'pass'
    if (press.timeStamp - this.lastAt > SILENCE_MS) this.reset()
    if (press.ctrlKey || press.altKey || press.metaKey) {
      this.reset()
      return 'pass'
    }
    if (['Enter', 'NumpadEnter', 'Tab'].includes(press.code) || ['Enter', 'Tab'].includes(press.key)) {
      return this.end() ? 'swallow' : 'pass'
    }
    const character = characterOf(press)
    if (character === null) {
      this.reset()
      return 'pass'
    }
    if (this.characters === '') {
      this.startedAt = press.timeStamp
      this.onStart()
    }
    this.characters += character
    this.lastAt = press.timeStamp
    return 'pass'
  }

  /** Nothing was typed for a while: what came before may have been a scan without an end key. */
  silence(): void {
    this.end()
  }

  /** What has been typed in this run of keys. */
  get soFar(): string {
    return this.characters
  }

  /** Whether the keys so far have the rhythm of a scanner. */
  get scanning(): boolean {
    const keys = this.characters.length
    return keys >= KEYS_MIN && (this.lastAt - this.startedAt) / (keys - 1) <= MEAN_GAP_MAX_MS
  }

  private end(): boolean {
    const code = this.characters
    const scanned = this.scanning
    this.reset()
    if (scanned) this.onScan(code)
    return scanned
  }

  private reset(): void {
    this.characters = ''
    this.lastAt = 0
  }
}
