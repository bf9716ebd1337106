"""What is sold: styles, variants, barcodes, VAT, prices, pictures, search."""
