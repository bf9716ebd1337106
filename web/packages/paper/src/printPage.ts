// The browser's own way to paper: the pictures as they are, one a page. The app's style sheet hides everything else in print.

import { pixelsOf, type Raster } from '@placket/selling'

/** Show the browser's print dialog with these pictures. */
export async function printPages(rasters: readonly Raster[]): Promise<void> {
  const sheet = document.createElement('div')
  sheet.className = 'paper hidden'
  for (const raster of rasters) {
    const picture = document.createElement('img')
    picture.alt = ''
    picture.src = pngOf(raster)
    // 203 dots an inch: eight dots a millimetre.
    picture.style.width = `${String(raster.width / 8)}mm`
    await picture.decode()
    sheet.append(picture)
  }
  document.body.append(sheet)
  window.print()
  sheet.remove()
}

/** A picture as the browser shows it. */
export function pngOf(raster: Raster): string {
  const canvas = document.createElement('canvas')
  canvas.width = raster.width
  canvas.height = raster.height
  canvas.getContext('2d')?.putImageData(new ImageData(pixelsOf(raster), raster.width, raster.height), 0, 0)
  return canvas.toDataURL('image/png')
}
