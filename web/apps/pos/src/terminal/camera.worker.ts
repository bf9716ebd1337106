// Reads codes in pictures of the camera, away from the thread that sells. The reader is part of the installed app.

import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader'
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url'

const OPTIONS: ReaderOptions = {
  formats: ['EAN13', 'EAN8', 'UPCA', 'UPCE', 'Code128', 'ITF', 'QRCode'],
  tryHarder: true,
  maxNumberOfSymbols: 1,
}

prepareZXingModule({ overrides: { locateFile: () => wasm } })
let canvas: OffscreenCanvas | undefined

addEventListener('message', (event: MessageEvent<ImageBitmap>) => void read(event.data))

async function read(picture: ImageBitmap): Promise<void> {
  canvas ??= new OffscreenCanvas(picture.width, picture.height)
  canvas.width = picture.width
  canvas.height = picture.height
  const brush = canvas.getContext('2d', { willReadFrequently: true })
  brush?.drawImage(picture, 0, 0)
  picture.close()
  const pixels = brush?.getImageData(0, 0, canvas.width, canvas.height)
  const [found] = pixels === undefined ? [] : await readBarcodes(pixels, OPTIONS)
  postMessage(found?.text ?? '')
}
