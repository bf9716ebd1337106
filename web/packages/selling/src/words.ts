/** Words as searches compare them: cut at everything that is no letter or digit, with and without Vietnamese marks. */

const MARKS = /[\u0300-\u036f]/g
const WORDS = /[\p{L}\p{N}]+/gu

/** Lower case, composed, and no marks: `Đầm LỤA` → `dam lua`. */
export function folded(text: string): string {
  return text.normalize('NFD').replace(MARKS, '').replace(/[đĐ]/g, 'd').toLowerCase()
}

/** The words of a text in lower case, composed, marks kept. */
export function wordsOf(text: string): string[] {
  return text.normalize('NFC').toLowerCase().match(WORDS) ?? []
}
