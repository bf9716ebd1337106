// The carts of contracts/pricing, worked out by hand; the server's engine answers the same ones.
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { quotePromotions } from './engine.ts'
import type { CartFacts, LineFacts, Promotion } from './terms.ts'

interface Case {
  name: string
  cart: Omit<CartFacts, 'lines'> & { lines: [string, number][] }
  promotions: Promotion[]
  expect: Record<string, unknown>
}

const folder = resolve(import.meta.dirname, '../../../../../contracts/pricing')
const read = (name: string): unknown => JSON.parse(readFileSync(resolve(folder, name), 'utf8'))
const { goods, ...about } = read('goods.json') as Omit<CartFacts, 'lines'> & { goods: Record<string, Omit<LineFacts, 'variant_id' | 'qty'>> }

for (const file of readdirSync(folder).filter((name) => name !== 'goods.json')) {
  describe(file.replace('.json', ''), () => {
    it.each(read(file) as Case[])('$name', ({ cart, promotions, expect: expected }) => {
      const lines = cart.lines.map(([key, qty]) => ({ ...(goods[key] as LineFacts), variant_id: key, qty }))
      const quote = quotePromotions({ ...about, ...cart, lines }, promotions)
      const answers: Record<string, unknown> = {
        total_vnd: quote.total_vnd,
        exact: quote.exact,
        applied: Object.fromEntries(quote.applied.map((row) => [row.promotion_id, row.vnd])),
        net_vnd: Object.fromEntries(quote.pieces.map((piece) => [`${piece.variant_id}/${String(piece.no)}`, piece.net_vnd])),
        rejected: Object.fromEntries(quote.rejected.map((row) => [row.promotion_id, row.reason])),
        near: Object.fromEntries(quote.near.map((row) => [row.promotion_id, [row.lacks_qty, row.lacks_vnd]])),
      }
      expect(Object.fromEntries(Object.keys(expected).map((key) => [key, answers[key]]))).toEqual(expected)
    })
  })
}
