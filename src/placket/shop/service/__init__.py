"""Verbs of the shop, each whole inside the caller's transaction."""
