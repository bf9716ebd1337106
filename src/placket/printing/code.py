"""The code by which tills of a counter know their bridge, made at its first start."""

import json
import secrets
from pathlib import Path
from typing import Final

DIGITS: Final = 12


def code_in(home: Path) -> str:
    """The code kept in a folder."""
    path = home / "bridge.json"
    if path.exists():
        return str(json.loads(path.read_text(encoding="utf-8"))["token"])
    home.mkdir(parents=True, exist_ok=True)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"token": code}), encoding="utf-8")
    return code


def grouped(code: str) -> str:
    """Digits in fours, as people read them out."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))
