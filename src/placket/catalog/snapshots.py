"""The catalogue as a till holds it: one compressed document per price situation, made once and handed to every till.

A till takes it whole, or in parts that it can go on with after a cut, or only what has changed since the edition it has.

Branches without lists of their own are in one situation, so a chain usually keeps one document. It is thrown away when
the price book is replaced, and when a list starts or ends.
"""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from operator import itemgetter
from threading import Lock
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from placket.catalog import queries
from placket.catalog.deltas import Editions
from placket.catalog.models import CatalogueState
from placket.catalog.prices import PriceBook, price_books
from placket.core.db import Database
from placket.core.refusals import NotFound, Refusal

CHANNEL = "store"
KEPT_MAX = 16
COMPRESSION = 5  # a third of the time of the default for 3 % more bytes
PART: Final = 5_000
"""How many variants travel at a time."""


class EditionGone(Refusal):
    """The catalogue has changed while the till was fetching it part by part: it begins again."""

    code = "edition_gone"
    vi = "Danh mục vừa đổi trong lúc tải. Máy đang tải lại."
    en = "The catalogue has changed meanwhile. Fetching it anew."


@dataclass(frozen=True, slots=True)
class Document:
    """A snapshot ready to send, whole and in parts, and the moment from which it is no longer true."""

    edition: str
    compressed: bytes
    parts: Sequence[bytes]
    holds_until: datetime | None

    @property
    def etag(self) -> str:
        """The edition as HTTP writes it."""
        return f'W/"{self.edition}"'

    def is_true(self, at: datetime) -> bool:
        """Whether its prices are those in force."""
        return self.holds_until is None or at < self.holds_until


class Snapshots:
    """The documents of this process."""

    def __init__(self) -> None:
        self._book: PriceBook | None = None
        self._documents: dict[tuple[int, ...], Document] = {}
        self._editions = Editions()
        self._changes: dict[tuple[str, str], bytes] = {}
        self._making = Lock()

    def of_location(self, database: Database, *, location_id: UUID, now: datetime) -> Document:
        """The document of a location, never older than the tables. Blocks on the database.

        One is made at a time: a hundred tills that ask at once wait for the first one's.
        """
        with self._making:
            return self._of_location(database, location_id, now)

    def part(self, database: Database, *, location_id: UUID, edition: str | None, part: int, now: datetime) -> bytes:
        """A part of the document, compressed: 0 is all but the variants. Refuses ``EditionGone`` and ``NotFound``."""
        document = self.of_location(database, location_id=location_id, now=now)
        if edition not in (None, document.edition):
            raise EditionGone(edition=document.edition)
        if part >= len(document.parts):
            raise NotFound
        return document.parts[part]

    def changes(self, database: Database, *, location_id: UUID, since: str, now: datetime) -> tuple[str, bytes]:
        """The tag of the document of a location, and what has changed since an edition, compressed."""
        with self._making:
            document = self._of_location(database, location_id, now)
            asked = (since, document.edition)
            if asked not in self._changes:
                content = msgspec.json.decode(gzip.decompress(document.compressed))
                found = {**self._editions.changes(since, document.edition, content), "server_time": now}
                if len(self._changes) >= KEPT_MAX:
                    self._changes.clear()
                self._changes[asked] = gzip.compress(msgspec.json.encode(found), COMPRESSION, mtime=0)
            return document.etag, self._changes[asked]

    def _of_location(self, database: Database, location_id: UUID, now: datetime) -> Document:
        book = price_books.refresh(database)
        if book is not self._book:
            self._book, self._documents = book, {}
        situation = book.situation(channel=CHANNEL, location_id=location_id)
        kept = self._documents.get(situation)
        if kept is not None and kept.is_true(now):
            return kept
        book, content = _read(database, location_id=location_id, now=now)
        if book is not self._book or len(self._documents) >= KEPT_MAX:
            self._book, self._documents = book, {}
        made = _document(content, book.holds_until(channel=CHANNEL, location_id=location_id, at=now), now)
        self._editions.remember(made.edition, content)
        self._documents[book.situation(channel=CHANNEL, location_id=location_id)] = made
        return made


snapshots = Snapshots()


def _read(database: Database, *, location_id: UUID, now: datetime) -> tuple[PriceBook, dict[str, Any]]:
    while True:
        book = price_books.refresh(database)
        with database.snapshot() as tx:
            versions = tx.execute(select(CatalogueState.catalogue_version, CatalogueState.price_version)).one()
            if (book.catalogue_version, book.price_version) != tuple(versions):
                continue  # changed between the two readings: goods and prices must be of one moment
            return book, _goods(tx, book, location_id=location_id, now=now)


def _document(content: dict[str, Any], holds_until: datetime | None, now: datetime) -> Document:
    # The time is no part of what the tag stands for: equal goods at equal prices are an equal document.
    edition = sha256(msgspec.json.encode(content)).hexdigest()[:24]
    variants = content["variants"]
    parts = [variants[first : first + PART] for first in range(0, len(variants), PART)]
    faces = {field: value for field, value in content.items() if field != "variants"}
    faces |= {"edition": edition, "server_time": now, "parts": len(parts), "variants_total": len(variants)}
    return Document(
        edition,
        _compressed({**content, "server_time": now}),
        [_compressed(faces), *(_compressed({"edition": edition, "variants": part}) for part in parts)],
        holds_until,
    )


def _compressed(content: object) -> bytes:
    return gzip.compress(msgspec.json.encode(content), COMPRESSION, mtime=0)


def _goods(tx: Session, book: PriceBook, *, location_id: UUID, now: datetime) -> dict[str, Any]:
    colours = queries.colours(tx)
    styles = queries.till_styles(tx)
    return {
        "catalogue_version": book.catalogue_version,
        "price_version": book.price_version,
        "colours": _rows(colours, ("code", "name_vi", "name_en", "hex")),
        "categories": _rows(queries.categories(tx), ("id", "parent_id", "slug", "name_vi", "name_en", "position")),
        "styles": _rows(styles, ("id", "code", "name_vi", "name_en", "category_id", "season", "tags", "pictures")),
        "variants": _variants(
            tx,
            book,
            style_at={style.id: place for place, style in enumerate(styles)},
            colour_at={colour.id: place for place, colour in enumerate(colours)},
            location_id=location_id,
            now=now,
        ),
    }


def _variants(
    tx: Session,
    book: PriceBook,
    *,
    style_at: Mapping[UUID, int],
    colour_at: Mapping[UUID, int],
    location_id: UUID,
    now: datetime,
) -> list[tuple[Any, ...]]:
    """The rows of what is sold, by style, colour and size."""
    size_of = {size.id: (size.code, size.position) for size in queries.sizes(tx)}
    barcodes = queries.all_barcodes(tx)
    sold = [row for row in queries.till_variants(tx) if row[1] in style_at]
    tags = book.tags((row[0] for row in sold), channel=CHANNEL, location_id=location_id, at=now)
    rows = [
        (variant, style_at[style], colour_at[colour], *size_of[size], sku, *tag, barcodes.get(variant, []))
        for (variant, style, colour, size, sku), tag in zip(sold, tags, strict=True)
    ]
    return sorted(rows, key=_PLACE)


_PLACE: Final = itemgetter(1, 2, 4)


def _rows(rows: Sequence[Any], fields: Sequence[str]) -> list[dict[str, Any]]:
    return [{field: getattr(row, field) for field in fields} for row in rows]
