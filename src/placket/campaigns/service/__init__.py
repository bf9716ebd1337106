"""Verbs of campaigns: written and sent by people, carried out by the worker, ended by whoever wants no more."""
