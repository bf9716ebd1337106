/**
 * Very many short strings in a few arrays, with a way back from a string to its place. A hundred thousand of them are read
 * from the device without making one object each. Letters are found whatever their case.
 */

export interface Strings {
  bytes: Uint8Array
  /** Where each string ends in the bytes. */
  ends: Uint32Array
  /** An open hash table: place + 1, or 0. */
  slots: Uint32Array
}

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder()
const BASIS = 0x811c9dc5
const PRIME = 0x01000193

export function packStrings(texts: readonly string[]): Strings {
  const ends = new Uint32Array(texts.length)
  let bytes = new Uint8Array(Math.max(16, texts.length * 16))
  let end = 0
  texts.forEach((text, place) => {
    if (bytes.length - end < text.length * 3) {
      const more = new Uint8Array(bytes.length * 2 + text.length * 3)
      more.set(bytes)
      bytes = more
    }
    end += ENCODER.encodeInto(text, bytes.subarray(end)).written
    ends[place] = end
  })
  const strings = { bytes: bytes.slice(0, end), ends, slots: new Uint32Array(sizeFor(texts.length)) }
  for (let place = texts.length - 1; place >= 0; place -= 1) put(strings, place)
  return strings
}

export function stringAt({ bytes, ends }: Strings, place: number): string {
  return DECODER.decode(bytes.subarray(place === 0 ? 0 : ends[place - 1], ends[place]))
}

/** The place of a string, or -1. */
export function placeOf(strings: Strings, text: string): number {
  const { slots } = strings
  const wanted = ENCODER.encode(text)
  const mask = slots.length - 1
  for (let slot = hash(wanted, 0, wanted.length) & mask; ; slot = (slot + 1) & mask) {
    const place = (slots[slot] ?? 0) - 1
    if (place < 0) return -1
    if (isAt(strings, place, wanted)) return place
  }
}

function put({ bytes, ends, slots }: Strings, place: number): void {
  const mask = slots.length - 1
  let slot = hash(bytes, place === 0 ? 0 : (ends[place - 1] ?? 0), ends[place] ?? 0) & mask
  while (slots[slot] !== 0) slot = (slot + 1) & mask
  slots[slot] = place + 1
}

function isAt({ bytes, ends }: Strings, place: number, wanted: Uint8Array): boolean {
  const begin = place === 0 ? 0 : (ends[place - 1] ?? 0)
  if ((ends[place] ?? 0) - begin !== wanted.length) return false
  for (let at = 0; at < wanted.length; at += 1) {
    if (folded(bytes[begin + at] ?? 0) !== folded(wanted[at] ?? 0)) return false
  }
  return true
}

function hash(bytes: Uint8Array, begin: number, end: number): number {
  let sum = BASIS
  for (let at = begin; at < end; at += 1) sum = Math.imul(sum ^ folded(bytes[at] ?? 0), PRIME)
  return (sum ^ (sum >>> 15)) >>> 0
}

/** Capital letters for small ones. */
function folded(byte: number): number {
  return byte >= 97 && byte <= 122 ? byte - 32 : byte
}

/** A power of two, at most half full. */
function sizeFor(count: number): number {
  return 2 ** Math.max(4, Math.ceil(Math.log2(count * 2 + 1)))
}
