"""What is sold: styles, variants, barcodes, VAT, prices, pictures, search."""

from placket.catalog.prices import NoPrice, PriceBook, PriceBooks, UnknownVariant, load_price_book, price_books

__all__ = ["NoPrice", "PriceBook", "PriceBooks", "UnknownVariant", "load_price_book", "price_books"]
