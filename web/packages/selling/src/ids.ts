/** Ids made by whoever creates the thing: UUIDv7, sortable by the moment they were made (RFC 9562). */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A new id: 48 bits of milliseconds, 74 bits of chance. */
export function newId(atMs: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let moment = atMs
  for (let place = 5; place >= 0; place -= 1) {
    bytes[place] = moment % 256
    moment = Math.floor(moment / 256)
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const text = Array.from(bytes, (byte) => HEX[byte]).join('')
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`
}
