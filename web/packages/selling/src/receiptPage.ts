/** The address in a receipt's QR code: its sixteen digits and ten more that only this till can make for them. */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

const SIGNATURE_DIGITS = 10

/** Ten digits that belong to a receipt's sixteen; `identity/receipts.py` makes the same. */
export function receiptSignature(keyHex: string, barcode: string): string {
  const number = new DataView(hmac(sha256, hexToBytes(keyHex), utf8ToBytes(barcode)).buffer).getBigUint64(0)
  return (number % 10n ** BigInt(SIGNATURE_DIGITS)).toString().padStart(SIGNATURE_DIGITS, '0')
}

/** Where the holder of a receipt sees it again. */
export function receiptPage(address: string, keyHex: string, barcode: string): string {
  return `${address}/r/${barcode}${receiptSignature(keyHex, barcode)}`
}
