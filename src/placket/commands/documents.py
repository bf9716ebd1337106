"""Commands that print what the code says about itself: the table of roles, the API's contract."""

import json
from pathlib import Path

from placket.app import openapi_document
from placket.core.settings import ROOT
from placket.core.trouble import Trouble
from placket.identity import roles as table

CONTRACT = ROOT / "contracts" / "openapi.json"


def roles() -> None:
    """Print docs/roles.md."""
    print(table.as_markdown(), end="")


def openapi(*, check: bool) -> None:
    """Write contracts/openapi.json, or check that it is today's."""
    text = json.dumps(openapi_document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if not check:
        _write(CONTRACT, text)
    elif not CONTRACT.exists() or CONTRACT.read_text(encoding="utf-8") != text:
        raise Trouble("contracts/openapi.json is not today's; run make types and commit what changed.")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
