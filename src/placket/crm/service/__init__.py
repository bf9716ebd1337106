"""The verbs of customers, points and credit."""
