/** How a total is paid: parts already taken, the method in hand, rounding of cash, change. Equal to the server's rule. */
import { roundedTo } from './money.ts'

export type Method = 'cash' | 'transfer' | 'card'

/** An amount of a method, taken before the last one closes the sale. */
export interface Part {
  kind: Method | 'store_credit'
  amountVnd: number
  reference: string
  /** The payment that was taken for it: money that has come, and goes back only the way it came. */
  paymentId?: string
  /** Store credit is held under a request; `reference` names the hold. */
  requestNo?: number
}

/** The method in hand; no amount handed over means the exact one. */
export interface Tendering {
  method: Method
  tenderedVnd: number | null
  reference: string
  /** Taken on a loose terminal or seen in the bank's app: the cashier writes its reference. */
  byHand?: boolean
}

export interface Tender {
  kind: Method | 'store_credit'
  amount_vnd: number
  tendered_vnd: number | null
  change_vnd: number | null
  reference: string | null
  payment_id: string | null
}

export interface Settlement {
  /** What the method in hand still has to bring. */
  dueVnd: number
  roundingVnd: number
  changeVnd: number
  /** What is missing from the amount handed over. */
  missingVnd: number
  complete: boolean
  tenders: Tender[]
}

/** Settle a total. Cash is rounded to notes; what cards and transfers pay is exact; change comes from cash only. */
export function settle(
  totalVnd: number, parts: readonly Part[], tendering: Tendering, stepVnd: number,
): Settlement {
  const otherVnd = sum(parts.filter(({ kind }) => kind !== 'cash'))
  const cashPartsVnd = sum(parts.filter(({ kind }) => kind === 'cash'))
  const byCash = tendering.method === 'cash'
  const cashDueVnd = byCash ? roundedTo(totalVnd - otherVnd, stepVnd) : cashPartsVnd
  const roundingVnd = byCash ? cashDueVnd - (totalVnd - otherVnd) : 0
  const dueVnd = byCash ? cashDueVnd - cashPartsVnd : totalVnd - otherVnd - cashPartsVnd
  const handedVnd = byCash ? (tendering.tenderedVnd ?? Math.max(0, dueVnd)) : dueVnd
  const missingVnd = Math.max(0, dueVnd - handedVnd)
  const changeVnd = byCash ? Math.max(0, handedVnd - dueVnd) : 0
  const tenders = parts.filter(({ kind }) => kind !== 'cash').map(exactly)
  if (!byCash && dueVnd > 0) {
    tenders.push(exactly({ kind: tendering.method, amountVnd: dueVnd, reference: tendering.reference }))
  }
  const cashVnd = cashPartsVnd + (byCash ? handedVnd : 0)
  if (cashVnd > 0) {
    tenders.push({
      kind: 'cash', amount_vnd: cashVnd - changeVnd, tendered_vnd: cashVnd, change_vnd: changeVnd, reference: null, payment_id: null,
    })
  }
  return { dueVnd, roundingVnd, changeVnd, missingVnd, complete: dueVnd >= 0 && missingVnd === 0, tenders }
}

/** Whether an amount may be taken as a part by this method: more than nothing, less than what is due, payable in notes. */
export function fitsAsPart(amountVnd: number, method: Method, dueVnd: number, stepVnd: number): boolean {
  return amountVnd > 0 && amountVnd < dueVnd && (method !== 'cash' || roundedTo(amountVnd, stepVnd) === amountVnd)
}

function exactly(part: Part): Tender {
  return {
    kind: part.kind,
    amount_vnd: part.amountVnd,
    tendered_vnd: null,
    change_vnd: null,
    reference: part.reference.trim() === '' ? null : part.reference.trim(),
    payment_id: part.paymentId ?? null,
  }
}

function sum(parts: readonly Part[]): number {
  return parts.reduce((total, { amountVnd }) => total + amountVnd, 0)
}
