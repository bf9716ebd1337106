"""The house behind the shop window: name, story, size guides and terms, remembered for half a minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from placket import identity
from placket.core.clock import business_day
from placket.core.db import Database
from placket.shop import queries
from placket.shop.models import ShopStory

REMEMBERED: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Story:
    """What the house tells of itself, in one language."""

    title: str
    lead: str
    band_title: str
    band_text: str
    parts: Sequence[tuple[str, str]]
    picture: str | None


@dataclass(frozen=True, slots=True)
class House:
    """Everything pages say that is not about goods."""

    name: str
    tax_code: str | None
    address: str | None
    phone: str | None
    stories: Mapping[str, Story]
    guides: Mapping[str, Mapping[str, Mapping[str, int]]]
    return_days: int


class Houses:
    """The house of this process."""

    def __init__(self) -> None:
        self._house: House | None = None
        self._of: tuple[str, datetime] | None = None
        self._reading = Lock()

    def at(self, database: Database, now: datetime) -> House:
        """The house as it was at most half a minute ago."""
        with self._reading:
            fresh = self._of is not None and self._of[0] == database.url and now < self._of[1]
            if self._house is None or not fresh:
                self._house, self._of = _read(database, now), (database.url, now + REMEMBERED)
            return self._house


houses = Houses()


def _read(database: Database, now: datetime) -> House:
    with database.transaction() as tx:
        company = identity.company(tx)
        told = queries.story(tx)
        return House(
            name="Placket" if company is None else company.name,
            tax_code=None if company is None else company.tax_code,
            address=None if company is None else company.address,
            phone=None if company is None else company.phone,
            stories={} if told is None else {"vi": _told(told, "vi"), "en": _told(told, "en")},
            guides=queries.size_guides(tx),
            return_days=queries.return_days(tx, business_day(now)),
        )


def _told(row: ShopStory, language: str) -> Story:
    def of(field: str) -> str:
        return str(getattr(row, f"{field}_{language}"))

    parts = getattr(row, f"parts_{language}")
    return Story(
        of("title"), of("lead"), of("band_title"), of("band_text"), [(str(t), str(p)) for t, p in parts], row.sha256
    )
