// Prices carts with the till's engine: one JSON line in ({cart, promotions}), one JSON line out.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'

const web = fileURLToPath(new URL('../../web/', import.meta.url))
const { build } = await import(pathToFileURL(join(web, 'node_modules/rolldown/dist/index.mjs')).href)
const folder = mkdtempSync(join(tmpdir(), 'placket-'))
const file = join(folder, 'engine.mjs')
await build({ input: join(web, 'packages/selling/src/promotions/engine.ts'), output: { file, format: 'esm' }, logLevel: 'silent' })
const { quotePromotions } = await import(pathToFileURL(file).href)
rmSync(folder, { recursive: true })
for await (const line of createInterface({ input: process.stdin })) {
  const { cart, promotions } = JSON.parse(line)
  process.stdout.write(`${JSON.stringify(quotePromotions(cart, promotions))}\n`)
}
