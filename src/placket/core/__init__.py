"""What every context stands on: money, ids, time, refusals, database, HTTP, settings. Knows nothing of shops."""
