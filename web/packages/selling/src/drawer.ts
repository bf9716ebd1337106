/**
 * What should be in a drawer, reckoned from this till's own journal: what a till without network knows of its shift. The server
 * reckons the same from its books when the entries arrive, and its figures are the Z's; docs/rules/shifts.md.
 */

/** An entry as it stands in a journal: its text, which was sealed. */
export interface WrittenEntry {
  kind: string
  at: string
  text: string
}

export interface DrawerFigures {
  sales: number
  refunds: number
  tenders: { kind: string; amount_vnd: number }[]
  cash: { float_vnd: number; sales_vnd: number; refunds_vnd: number; in_vnd: number; out_vnd: number; expected_vnd: number }
}

interface Sold {
  id: string
  tenders: { kind: string; amount_vnd: number }[]
}

/** Add up the payments of a shift that began at a moment, and cash that was moved. */
export function drawerOf(
  entries: readonly WrittenEntry[], openedAt: string, floatVnd: number, moves: readonly { kind: string; amount_vnd: number }[],
): DrawerFigures {
  const sold = new Map<string, Sold>()
  const tenders = new Map<string, number>()
  const figures = { sales: 0, refunds: 0, salesVnd: 0, refundsVnd: 0 }
  const pay = (sale: Sold, sign: 1 | -1): void => {
    for (const { kind, amount_vnd: amount } of sale.tenders) {
      tenders.set(kind, (tenders.get(kind) ?? 0) + sign * amount)
      if (kind === 'cash') figures[sign === 1 ? 'salesVnd' : 'refundsVnd'] += amount
    }
    figures[sign === 1 ? 'sales' : 'refunds'] += 1
  }
  for (const { kind, at, text } of entries) {
    if (kind !== 'SALE' && kind !== 'VOID') continue
    const { body } = JSON.parse(text) as { body: Sold & { sale_id?: string } }
    if (kind === 'SALE') {
      sold.set(body.id, body)
      if (at >= openedAt) pay(body, 1)
      continue
    }
    // A number that never became a sale has nothing to give back.
    const sale = sold.get(body.sale_id ?? '')
    if (sale !== undefined && at >= openedAt) pay(sale, -1)
    sold.delete(body.sale_id ?? '')
  }
  const sum = (which: string): number => moves.reduce((total, one) => (one.kind === which ? total + one.amount_vnd : total), 0)
  const [inVnd, outVnd] = [sum('in'), sum('out')]
  return {
    sales: figures.sales,
    refunds: figures.refunds,
    tenders: [...tenders].map(([kind, amount]) => ({ kind, amount_vnd: amount })).sort((a, b) => a.kind.localeCompare(b.kind)),
    cash: {
      float_vnd: floatVnd, sales_vnd: figures.salesVnd, refunds_vnd: figures.refundsVnd, in_vnd: inVnd, out_vnd: outVnd,
      expected_vnd: floatVnd + figures.salesVnd - figures.refundsVnd + inVnd - outVnd,
    },
  }
}
