/** A picture as a thermal printer takes it: one bit a dot, set where there is ink, rows padded to whole bytes. */

export const PAPER_DOTS = 576
const BITS = 8
const CHANNELS = 4
const DARK_BELOW = 150

export interface Raster {
  width: number
  height: number
  bytesPerRow: number
  bits: Uint8Array
}

/** Threshold RGBA pixels; nothing is dithered, so letters stay sharp. */
export function rasterOf(pixels: Uint8ClampedArray, width: number, height: number): Raster {
  const bytesPerRow = Math.ceil(width / BITS)
  const bits = new Uint8Array(bytesPerRow * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * CHANNELS
      const light = 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0)
      if (light < DARK_BELOW) {
        const byte = y * bytesPerRow + (x >> 3)
        bits[byte] = (bits[byte] ?? 0) | (0x80 >> (x & 7))
      }
    }
  }
  return { width, height, bytesPerRow, bits }
}

/** The dots as pixels again, ink black on white paper: what the preview shows is what the printer burns. */
export function pixelsOf(raster: Raster): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(raster.width * raster.height * CHANNELS).fill(255)
  for (let y = 0; y < raster.height; y += 1) {
    for (let x = 0; x < raster.width; x += 1) {
      if (((raster.bits[y * raster.bytesPerRow + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0) {
        pixels.fill(0, (y * raster.width + x) * CHANNELS, (y * raster.width + x) * CHANNELS + 3)
      }
    }
  }
  return pixels
}
