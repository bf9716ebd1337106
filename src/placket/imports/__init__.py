"""Files in: the catalogue from CSV and XLSX, whole or not at all."""

from placket.imports.retention import prune
from placket.imports.service import give_up

__all__ = ["give_up", "prune"]
