// A QR code for a screen: squares of one unit in a path, with the quiet frame that readers need.

import { encode } from 'uqr'

const QUIET = 2

export function qrPath(text: string): { size: number; path: string } {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET })
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${String(x)} ${String(y)}h1v1h-1z`] : []))).join('')
  return { size, path }
}
