"""What is sold: styles, variants, barcodes, VAT, prices, pictures, search."""

from placket.catalog.prices import NoPrice, PriceBook, PriceBooks, StyleFacts, UnknownVariant, load_price_book, price_books
from placket.catalog.rules import STYLE_CODE, barcode_of, check_digit, own_barcode, search_text, sku_of
from placket.catalog.search import find_variants, styles_matching, variant_of_code
from placket.catalog.service.barcodes import BadBarcode, BarcodeTaken, add_barcode, take_own_barcodes
from placket.catalog.service.goods_faults import FAULTS_MAX, Fault
from placket.catalog.service.goods_in import Changes, GoodsRow, plan_goods, write_goods
from placket.catalog.service.pictures import BadPicture, add_picture
from placket.catalog.service.prices import create_price_list, set_prices
from placket.catalog.service.references import (
    create_category,
    create_colour,
    create_season,
    create_size_scale,
    create_vat_class,
    set_vat_rate,
)
from placket.catalog.service.styles import BadStyleCode, TooManyVariants, add_variants, create_style, update_style
from placket.catalog.service.versions import (
    CatalogueBusy,
    CodeTaken,
    StaleVersion,
    UnknownReference,
    Versions,
    raise_versions,
)

__all__ = [
    "FAULTS_MAX",
    "STYLE_CODE",
    "BadBarcode",
    "BadPicture",
    "BadStyleCode",
    "BarcodeTaken",
    "CatalogueBusy",
    "Changes",
    "CodeTaken",
    "Fault",
    "GoodsRow",
    "NoPrice",
    "PriceBook",
    "PriceBooks",
    "StaleVersion",
    "StyleFacts",
    "TooManyVariants",
    "UnknownReference",
    "UnknownVariant",
    "Versions",
    "add_barcode",
    "add_picture",
    "add_variants",
    "barcode_of",
    "check_digit",
    "create_category",
    "create_colour",
    "create_price_list",
    "create_season",
    "create_size_scale",
    "create_style",
    "create_vat_class",
    "find_variants",
    "load_price_book",
    "own_barcode",
    "plan_goods",
    "price_books",
    "raise_versions",
    "search_text",
    "set_prices",
    "set_vat_rate",
    "sku_of",
    "styles_matching",
    "take_own_barcodes",
    "update_style",
    "variant_of_code",
    "write_goods",
]
