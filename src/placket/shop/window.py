"""The shop window of this process: the goods on show and what is free of them, in memory, so that browsing asks nothing.

It is read when the first shopper comes. What the tail hears marks what has changed; the next shopper's request reads that
anew, and nothing else.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from placket import events, inventory
from placket.core.db import Database
from placket.shop import queries
from placket.shop.queries import Branch
from placket.shop.rules import Design, Left, Piece, Tint

CHANGES_MAX: Final = 5_000
"""More rows of stock than this are read whole."""
GOODS_TOPICS: Final = frozenset({events.CATALOGUE_CHANGED, events.LOCATION_CHANGED})


class Heard(Protocol):
    """An event as the tail tells it."""

    @property
    def topic(self) -> str:
        """What has happened."""
        ...

    @property
    def key(self) -> str:
        """To what."""
        ...


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the shop."""

    id: str
    slug: str
    name_vi: str
    name_en: str


class Show:
    """The goods of one moment of the catalogue. Only what is free of them changes, row by row."""

    def __init__(
        self,
        categories: Sequence[Category],
        designs: Sequence[Design],
        branches: Sequence[Branch],
        seasons: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.categories = categories
        self.designs = designs
        self.branches = branches
        self.seasons = seasons
        self.by_code = {design.code: design for design in designs}
        self.by_id = {design.id: design for design in designs}
        self.bit_of = {place.id: bit for bit, place in enumerate(inventory.places.all())}
        self._row_of = {piece.id: piece.place for design in designs for piece in design.pieces}
        size = len(self._row_of)
        self._free = [array("i", bytes(4 * size)) for _ in self.bit_of]
        self._total = array("i", bytes(4 * size))
        self._where = array("Q", bytes(8 * size))
        self.left = Left(self._total, self._where)

    def put(self, variant_id: UUID, location_id: UUID, free: int) -> None:
        """So much is free of a variant at a location now."""
        row, bit = self._row_of.get(variant_id), self.bit_of.get(location_id)
        if row is None or bit is None:
            return
        free = max(free, 0)
        self._total[row] += free - self._free[bit][row]
        self._free[bit][row] = free
        if free:
            self._where[row] |= 1 << bit
        else:
            self._where[row] &= ~(1 << bit)

    def free_at(self, piece: Piece, location_id: UUID) -> int:
        """How many of a variant are free at a location."""
        bit = self.bit_of.get(location_id)
        return 0 if bit is None else self._free[bit][piece.place]

    def free(self, piece: Piece) -> int:
        """How many of a variant are free in the chain."""
        return self._total[piece.place]


class Window:
    """The show of this process, kept true by what the tail hears."""

    def __init__(self) -> None:
        self._show: Show | None = None
        self._of: str | None = None
        self._changed: set[str] = set()
        self._loading = Lock()

    def hear(self, heard: Iterable[Heard], *, lost: bool) -> None:
        """Note what has changed; on the event loop, so nothing is read here."""
        if self._show is None:
            return
        for event in heard:
            if event.topic == events.STOCK_CHANGED:
                self._changed.add(event.key)
            elif event.topic in GOODS_TOPICS:
                lost = True
        if lost or len(self._changed) > CHANGES_MAX:
            self._show = None
            self._changed.clear()

    def show(self, database: Database) -> Show:
        """The goods as they are now. Blocks on the database when something has changed, so call it in a thread."""
        with self._loading:
            show = self._show if self._of == database.url else None
            if show is None:
                self._changed.clear()
                # Seen before it is filled: what is heard meanwhile is noted, and read again at the next call.
                self._show, self._of = show, _ = _empty(database), database.url
                _fill(database, show)
            elif self._changed:
                changed, self._changed = self._changed, set()
                _refresh(database, show, changed)
            return show


window = Window()


def _empty(database: Database) -> Show:
    inventory.places.refresh(database)
    with database.snapshot() as tx:
        return Show(
            [Category(str(row.id), row.slug, row.name_vi, row.name_en) for row in queries.categories(tx)],
            list(_designs(tx)),
            queries.branches(tx),
            queries.seasons(tx),
        )


def _fill(database: Database, show: Show) -> None:
    with database.transaction() as tx:
        for row in queries.all_free(tx):
            show.put(row.variant_id, row.location_id, row.free)


def _refresh(database: Database, show: Show, changed: Iterable[str]) -> None:
    variant_ids = sorted({UUID(key.partition(":")[2]) for key in changed})
    with database.transaction() as tx:
        for row in inventory.balances_of(tx, variant_ids=variant_ids):
            show.put(row.variant_id, row.location_id, row.on_hand - row.promised - row.asked)


def _designs(tx: Session) -> Iterable[Design]:
    of_style: dict[UUID, list[Row[Any]]] = {}
    for row in queries.pieces(tx):
        of_style.setdefault(row.style_id, []).append(row)
    place = 0
    tints: dict[str, Tint] = {}
    for style in queries.designs(tx):
        rows = of_style.get(style.id)
        if not rows:
            continue
        pictures = _pictures(style.pictures)
        order = {colour: number for number, colour in enumerate(pictures)}
        # Colours in the order of their pictures, as whoever put them there wanted them seen.
        rows.sort(key=lambda row: (order.get(row.colour, len(order)), row.colour, row.position))
        colours = {
            row.colour: tints.setdefault(row.colour, Tint(row.colour, row.name_vi, row.name_en, row.hex)) for row in rows
        }
        sizes = dict.fromkeys(row.size for row in sorted(rows, key=lambda row: row.position))
        made = tuple(Piece(row.id, row.sku, row.colour, row.size, place + n) for n, row in enumerate(rows))
        place += len(made)
        yield Design(
            style.id, style.code, style.name_vi, style.name_en, style.description_vi, style.material, style.category,
            tuple(style.tags), style.season, tuple(colours.values()), tuple(sizes), made, pictures, style.created_at,
        )  # fmt: skip


def _tint(row: Row[Any]) -> Tint:
    return Tint(row.colour, row.name_vi, row.name_en, row.hex)


def _pictures(rows: Iterable[Sequence[str | None]]) -> Mapping[str | None, tuple[str, ...]]:
    found: dict[str | None, tuple[str, ...]] = {}
    for colour, address in rows:
        assert address is not None, "a picture has its bytes"
        found[colour] = (*found.get(colour, ()), address)
    return found
