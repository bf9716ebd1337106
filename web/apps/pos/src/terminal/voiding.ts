// Undo a sale of today, with the server or without it.

import { Unreachable } from '@placket/api'
import type { Approval } from './approval'
import { showVoided } from './checkout'
import type { SoldSale } from './db'
import { recordVoid } from './journal'
import { sellsAlone } from './lights'
import { server } from './server'
import { drain, drainWithin } from './sync'
import { useTill } from './till'

const NUMBER_DIGITS = 7
/** How long a void waits for older entries to be handed in before it is recorded without the server. */
const DRAIN_MS = 3_000

/** Undo a sale of today, as somebody who may has agreed. Refuses as the server does; voiding again changes nothing. */
export async function voidDone(sale: SoldSale, reason: string, approval: Approval): Promise<void> {
  if (sale.foreign === true) {
    await server.void(sale.id, reason, approval)
    return
  }
  const { session, series } = useTill()
  const alone = sellsAlone() || !(await drainWithin(DRAIN_MS)) || !(await voidOnline(sale, reason, approval))
  const facts = { ...sale.facts, voided: true }
  const entry = {
    saleId: sale.id, receiptNo: Number(sale.facts.receiptCode.slice(-NUMBER_DIGITS)), staffId: session.value?.staff.id ?? '', reason,
    approvedBy: approval.staffId, offline: alone,
  }
  await recordVoid(entry, series.value, { sale: { id: sale.id, soldAt: sale.soldAt, facts } })
  showVoided(sale, facts)
  void drain()
}

/** Whether the server has undone it; no answer is no refusal. */
async function voidOnline(sale: SoldSale, reason: string, approval: Approval): Promise<boolean> {
  try {
    await server.void(sale.id, reason, approval)
    return true
  } catch (error) {
    if (error instanceof Unreachable) return false
    throw error
  }
}
