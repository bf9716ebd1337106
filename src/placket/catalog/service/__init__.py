"""Verbs of the catalogue, a file for each kind of thing."""
