/**
 * The till's journal: what has happened here, in order, each entry sealed with the hash of the one before it. An entry is the
 * text that was hashed, so that till and server hash the same bytes. The rules are docs/rules/offline.md's.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Attempt } from './attempt.ts'

export const SCHEMA_V = 1
/** What stands before the first entry. */
export const NO_HASH = '0'.repeat(64)
/** The most that one push carries. */
export const PUSH_ENTRIES = 200
export const PUSH_CHARACTERS = 200_000
/** Entries that the server has acknowledged stay: at least so many, and all of the last days. A restored server asks for them. */
export const KEPT_ENTRIES = 5_000
export const KEPT_MS = 30 * 86_400_000

export type EntryKind = 'SALE' | 'VOID' | 'CLOSE' | 'HANDOVER' | 'CUSTOMER' | 'SETTLED' | 'SHIFT_OPEN' | 'SHIFT_TAKE' | 'CASH' | 'SHIFT_CLOSE'

/** Whether a sale was sold beside what the board or the books say, and how. */
export type Light = 'green' | 'amber' | 'amber_refused' | 'override' | 'blind'

export interface EntryFacts {
  entryId: string
  epoch: number
  opening: number
  kind: EntryKind
  atMs: number
  clockOffsetMs: number
  appVersion: string
  body: Readonly<Record<string, unknown>>
}

/** An entry as it is kept and sent. */
export interface SealedEntry {
  seq: number
  hash: string
  text: string
}

/** The hash of an entry: `SHA-256(previous hash ‖ text)`, lower-case hex. */
export function chained(previous: string, text: string): string {
  return bytesToHex(sha256(utf8ToBytes(previous + text)))
}

/** Seal the next entry behind the last one of its epoch, or the first. */
export function seal(facts: EntryFacts, last: SealedEntry | undefined): SealedEntry {
  const seq = (last?.seq ?? 0) + 1
  const text = JSON.stringify({
    entry_id: facts.entryId,
    epoch: facts.epoch,
    seq,
    opening: facts.opening,
    kind: facts.kind,
    at: new Date(facts.atMs).toISOString(),
    clock_offset_ms: Math.round(facts.clockOffsetMs),
    schema_v: SCHEMA_V,
    app_v: facts.appVersion,
    body: facts.body,
  })
  return { seq, text, hash: chained(last?.hash ?? NO_HASH, text) }
}

/** As many entries from the front as one push carries, at least one. */
export function nextPush<E extends SealedEntry>(entries: readonly E[]): E[] {
  let characters = 0
  const end = entries.findIndex(({ text }, place) => {
    characters += text.length
    return place >= PUSH_ENTRIES || (place > 0 && characters > PUSH_CHARACTERS)
  })
  return entries.slice(0, end < 0 ? entries.length : end)
}

/** The body of `SALE`: the goods have left. */
export function saleBody({ request, staffId, light, override, clockBy }: Attempt): Record<string, unknown> {
  return {
    id: request.id,
    receipt_no: request.receipt_no,
    staff_id: staffId,
    lines: request.lines,
    total_vnd: request.total_vnd,
    rounding_vnd: request.rounding_vnd,
    tenders: request.tenders,
    price_version: request.price_version,
    promo_version: request.promo_version,
    customer_id: request.customer_id,
    points: request.points,
    vouchers: request.vouchers,
    offers: request.offers,
    skipped: request.skipped,
    returns: request.returns,
    return_approval: request.return_approval,
    light,
    reason: override?.reason ?? null,
    approved_by: override?.approved_by ?? null,
    clock_by: clockBy ?? null,
  }
}

/** The body of `VOID`: a sale undone, or a number that never became one. */
export function voidBody(
  facts: { saleId: string; receiptNo: number; staffId: string; reason: string; approvedBy: string | null },
): Record<string, unknown> {
  const { saleId, receiptNo, staffId, reason, approvedBy } = facts
  return { sale_id: saleId, receipt_no: receiptNo, staff_id: staffId, reason, approved_by: approvedBy }
}
