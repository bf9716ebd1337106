"""Money received and given back: tenders and their providers."""
