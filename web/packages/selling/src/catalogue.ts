/** The whole catalogue on the device: what the snapshot says, joined and indexed by id, barcode and SKU. Never paged. */

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
  pictures: [colour: string | null, sha256: string][]
}

/** id, style, colour, size, size position, sku, price, VAT rate, next price's moment, next price, barcodes. */
export type VariantRow = [
  string, number, number, string, number, string, number | null, number | null, string | null, number | null, string[],
]

export interface CatalogueSnapshot {
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
  variants: Variant[]
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

export interface Catalogue {
  version: number
  priceVersion: number
  colours: readonly Colour[]
  categories: readonly Category[]
  styles: readonly Style[]
  variants: readonly Variant[]
  byId: ReadonlyMap<string, Variant>
  byBarcode: ReadonlyMap<string, Variant>
  bySku: ReadonlyMap<string, Variant>
  styleById: ReadonlyMap<string, Style>
  /** The earliest moment at which some price changes by itself, or none. */
  nextPriceAtMs: number | null
}

/** Join a snapshot into a catalogue; rows that name an unknown style or colour are a defect of the server and rise. */
export function readCatalogue(snapshot: CatalogueSnapshot): Catalogue {
  const styles: Style[] = snapshot.styles.map((face, index) => ({ ...face, index, variants: [] }))
  const variants: Variant[] = []
  const byId = new Map<string, Variant>()
  const byBarcode = new Map<string, Variant>()
  const bySku = new Map<string, Variant>()
  let nextPriceAtMs: number | null = null
  for (const row of snapshot.variants) {
    const [id, styleIndex, colourIndex, size, sizePosition, sku, priceVnd, vatBp, nextAt, nextVnd, barcodes] = row
    const [style, colour] = [styles[styleIndex], snapshot.colours[colourIndex]]
    if (style === undefined || colour === undefined) throw new Error(`variant ${sku} names no style or colour`)
    const nextAtMs = nextAt === null ? null : Date.parse(nextAt)
    const variant: Variant = {
      id, style, colour, colourIndex, size, sizePosition, sku, priceVnd, vatBp, nextAtMs, nextVnd, barcodes,
    }
    variants.push(variant)
    style.variants.push(variant)
    byId.set(id, variant)
    bySku.set(sku.toUpperCase(), variant)
    for (const barcode of barcodes) byBarcode.set(barcode, variant)
    if (nextAtMs !== null && (nextPriceAtMs === null || nextAtMs < nextPriceAtMs)) nextPriceAtMs = nextAtMs
  }
  return {
    version: snapshot.catalogue_version,
    priceVersion: snapshot.price_version,
    colours: snapshot.colours,
    categories: snapshot.categories,
    styles: styles.filter((style) => style.variants.length > 0),
    variants,
    byId,
    byBarcode,
    bySku,
    styleById: new Map(styles.map((style) => [style.id, style])),
    nextPriceAtMs,
  }
}

/** The picture of a style, of that colour if there is one: a path, or none. */
export function pictureOf(style: Style, colourCode: string | null): string | null {
  const chosen =
    style.pictures.find(([colour]) => colour === colourCode) ??
    style.pictures.find(([colour]) => colour === null) ??
    style.pictures[0]
  return chosen === undefined ? null : `/media/${chosen[1]}`
}

/** The lowest price of a style at a moment, and whether its variants differ in price. */
export function priceRange(style: Style, atMs: number): { fromVnd: number; differs: boolean } | null {
  const prices = style.variants.map((variant) => priceAt(variant, atMs)).filter((price) => price !== null)
  const [first] = prices
  if (first === undefined) return null
  const fromVnd = Math.min(...prices)
  return { fromVnd, differs: prices.some((price) => price !== first) }
}

/** A variant's price at a moment by the server's clock: the snapshot's price until the next one begins, half-open. */
export function priceAt(
  variant: Pick<Variant, 'priceVnd' | 'nextAtMs' | 'nextVnd'>, atMs: number,
): number | null {
  return variant.nextAtMs !== null && atMs >= variant.nextAtMs ? variant.nextVnd : variant.priceVnd
}
