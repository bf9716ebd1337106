"""Verbs of stock outside the sale's path. See docs/rules/stock.md and docs/rules/offline.md."""
