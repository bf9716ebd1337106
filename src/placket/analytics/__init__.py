"""The chain in figures: the dashboard and the reports, straight from the sales. Definitions: docs/rules/metrics.md."""
