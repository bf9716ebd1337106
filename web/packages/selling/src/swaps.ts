/**
 * Pieces that go out for others that come back in the same cart: another size or colour of the style at the same list price
 * costs what the returned piece did. Pure; the rule is docs/rules/returns.md's, the price is the quote's.
 */
import { add, type Cart, type CartLine } from './cart.ts'
import { choices, type RefundQuote } from './returns.ts'

export const SWAP = 'swap'
const REASONS: ReadonlySet<string | undefined> = new Set(['size', 'colour'])

/** What a swap asks of the goods of a line. */
export interface SwapFacts {
  styleId: string
  unitVnd: number | null
}

/** How many pieces of a cart are swapped for pieces of a line that comes back. */
export function swappedFor(lines: readonly CartLine[], saleId: string, lineNo: number): number {
  return lines.filter(({ swaps }) => swaps?.saleId === saleId && swaps.lineNo === lineNo).length
}

/**
 * The cart with every piece marked that is swapped for one that comes back, each a line of its own, at its price once that is
 * known. The same cart when nothing changes; when another number of pieces is swapped the refund is reckoned anew.
 */
export function withSwaps(cart: Cart, factsOf: (variantId: string) => SwapFacts | undefined): Cart {
  const wanted = choices(cart).filter(({ choice }) => REASONS.has(choice.reason)).map(({ sale, line, choice }) =>
    ({ saleId: sale.id, lineNo: line.line_no, line, left: choice.qty }))
  if (wanted.length === 0 && cart.lines.every(({ swaps }) => swaps === undefined)) return cart
  const marked = cart.lines.flatMap((line) => {
    const plain = unswapped(line)
    const facts = plain.adjust === undefined && plain.promiseId === undefined ? factsOf(plain.variantId) : undefined
    const out: CartLine[] = []
    let rest = plain.qty
    for (const one of wanted) {
      if (facts?.styleId !== one.line.style_id || facts.unitVnd !== one.line.unit_vnd || plain.variantId === one.line.variant_id) continue
      for (; one.left > 0 && rest > 0; one.left -= 1, rest -= 1) out.push({ ...plain, qty: 1, swaps: { saleId: one.saleId, lineNo: one.lineNo } })
    }
    return rest > 0 ? [...out, { ...plain, qty: rest }] : out
  })
  const sameNumber = choices(cart).every(({ sale, line }) =>
    swappedFor(marked, sale.id, line.line_no) === swappedFor(cart.lines, sale.id, line.line_no))
  const { refund, ...bare } = cart
  const lines = priced(joined(marked), sameNumber ? refund : undefined)
  if (JSON.stringify(lines) === JSON.stringify(cart.lines)) return cart
  return sameNumber && refund !== undefined ? { ...bare, lines, refund } : { ...bare, lines }
}

function unswapped(line: CartLine): CartLine {
  if (line.swaps === undefined) return line
  const { swaps: _, adjust, ...plain } = line
  return adjust === undefined || adjust.reason === SWAP ? plain : { ...plain, adjust }
}

/** What stands for nothing any more joins its like again. */
function joined(lines: readonly CartLine[]): readonly CartLine[] {
  const nobody: Cart = { id: '', no: 0, lines: [], parts: [], tendering: { method: 'cash', tenderedVnd: null, reference: '' } }
  return lines.reduce<Cart>((cart, line) => (line.swaps === undefined ? add(cart, line) : { ...cart, lines: [...cart.lines, line] }), nobody).lines
}

function priced(lines: readonly CartLine[], refund: RefundQuote | undefined): readonly CartLine[] {
  const pricesOf = new Map((refund?.lines ?? []).map((one) => [`${one.sale_id}/${String(one.line_no)}`, [...(one.swap_vnd ?? [])]]))
  return lines.map((line) => {
    if (line.swaps === undefined) return line
    const value = pricesOf.get(`${line.swaps.saleId}/${String(line.swaps.lineNo)}`)?.shift()
    return value === undefined ? line : { ...line, adjust: { kind: 'price', value, reason: SWAP } }
  })
}
