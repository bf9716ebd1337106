"""Files in: the catalogue from CSV and XLSX, whole or not at all."""
