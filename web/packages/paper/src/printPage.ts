// The browser's own way to paper: the pictures as they are, one a page, and nothing else of the app.

import { pixelsOf, type Raster } from '@placket/selling'

/** The paper of receipts, and the label of a shelf tag, as browsers name pages. */
export const PAGES = { receipt: 'size: 80mm auto; margin: 0 4mm', tag: 'size: 50mm 30mm; margin: 0' }

const ALONE = 'body > :not(.paper) { display: none !important } .paper { display: block !important } .paper img { display: block; break-after: page }'

/** Show the browser's print dialog with these pictures. */
export async function printPages(rasters: readonly Raster[], page: string = PAGES.receipt): Promise<void> {
  const sheet = document.createElement('div')
  sheet.className = 'paper'
  sheet.style.display = 'none'
  const style = document.createElement('style')
  style.textContent = `@page { ${page} } @media print { ${ALONE} }`
  sheet.append(style)
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
function pngOf(raster: Raster): string {
  const canvas = document.createElement('canvas')
  canvas.width = raster.width
  canvas.height = raster.height
  canvas.getContext('2d')?.putImageData(new ImageData(pixelsOf(raster), raster.width, raster.height), 0, 0)
  return canvas.toDataURL('image/png')
}
