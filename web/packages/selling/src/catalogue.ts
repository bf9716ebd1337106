/**
 * The whole catalogue on the device, found by id, barcode and SKU. Never paged. It stands in columns (`pack.ts`); a style's
 * variants become objects when somebody looks at them.
 */
import { barcodesAt, packCatalogue, type Columns, type Faces, type Pack } from './pack.ts'
import { placeOf, stringAt } from './strings.ts'

export interface Colour {
  code: string
  name_vi: string
  name_en: string
  hex: string
}

export interface Category {
  id: string
  parent_id: string | null
  slug: string
  name_vi: string
  name_en: string
  position: number
}

export interface StyleFace {
  id: string
  code: string
  name_vi: string
  name_en: string
  category_id: string
  season: string | null
  /** A catalogue kept before there were tags has none. */
  tags?: string[]
  pictures: [colour: string | null, sha256: string][]
}

/** id, style, colour, size, size position, sku, price, VAT rate, next price's moment, next price, barcodes. */
export type VariantRow = [
  string, number, number, string, number, string, number | null, number | null, string | null, number | null, string[],
]

export interface CatalogueSnapshot {
  edition?: string
  catalogue_version: number
  price_version: number
  server_time: string
  colours: Colour[]
  categories: Category[]
  styles: StyleFace[]
  variants: VariantRow[]
}

export interface Style extends StyleFace {
  index: number
  readonly variants: readonly Variant[]
}

export interface Variant {
  id: string
  style: Style
  colour: Colour
  colourIndex: number
  size: string
  sizePosition: number
  sku: string
  priceVnd: number | null
  vatBp: number | null
  nextAtMs: number | null
  nextVnd: number | null
  barcodes: string[]
}

/** A way from a name to a thing. */
export interface Lookup<T> {
  get(name: string): T | undefined
}

export interface Catalogue {
  edition: string
  version: number
  priceVersion: number
  /** How many variants there are. */
  size: number
  colours: readonly Colour[]
  categories: readonly Category[]
  styles: readonly Style[]
  byId: Lookup<Variant>
  byBarcode: Lookup<Variant>
  bySku: Lookup<Variant>
  styleById: Lookup<Style>
  /** What search reads: places of styles and of variants instead of objects. */
  columns: Columns
  /** The id of the variant at a place. */
  idAt(place: number): string
  sizes: readonly string[]
}

/** A snapshot as a catalogue. */
export function readCatalogue(snapshot: CatalogueSnapshot): Catalogue {
  return openCatalogue(packCatalogue(snapshot))
}

/** A pack as a catalogue: nothing is built but its styles. */
export function openCatalogue({ edition, version, priceVersion, faces: text, columns }: Pack): Catalogue {
  const faces = JSON.parse(text) as Faces
  const { firsts, ids, skus, barcodes, barcodeOf } = columns
  const known: (string | undefined)[] = []
  const idAt = (place: number): string => (known[place] ??= stringAt(ids, place))
  const styles = faces.styles.map((face, index): Style => {
    let variants: Variant[] | undefined
    return {
      ...face,
      index,
      get variants(): Variant[] {
        return (variants ??= variantsOf(this, faces, columns, idAt))
      },
    }
  })
  const variantAt = (place: number): Variant | undefined => {
    if (place < 0) return undefined
    const style = lastNotAfter(firsts, place)
    return styles[style]?.variants[place - (firsts[style] ?? 0)]
  }
  return {
    edition,
    version,
    priceVersion,
    size: firsts[styles.length] ?? 0,
    colours: faces.colours,
    categories: faces.categories,
    styles,
    byId: { get: (id) => variantAt(placeOf(ids, id)) },
    bySku: { get: (sku) => variantAt(placeOf(skus, sku)) },
    byBarcode: { get: (code) => variantAt(barcodeOf[placeOf(barcodes, code)] ?? -1) },
    styleById: new Map(styles.map((style) => [style.id, style])),
    columns,
    idAt,
    sizes: faces.sizes,
  }
}

function variantsOf(style: Style, faces: Faces, columns: Columns, idAt: Catalogue['idAt']): Variant[] {
  const variants: Variant[] = []
  const number = (value = Number.NaN): number | null => (Number.isNaN(value) ? null : value)
  for (let place = columns.firsts[style.index] ?? 0; place < (columns.firsts[style.index + 1] ?? 0); place += 1) {
    const colourIndex = columns.colours[place] ?? 0
    const colour = faces.colours[colourIndex]
    if (colour === undefined) throw new Error(`a variant of ${style.code} has no colour`)
    variants.push({
      id: idAt(place),
      style,
      colour,
      colourIndex,
      size: faces.sizes[columns.sizes[place] ?? 0] ?? '',
      sizePosition: columns.sizePositions[place] ?? 0,
      sku: stringAt(columns.skus, place),
      priceVnd: number(columns.prices[place]),
      vatBp: number(columns.vats[place]),
      nextAtMs: number(columns.nextsAt[place]),
      nextVnd: number(columns.nexts[place]),
      barcodes: barcodesAt(columns, place),
    })
  }
  return variants
}

/** The earliest moment after this one at which some price changes by itself, or none. */
export function nextPriceAfter({ columns: { nextsAt } }: Catalogue, atMs: number): number | null {
  let earliest = Infinity
  for (const nextAt of nextsAt) if (nextAt > atMs && nextAt < earliest) earliest = nextAt
  return earliest === Infinity ? null : earliest
}

/** The last style that begins at or before a variant's place. */
function lastNotAfter(firsts: Uint32Array, place: number): number {
  let [low, high] = [0, firsts.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((firsts[middle] ?? 0) <= place) low = middle
    else high = middle
  }
  return low
}

/** The picture of a style, of that colour if there is one: a path, or none. */
export function pictureOf(style: Style, colourCode: string | null): string | null {
  const chosen =
    style.pictures.find(([colour]) => colour === colourCode) ??
    style.pictures.find(([colour]) => colour === null) ??
    style.pictures[0]
  return chosen === undefined ? null : `/media/${chosen[1]}`
}

/** The lowest price of some variants at a moment, and whether they differ in price. */
export function priceRange({ columns }: Catalogue, places: readonly number[], atMs: number): { fromVnd: number; differs: boolean } | null {
  const { prices, nextsAt, nexts } = columns
  let [fromVnd, toVnd] = [Infinity, -Infinity]
  for (const place of places) {
    const priceVnd = atMs >= (nextsAt[place] ?? Number.NaN) ? nexts[place] : prices[place]
    if (priceVnd === undefined || Number.isNaN(priceVnd)) continue
    fromVnd = Math.min(fromVnd, priceVnd)
    toVnd = Math.max(toVnd, priceVnd)
  }
  return fromVnd === Infinity ? null : { fromVnd, differs: fromVnd < toVnd }
}

/** A variant's price at a moment by the server's clock: the snapshot's price until the next one begins, half-open. */
export function priceAt(
  variant: Pick<Variant, 'priceVnd' | 'nextAtMs' | 'nextVnd'>, atMs: number,
): number | null {
  return variant.nextAtMs !== null && atMs >= variant.nextAtMs ? variant.nextVnd : variant.priceVnd
}
