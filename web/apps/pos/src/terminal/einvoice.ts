// The block of numbers from which this till makes the codes of its e-invoices; kept, so that it needs no network to.

import { Refusal, Unreachable } from '@placket/api'
import { einvoiceCode, type EinvoiceRange } from '@placket/selling'
import { shallowRef } from 'vue'
import { keep, kept } from './db'
import { server } from './server'

const range = shallowRef<EinvoiceRange>()

/** What is kept at once, then what the server says; without an answer the kept range stays. */
export async function refreshEinvoice(): Promise<void> {
  range.value ??= await kept('einvoice')
  try {
    range.value = await server.einvoice()
    await keep('einvoice', range.value)
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
}

/** The code of a receipt of this till, as far as it may give one. */
export function codeOf(receipt: { epoch: number; no: number; soldAt: string }): string | null {
  return range.value === undefined ? null : einvoiceCode(range.value, receipt)
}
