/**
 * Counting on one device, each person for themselves: a tally by zone and variant, the last scan to take back, and what the server has not been told. Kept on
 * the device; what is told has an id and says by how much tallies have changed, so it may be sent again. Pure.
 */

/** One scan; an undo is a negative one. Without a variant it is a code that nobody knows. */
export interface CountScan { zoneNo: number; variantId: string | null; code: string; qty: number; round: number; atMs: number }

export interface CountWork {
  countId: string
  /** Who counts; nobody in what an older version has left. */
  staffId?: string
  /** This device's tallies: zone → variant (or `?` and the unknown code) → pieces. */
  zones: Record<number, Record<string, number>>
  untold: CountScan[]
  last: CountScan | null
}

export interface ToldScan { variant_id: string; qty: number; first_at: string; last_at: string; round: number }

/** An act as the server takes it. */
export interface CountAct { id: string; staff_id: string | null; zone_no: number; lines: ToldScan[]; unknown: { code: string; qty: number }[] }

/** What the server says of this device's own tallies. */
export interface HeldTally { variant_id: string; zone_no: number | null; pieces: number }

const UNKNOWN = '?'
const LINES_MAX = 500
const CODES_MAX = 100

export const newCountWork = (countId: string, staffId: string): CountWork => ({ countId, staffId, zones: {}, untold: [], last: null })

export const keyOf = ({ variantId, code }: Pick<CountScan, 'variantId' | 'code'>): string => variantId ?? UNKNOWN + code

export const tallyOf = (work: CountWork, zoneNo: number, key: string): number => work.zones[zoneNo]?.[key] ?? 0

export const piecesIn = (work: CountWork, zoneNo: number): number => Object.values(work.zones[zoneNo] ?? {}).reduce((sum, pieces) => sum + pieces, 0)

/** Add a scan; a tally never falls below nothing. */
export function tallied(work: CountWork, scan: CountScan): CountWork {
  const key = keyOf(scan)
  const before = tallyOf(work, scan.zoneNo, key)
  const qty = Math.max(scan.qty, -before)
  if (qty === 0) return work
  const zone = { ...work.zones[scan.zoneNo], [key]: before + qty }
  if (zone[key] === 0) delete zone[key]
  return { ...work, zones: { ...work.zones, [scan.zoneNo]: zone }, untold: [...work.untold, { ...scan, qty }], last: { ...scan, qty } }
}

/** Take the last scan back: it is not told at all if it has not been, else its contrary is. */
export function untallied(work: CountWork, atMs: number): CountWork {
  const last = work.last
  if (last === null) return work
  const held = work.untold.at(-1)
  const fresh = held !== undefined && held.atMs === last.atMs && keyOf(held) === keyOf(last) && held.qty === last.qty
  const back = tallied(work, { ...last, qty: -last.qty, atMs })
  return { ...back, untold: fresh ? work.untold.slice(0, -1) : back.untold, last: null }
}

/** The next act to tell, of one zone and as much as one act takes, and what is left after it. */
export function nextAct(work: CountWork, id: string): { act: CountAct; rest: CountScan[] } | undefined {
  const zoneNo = work.untold[0]?.zoneNo
  if (zoneNo === undefined) return undefined
  const lines = new Map<string, { variantId: string; qty: number; firstMs: number; lastMs: number; round: number }>()
  const codes = new Map<string, number>()
  const rest: CountScan[] = []
  for (const scan of work.untold) {
    const key = `${keyOf(scan)} ${scan.round}`
    const fits = scan.zoneNo === zoneNo && rest.length === 0 && (scan.variantId === null ? codes.has(scan.code) || codes.size < CODES_MAX : lines.has(key) || lines.size < LINES_MAX)
    if (!fits) rest.push(scan)
    else if (scan.variantId === null) codes.set(scan.code, (codes.get(scan.code) ?? 0) + scan.qty)
    else {
      const known = lines.get(key)
      lines.set(key, {
        variantId: scan.variantId, round: scan.round, qty: (known?.qty ?? 0) + scan.qty,
        firstMs: Math.min(known?.firstMs ?? scan.atMs, scan.atMs), lastMs: Math.max(known?.lastMs ?? scan.atMs, scan.atMs),
      })
    }
  }
  const told = [...lines.values()].map((line) => ({ variant_id: line.variantId, qty: line.qty, first_at: new Date(line.firstMs).toISOString(), last_at: new Date(line.lastMs).toISOString(), round: line.round }))
  return { act: { id, staff_id: work.staffId ?? null, zone_no: zoneNo, lines: told, unknown: [...codes].map(([code, qty]) => ({ code, qty })) }, rest }
}

/** Take over what the server holds of this device, once it has been told everything; unknown codes stay as they are here. */
export function heldBy(work: CountWork, lines: readonly HeldTally[]): CountWork {
  if (work.untold.length > 0) return work
  const zones: CountWork['zones'] = {}
  for (const [zone, tallies] of Object.entries(work.zones)) {
    const codes = Object.entries(tallies).filter(([key]) => key.startsWith(UNKNOWN))
    if (codes.length > 0) zones[Number(zone)] = Object.fromEntries(codes)
  }
  for (const { variant_id, zone_no, pieces } of lines) {
    if (zone_no !== null && pieces > 0) zones[zone_no] = { ...zones[zone_no], [variant_id]: pieces }
  }
  return { ...work, zones }
}
