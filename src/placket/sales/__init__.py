"""The orchestrator: quote, sell, void; one model for store and web."""
