"""The chain in figures: the dashboard and the reports, from sales and kept sums of days; see docs/rules/metrics.md."""

from placket.analytics.pack_sending import send_packs
from placket.analytics.summing import sum_days

__all__ = ["send_packs", "sum_days"]
