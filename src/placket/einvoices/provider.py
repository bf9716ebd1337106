"""The port to whoever brings documents to the tax authority, and a simulator of one for the demo, development and tests.

A provider knows a document by our id and takes it once: told again it answers what it answered before. It answers that the
authority has accepted or rejected it; silence is an exception and says nothing.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol
from uuid import UUID

from placket.core.settings import settings

REJECTED_TAX_CODE: Final = "0100000000"
SILENT_NAME: Final = "IM LẶNG"


class ProviderSilent(Exception):
    """Nobody answered in time: whether it was taken is not known."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A document on its way: our id, its text, and what a simulator decides by."""

    id: UUID
    xml: str
    code: str | None
    serial: str
    number: int
    buyer_tax_code: str | None
    buyer_name: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the authority says; ``code`` where it gives one itself."""

    outcome: Literal["accepted", "rejected"]
    code: str | None = None
    reason: str | None = None


class Provider(Protocol):
    """Whoever brings documents there."""

    def deliver(self, parcel: Parcel) -> Verdict:
        """Hand a document over. Raises ``ProviderSilent``."""
        ...


class Simulator:
    """Plays a provider in a folder: keeps what it takes, accepts it, and rejects or is silent where the buyer says so.

    A buyer whose name holds ``IM LẶNG`` has it take the document and not answer, twice; a buyer with the tax code
    0100000000 is unknown to its authority.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, parcel: Parcel) -> Verdict:
        """See ``Provider``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = self._folder / f"{parcel.id}.json"
        asked = json.loads(kept.read_text(encoding="utf-8"))["asked"] + 1 if kept.exists() else 1
        kept.write_text(json.dumps({"asked": asked, "xml": parcel.xml}, ensure_ascii=False), encoding="utf-8")
        if SILENT_NAME in parcel.buyer_name and asked <= len("xx"):
            raise ProviderSilent
        if parcel.buyer_tax_code == REJECTED_TAX_CODE:
            return Verdict("rejected", reason="MST người mua không tồn tại")
        return Verdict("accepted", code=None if parcel.code else f"{parcel.number:08d}{parcel.id.hex[:26].upper()}")


def provider_of(*, in_demo: bool) -> Provider | None:
    """Who brings documents to the authority: the simulator in a demo and in development, nobody for a real company yet."""
    own = settings()
    return Simulator(own.var / "einvoices") if in_demo or not own.https else None
