// The sales of this branch of the last fourteen days, kept on the device and brought up to date when the line allows.

import { Refusal, Unreachable } from '@placket/api'
import { factsOfOrder, ORDER_DAYS, type KeptOrder } from '@placket/selling'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { afresh } from './afresh'
import { db, keep, kept, type SoldSale } from './db'
import { useJournal } from './journal'
import { server } from './server'
import { useTill } from './till'

const DAY_MS = 86_400_000
/** Two weeks of a busy branch are thousands of sales: they are in memory only while somebody looks through them. */
const orders = shallowRef<KeptOrder[]>([])
const own = shallowRef<SoldSale[]>([])
/** When the server last told; without it the list says how old it is. */
const heardAt = ref<number>()
let lookers = 0

/** What the device holds, whatever the line is. */
export async function loadOrders(): Promise<void> {
  const [held, sales] = await Promise.all([db.orders.toArray(), db.sales.toArray()])
  orders.value = held
  own.value = sales
  heardAt.value = (await kept('orders_at'))?.heardAtMs
}

/** Keep what has changed since the last time; without an answer what is held stays. */
export const refreshOrders = afresh(async () => {
  try {
    let after = (await kept('orders_at'))?.after
    for (;;) {
      const page = await server.orders(after)
      await db.orders.bulkPut(page.items)
      after = page.items.at(-1)?.changed_at ?? after
      await keep('orders_at', { after, heardAtMs: Date.now() })
      if (page.next_cursor === null) break
    }
    await db.orders.where('sold_at').below(new Date(Date.now() - (ORDER_DAYS + 1) * DAY_MS).toISOString()).delete()
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
  if (lookers > 0) await loadOrders()
})

/** A sale of this till that the server has not told back yet, in the same shape. */
function asOrder({ id, soldAt, facts }: SoldSale): KeptOrder {
  const { start } = useTill()
  return {
    id, receipt_code: facts.receiptCode, barcode: facts.barcode, channel: 'store', state: facts.voided ? 'void' : 'posted',
    till_code: start.value?.till.code ?? null, till_id: start.value?.till.id ?? null, staff_name: facts.cashier,
    customer_name: null, phone_end: null, pieces: facts.lines.reduce((sum, { qty }) => sum + qty, 0),
    total_vnd: facts.totalVnd, rounding_vnd: facts.roundingVnd, sold_at: soldAt, changed_at: soldAt,
    lines: facts.lines.map((line) => ({
      name: line.name, sku: line.sku, qty: line.qty, unit_vnd: line.unitVnd, total_vnd: line.totalVnd, adviser: null,
      discount_vnd: (line.discounts ?? []).reduce((sum, { amountVnd }) => sum + amountVnd, 0), source_name: line.sourceName,
      note: line.note ?? null,
    })),
    tenders: [], vat: facts.vat.map(({ rateBp, vatVnd }) => ({ rate_bp: rateBp, vat_vnd: vatVnd })),
  }
}

/** A sale as this till prints it: its own as it was printed, another's from what the server told. */
export async function soldSaleOf(order: KeptOrder): Promise<SoldSale> {
  const mine = await db.sales.get(order.id)
  if (mine !== undefined) return { ...mine, facts: { ...mine.facts, voided: mine.facts.voided || order.state === 'void' } }
  const { start } = useTill()
  const head = {
    company: start.value?.company.name ?? '', taxCode: start.value?.company.tax_code ?? null,
    branch: start.value?.branch.name ?? '', address: start.value?.branch.address ?? null, phone: start.value?.branch.phone ?? null,
  }
  return { id: order.id, soldAt: order.sold_at, facts: factsOfOrder(order, head), foreign: true }
}

/** A sale of another till of the branch by the code under its receipt. */
export async function saleOfBranch(barcode: string): Promise<SoldSale | undefined> {
  const order = await db.orders.filter((one) => one.barcode === barcode).first()
  return order === undefined ? undefined : soldSaleOf(order)
}

/** A sale that this device knows, by its id. */
export async function saleById(id: string): Promise<SoldSale | undefined> {
  const mine = await db.sales.get(id)
  if (mine !== undefined) return mine
  const order = await db.orders.get(id)
  return order === undefined ? undefined : soldSaleOf(order)
}

export function useOrders() {
  lookers += 1
  onScopeDispose(() => {
    lookers -= 1
    if (lookers > 0) return
    orders.value = []
    own.value = []
  })
  const { unsent } = useJournal()
  const waiting = computed(() => new Set(unsent.value.flatMap(({ saleId, kind }) => (kind === 'SALE' && saleId !== null ? [saleId] : []))))
  const all = computed(() => {
    const known = new Set(orders.value.map(({ id }) => id))
    return [...orders.value, ...own.value.filter(({ id }) => !known.has(id)).map(asOrder)]
  })
  return { all, waiting, heardAt }
}
