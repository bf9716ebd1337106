"""Placket: point of sale, stock, customers and shop of a fashion chain on one data layer."""
