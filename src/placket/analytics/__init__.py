"""The chain in figures: the dashboard and the reports, from sales and kept sums of days; see docs/rules/metrics.md."""

from placket.analytics.summing import sum_days

__all__ = ["sum_days"]
