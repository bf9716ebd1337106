// The stock of many cells as it stands now: what was fetched, overtaken by what the stream has said since.
// Every state carries the version its row had under lock, so the higher version is the later truth, in whatever order
// the two arrive.

import type { LiveEvent, Schemas } from '@placket/api'

export interface Cell {
  onHand: number
  promised: number
  asked: number
  short: number
  version: number
}

export type Mode = 'available' | 'on_hand' | 'held'
export type Style = Schemas['StyleCells']
export type Variant = Schemas['VariantCells']

/** The client's types make plain arrays of tuples; this says again what the document says. */
export const matrixOf = (answered: object): Schemas['Matrix'] => answered as Schemas['Matrix']

export const NOTHING: Cell = { onHand: 0, promised: 0, asked: 0, short: 0, version: 0 }

const keyOf = (placeId: string, variantId: string): string => `${placeId}:${variantId}`

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

export class Board {
  private readonly heard = new Map<string, Cell>()

  /** Take in what the stream says; answers the keys that changed. */
  hear(events: readonly LiveEvent[]): string[] {
    const changed: string[] = []
    for (const { key, version, payload } of events) {
      if (version <= (this.heard.get(key)?.version ?? 0)) continue
      this.heard.set(key, {
        onHand: numberOf(payload.on_hand),
        promised: numberOf(payload.promised),
        asked: numberOf(payload.asked),
        short: numberOf(payload.short),
        version,
      })
      changed.push(key)
    }
    return changed
  }

  cell(variant: Variant, placeId: string): Cell {
    const heard = this.heard.get(keyOf(placeId, variant.id))
    const fetched = variant.cells[placeId]
    if (fetched === undefined) return heard ?? NOTHING
    const [onHand, promised, asked, short, version] = fetched
    if (heard !== undefined && heard.version > version!) return heard
    return { onHand: onHand!, promised: promised!, asked: asked!, short: short!, version: version! }
  }

  forget(): void {
    this.heard.clear()
  }
}

export function add(one: Cell, other: Cell): Cell {
  return {
    onHand: one.onHand + other.onHand,
    promised: one.promised + other.promised,
    asked: one.asked + other.asked,
    short: one.short + other.short,
    version: 0,
  }
}

/** What may be sold: pieces in the house that are promised to nobody. */
export const available = (cell: Cell): number => cell.onHand - cell.promised

export function figure(cell: Cell, mode: Mode): number {
  if (mode === 'on_hand') return cell.onHand
  return mode === 'held' ? cell.promised : available(cell)
}

/** From here on a branch has plenty of one variant. */
export const PLENTY = 9

export type Heat = 'zero' | 'last' | 'plenty' | ''

/** How a figure asks for attention. A depot is a store room: only an empty shelf counts there. */
export function heat(value: number, mode: Mode, isBranch: boolean): Heat {
  if (mode === 'held') return ''
  if (value <= 0) return 'zero'
  if (!isBranch) return ''
  if (value === 1) return 'last'
  return value > PLENTY ? 'plenty' : ''
}

export type Row = { kind: 'style'; key: string; style: Style } | { kind: 'variant'; key: string; style: Style; variant: Variant }

/** Styles with their variants under them, as the rows of one long table. */
export function rowsOf(styles: readonly Style[]): Row[] {
  return styles.flatMap((style): Row[] => [
    { kind: 'style', key: style.style_id, style },
    ...style.variants.map((variant): Row => ({ kind: 'variant', key: variant.id, style, variant })),
  ])
}

export const variantsOf = (row: Row): readonly Variant[] => (row.kind === 'style' ? row.style.variants : [row.variant])

/** The sum of a row at some places. */
export function sum(board: Board, row: Row, placeIds: readonly string[]): Cell {
  let total = NOTHING
  for (const variant of variantsOf(row)) for (const placeId of placeIds) total = add(total, board.cell(variant, placeId))
  return total
}

/** Pieces available in all, and how many cells of branches have none left. */
export function summary(
  board: Board,
  styles: readonly Style[],
  places: readonly { id: string; kind: string }[],
): { pieces: number; zero: number; variants: number } {
  let pieces = 0
  let zero = 0
  let variants = 0
  for (const style of styles)
    for (const variant of style.variants) {
      variants += 1
      for (const place of places) {
        const left = available(board.cell(variant, place.id))
        pieces += left
        if (left <= 0 && place.kind === 'branch') zero += 1
      }
    }
  return { pieces, zero, variants }
}
