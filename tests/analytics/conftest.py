"""Fixtures of other folders that tests of figures use too."""

from demo.conftest import small_url, told_url, years_url
from messages.conftest import inbox

__all__ = ["inbox", "small_url", "told_url", "years_url"]
