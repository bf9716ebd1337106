"""What a person has to see to has words in both languages: its kind, and what to do about it."""

import ast
import re
from collections.abc import Iterator

from placket.core.settings import ROOT

WRITTEN_BY_SQL = re.compile(
    r"INSERT INTO exception_log \([^)]*\)\s*(?:SELECT|VALUES \()\s*gen_random_uuid\(\),\s*'(\w+)'", re.DOTALL
)
BY_NAME = {"note_exception", "_note"}
SOURCE = ROOT / "src" / "placket"


def kinds() -> Iterator[str]:
    """Every kind of exception that the program writes by name."""
    for path in [*SOURCE.rglob("*.sql"), *SOURCE.rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        if "exception" not in text:
            continue
        yield from WRITTEN_BY_SQL.findall(text)
        for call in ast.walk(ast.parse(text)) if path.suffix == ".py" else ():
            if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in BY_NAME:
                named = (word.value for word in call.keywords if word.arg == "kind")
                yield from (str(kind.value) for kind in named if isinstance(kind, ast.Constant))


def test_every_exception_has_its_name_and_its_advice_in_both_languages() -> None:
    words = (ROOT / "web/apps/office/src/i18n/matters.ts").read_text(encoding="utf-8")
    families = re.findall(r"\n    (?:kinds|todo): \{(.*?)\n    \}", words, re.DOTALL)
    assert len(families) == 4, "two families in two languages"
    found = set(kinds()) - {"quarantine"}  # is shown as the entry that waits
    assert {"unheld", "short", "price_diff", "return_short"} <= found
    assert [kind for kind in sorted(found) if any(f" {kind}: " not in family for family in families)] == []
