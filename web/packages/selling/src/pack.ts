/**
 * The catalogue as a device keeps it: columns instead of rows, with the ways back from id, SKU and barcode built in. It is
 * read from the disk as it stands, so that a till with 100,000 variants is ready without building anything.
 */
import type { Category, Colour, CatalogueSnapshot, StyleFace, VariantRow } from './catalogue.ts'
import { packStrings, stringAt, type Strings } from './strings.ts'

/** What is few: kept as one text, which is read faster than ten thousand objects. */
export interface Faces {
  colours: Colour[]
  categories: Category[]
  styles: StyleFace[]
  sizes: string[]
}

export interface Columns {
  /** Where the variants of each style begin, and at last their number. */
  firsts: Uint32Array
  colours: Uint16Array
  sizes: Uint16Array
  sizePositions: Uint16Array
  /** Not a number where there is none. */
  prices: Float64Array
  vats: Float64Array
  nextsAt: Float64Array
  nexts: Float64Array
  ids: Strings
  skus: Strings
  barcodes: Strings
  /** Where the barcodes of each variant end, and whose each barcode is. */
  barcodeEnds: Uint32Array
  barcodeOf: Uint32Array
}

export interface Pack {
  /** What the server calls exactly this; empty when nobody knows. */
  edition: string
  version: number
  priceVersion: number
  faces: string
  columns: Columns
}

/** What turns one edition into another, as the server says it. */
export interface CatalogueChanges {
  edition: string
  snapshot: boolean
  catalogue_version: number
  price_version: number
  colours: Colour[]
  categories: Category[]
  styles: (StyleFace & { variants: VariantOfStyle[] })[]
  removed: string[]
}

/** A row of a variant without the place of its style. */
type VariantOfStyle = VariantRow extends [infer Id, number, ...infer Rest] ? [Id, ...Rest] : never

/** Pack a snapshot. Styles without variants are left out; rows that name an unknown style or colour rise. */
export function packCatalogue(snapshot: CatalogueSnapshot): Pack {
  const rowsOf: VariantRow[][] = snapshot.styles.map(() => [])
  for (const row of snapshot.variants) {
    const rows = rowsOf[row[1]]
    if (rows === undefined || snapshot.colours[row[2]] === undefined) throw new Error(`variant ${row[5]} names no style or colour`)
    rows.push(row)
  }
  const places = snapshot.styles.map((_, place) => place).filter((place) => (rowsOf[place]?.length ?? 0) > 0)
  const rows = places.flatMap((place) => rowsOf[place] ?? [])
  const sizeIds = new Map<string, number>()
  const firsts = new Uint32Array(places.length + 1)
  places.forEach((place, at) => { firsts[at + 1] = (firsts[at] ?? 0) + (rowsOf[place]?.length ?? 0) })
  const number = (value: number | null): number => value ?? Number.NaN
  const columns: Columns = {
    firsts,
    colours: Uint16Array.from(rows, (row) => row[2]),
    sizes: Uint16Array.from(rows, (row) => idOf(sizeIds, row[3])),
    sizePositions: Uint16Array.from(rows, (row) => row[4]),
    prices: Float64Array.from(rows, (row) => number(row[6])),
    vats: Float64Array.from(rows, (row) => number(row[7])),
    nextsAt: Float64Array.from(rows, (row) => (row[8] === null ? Number.NaN : Date.parse(row[8]))),
    nexts: Float64Array.from(rows, (row) => number(row[9])),
    ids: packStrings(rows.map((row) => row[0])),
    skus: packStrings(rows.map((row) => row[5])),
    ...barcodesOf(rows),
  }
  const faces: Faces = {
    colours: snapshot.colours,
    categories: snapshot.categories,
    styles: places.flatMap((place) => snapshot.styles[place] ?? []),
    sizes: [...sizeIds.keys()],
  }
  return {
    edition: snapshot.edition ?? '',
    version: snapshot.catalogue_version,
    priceVersion: snapshot.price_version,
    faces: JSON.stringify(faces),
    columns,
  }
}

/** The pack after some changes. A style that is new stands where its id puts it: the newest first, as the server sorts. */
export function applyChanges(pack: Pack, changes: CatalogueChanges): Pack {
  const faces = JSON.parse(pack.faces) as Faces
  if (changes.edition === pack.edition) return pack
  const gone = new Set([...changes.removed, ...changes.styles.map(({ id }) => id)])
  const places = new Map(changes.colours.map(({ code }, place) => [code, place]))
  const kept = faces.styles.flatMap((style, place) => (gone.has(style.id) ? [] : [{ style, rows: rowsOf(pack, faces, place, places) }]))
  const fresh = changes.styles.map(({ variants, ...style }) => ({
    style, rows: variants.map(([id, ...rest]): VariantRow => [id, 0, ...rest]),
  }))
  const all = [...kept, ...fresh].sort((a, b) => (a.style.id < b.style.id ? 1 : -1))
  return packCatalogue({
    edition: changes.edition,
    catalogue_version: changes.catalogue_version,
    price_version: changes.price_version,
    server_time: '',
    colours: changes.colours,
    categories: changes.categories,
    styles: all.map(({ style }) => style),
    variants: all.flatMap(({ rows }, place) => rows.map((row): VariantRow => { row[1] = place; return row })),
  })
}

/** The rows of a style as the server would send them, its colours at their new places. */
function rowsOf({ columns }: Pack, faces: Faces, style: number, places: ReadonlyMap<string, number>): VariantRow[] {
  const rows: VariantRow[] = []
  const number = (value = Number.NaN): number | null => (Number.isNaN(value) ? null : value)
  for (let at = columns.firsts[style] ?? 0; at < (columns.firsts[style + 1] ?? 0); at += 1) {
    const colour = faces.colours[columns.colours[at] ?? 0]?.code ?? ''
    const nextAt = number(columns.nextsAt[at])
    rows.push([
      stringAt(columns.ids, at), style, places.get(colour) ?? -1, faces.sizes[columns.sizes[at] ?? 0] ?? '',
      columns.sizePositions[at] ?? 0, stringAt(columns.skus, at), number(columns.prices[at]), number(columns.vats[at]),
      nextAt === null ? null : new Date(nextAt).toISOString(), number(columns.nexts[at]), barcodesAt(columns, at),
    ])
  }
  return rows
}

/** The barcodes of a variant. */
export function barcodesAt({ barcodeEnds, barcodes }: Columns, variant: number): string[] {
  const found: string[] = []
  for (let at = variant === 0 ? 0 : (barcodeEnds[variant - 1] ?? 0); at < (barcodeEnds[variant] ?? 0); at += 1) {
    found.push(stringAt(barcodes, at))
  }
  return found
}

function barcodesOf(rows: readonly VariantRow[]): Pick<Columns, 'barcodes' | 'barcodeEnds' | 'barcodeOf'> {
  const barcodeEnds = new Uint32Array(rows.length)
  const owners: number[] = []
  rows.forEach((row, variant) => {
    for (let count = row[10].length; count > 0; count -= 1) owners.push(variant)
    barcodeEnds[variant] = owners.length
  })
  return { barcodes: packStrings(rows.flatMap((row) => row[10])), barcodeEnds, barcodeOf: Uint32Array.from(owners) }
}

function idOf(ids: Map<string, number>, text: string): number {
  const known = ids.get(text) ?? ids.size
  ids.set(text, known)
  return known
}
