"""Customers: who buys here."""
