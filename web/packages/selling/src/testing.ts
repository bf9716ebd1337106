/** A small catalogue for tests: as many styles as asked for, in some colours and sizes. */
import { readCatalogue, type Catalogue, type CatalogueSnapshot } from './catalogue.ts'

const NAMES = ['Đầm lụa tơ tằm cổ đổ', 'Áo sơ mi linen tay bồng', 'Chân váy xếp ly', 'Quần tây ống suông', 'Khăn lụa in họa tiết']
const COLOURS: [string, string, string][] = [
  ['KEM', 'Kem', 'Cream'], ['TRANG', 'Trắng', 'White'], ['DEN', 'Đen', 'Black'], ['XANHDAM', 'Xanh đậm', 'Navy'],
  ['DO', 'Đỏ', 'Red'],
]
const SIZES = ['S', 'M', 'L', 'XL']

export function snapshotOf(styles: number): CatalogueSnapshot {
  const variants: CatalogueSnapshot['variants'] = []
  for (let style = 0; style < styles; style += 1) {
    for (let colour = 0; colour < COLOURS.length; colour += 1) {
      SIZES.forEach((size, position) => {
        const sku = `DM${String(style).padStart(4, '0')}-${COLOURS[colour]?.[0] ?? ''}-${size}`
        const barcode = String(2_000_000_000_000 + variants.length)
        variants.push([`v${String(variants.length)}`, style, colour, size, position, sku, 690_000, 800, null, null, [barcode]])
      })
    }
  }
  return {
    catalogue_version: 1,
    price_version: 7,
    server_time: '2026-11-23T07:32:00Z',
    colours: COLOURS.map(([code, name_vi, name_en]) => ({ code, name_vi, name_en, hex: '#000000' })),
    categories: [],
    styles: Array.from({ length: styles }, (_, index) => ({
      id: `s${String(index)}`,
      code: `DM${String(index).padStart(4, '0')}`,
      name_vi: NAMES[index % NAMES.length] ?? '',
      name_en: 'Silk thing',
      category_id: 'c',
      season: null,
      pictures: [],
    })),
    variants,
  }
}

export function catalogueOf(styles: number): Catalogue {
  return readCatalogue(snapshotOf(styles))
}
