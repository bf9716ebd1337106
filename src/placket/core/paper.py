"""A page description filled with facts, as a PDF with our own letters in it; made by a process that ends with it.

The typesetter keeps what it has set for the next time, hundreds of megabytes after some reports: so each document gets a
process of its own, which is up in a hundredth of a second, and the API stays as small as it is.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import typst

FONTS: Final = Path(__file__).with_name("fonts")
WAITS_S: Final = 30


class Wanted(msgspec.Struct):
    """What is to be set: the page's description, and what fills it."""

    page: str
    facts: dict[str, Any]


def pdf(page: Path, facts: Mapping[str, Any]) -> bytes:
    """A document; its facts are shown as they are, none of them is ever read as a description."""
    wanted = msgspec.json.encode(Wanted(page.read_text(encoding="utf-8"), dict(facts)))
    done = subprocess.run(
        [sys.executable, "-m", "placket.core.paper"], input=wanted, capture_output=True, timeout=WAITS_S, check=False
    )
    if done.returncode:
        raise RuntimeError(f"no document was made: {done.stderr.decode(errors='replace')[-2_000:]}")
    return done.stdout


def main() -> None:
    """Read what is wanted, write the document."""
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Wanted)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    facts = msgspec.json.encode(wanted.facts).decode()
    made = typst.Compiler(wanted.page.encode(), font_paths=fonts, sys_inputs={"facts": facts}).compile(format="pdf")
    assert isinstance(made, bytes), "one document was asked for"
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
