"""Files in: the catalogue from CSV and XLSX, whole or not at all."""

from placket.imports.retention import prune

__all__ = ["prune"]
