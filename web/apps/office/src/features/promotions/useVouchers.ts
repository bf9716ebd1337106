// Decides what the voucher part does: batches, issuing them, blocking what is left, tracing one code.

import { answer, type Schemas } from '@placket/api'
import { dateTime } from '@placket/ui'
import { useQuery } from '@tanstack/vue-query'
import { api } from '../../api.ts'
import { csv, save } from '../../shell/csv.ts'

export type Batch = Schemas['BatchShown']
export type Traced = Schemas['VoucherTraced']

export function useBatches() {
  return useQuery({ queryKey: ['voucher-batches'], queryFn: ({ signal }) => answer(api.GET('/api/vouchers', { signal })), staleTime: 0 })
}

export const trace = (code: string): Promise<Traced> => answer(api.GET('/api/vouchers/{code}', { params: { path: { code } } }))

/** What somebody scanned or typed, as a code: fifteen digits, spaces left out. */
export function codeOf(written: string): string | undefined {
  const bare = written.replace(/\s/g, '')
  return /^03\d{13}$/.test(bare) ? bare : undefined
}

/** `0341 0023 8177 004`: as a code is read aloud. */
export const grouped = (code: string): string => code.replace(/(\d{4})(?=\d)/g, '$1 ')

/** The codes of a batch as a file for whoever prints or sends them. */
export function saveCodes(name: string, period: readonly [string, string], codes: readonly string[], customers: readonly { full_name: string; phone: string | null }[], header: readonly string[]): void {
  const rows = codes.map((code, index) => [code, name, dateTime(period[0]), dateTime(period[1]), customers[index]?.full_name ?? '', customers[index]?.phone ?? ''])
  save(`voucher-${name.trim().replace(/[^\p{L}\p{N}]+/gu, '-')}.csv`, csv([header, ...rows]))
}
