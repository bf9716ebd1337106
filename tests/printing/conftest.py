"""Fixtures of the counter."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from placket.printing.virtual import VirtualPrinter
from printing.counter import Counter, a_counter


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """A counter whose printer is ready."""
    with closing(VirtualPrinter()) as printer:
        counter = a_counter(tmp_path, printer)
        yield counter
        counter.close()
        assert printer.trouble == []
