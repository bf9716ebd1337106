"""Verbs of promotions, each whole inside the caller's transaction."""
