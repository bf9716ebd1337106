"""The banks that take VietQR, by their number at NAPAS (``banks.json``)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

BANKS: Final[Mapping[str, str]] = {
    bank["bin"]: bank["name"] for bank in json.loads(Path(__file__).with_name("banks.json").read_text(encoding="utf-8"))
}
"""Number → short name."""
