"""Pure rules of online orders: where goods are asked for, how far a place is, what a parcel's sale holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final, Literal
from uuid import UUID

from placket.core.codes import own_code
from placket.sales.provinces import PROVINCES, folded
from placket.sales.rules import vat_of_lines

HOLD: Final = timedelta(minutes=10)
EXTENSIONS_MAX: Final = 3
GRACE: Final = timedelta(minutes=3)
"""Promises outlive their order's hold by so much: what ends an order also shuts its payment page, and gives them back."""
ASK_A_PLACE: Final = timedelta(seconds=1.5)
ASK_IN_ALL: Final = timedelta(seconds=4)
KEEP_VOUCHERS: Final = timedelta(days=60)
"""A confirmed order keeps its vouchers until its parcel leaves; nothing takes longer."""
KEEP_READY: Final = timedelta(days=3)

PARCELS_MAX: Final = 9
SCAN_CODE, SCAN_DIGITS = "09", 10

CENTRE_FROM, SOUTH_FROM = "38", "75"
NEAR, SAME_REGION, FAR = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pieces of a variant."""

    variant_id: UUID
    qty: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a shopper orders: each variant once. A member may spend ``points``, as many of them as may be."""

    id: UUID
    lines: tuple[Wanted, ...]
    kind: Literal["ship", "collect"]
    province_code: str | None
    location_id: UUID | None
    vouchers: tuple[str, ...]
    language: Literal["vi", "en"]
    customer_id: UUID | None
    points: int = 0

    @property
    def fingerprint(self) -> bytes:
        """What makes a repeated request the same order."""
        lines = [f"{line.variant_id}|{line.qty}" for line in self.lines]
        head = [self.kind, str(self.location_id), str(self.province_code), str(self.customer_id), *self.vouchers]
        head += [f"points|{self.points}"] if self.points else []
        return sha256("\n".join([*head, *lines]).encode()).digest()


@dataclass(frozen=True, slots=True)
class Source:
    """A place that may serve an order: how far it is, and what it has free for this."""

    location_id: UUID
    is_depot: bool
    distance: int
    position: int
    free: Mapping[UUID, int]


def scan_code(code: str) -> str:
    """The digits by which goods of an order come back at any till: ``W-00001234``, or a parcel of it, as type 09."""
    return own_code(SCAN_CODE, int(code.split("-")[1]), digits=SCAN_DIGITS)


def receipts_of(number: int) -> list[str]:
    """What the sales of an order may be called: its first parcel bears its code, the others a number more."""
    code = f"W-{number:08d}"
    return [code, *(f"{code}-{parcel}" for parcel in range(2, PARCELS_MAX + 1))]


def cover(wanted: Sequence[Wanted], sources: Sequence[Source]) -> tuple[dict[UUID, list[Wanted]], list[Wanted]]:
    """Which place is asked for which lines, and the lines that all the places together have not got.

    Whole lines first: at depots, since they need nobody's word; then whoever has most of the lines, the nearest, who has
    most left. What no single place has whole is cut: from a depot, then from places that are asked anyway, nearest first.
    """
    asked: dict[UUID, list[Wanted]] = {}
    free_at = {source.location_id: dict(source.free) for source in sources}
    left = list(wanted)
    open_sources = list(sources)
    while left:
        served_by = [(source, _whole(source, left, free_at)) for source in open_sources]
        ranked = [(_rank(source, served, free_at), source, served) for source, served in served_by if served]
        if not ranked:
            break
        _, best, served = min(ranked, key=lambda each: each[0])
        asked[best.location_id] = served
        for line in served:
            free_at[best.location_id][line.variant_id] -= line.qty
            left.remove(line)
        open_sources.remove(best)
    lacking = [line for line in left if not _cut_over(line, sources, free_at, asked)]
    return asked, lacking


def _whole(source: Source, left: Sequence[Wanted], free_at: Mapping[UUID, Mapping[UUID, int]]) -> list[Wanted]:
    """The lines that a place has whole, the first ones of a variant first."""
    free = dict(free_at[source.location_id])
    served = []
    for line in left:
        if free.get(line.variant_id, 0) >= line.qty:
            free[line.variant_id] -= line.qty
            served.append(line)
    return served


def _rank(source: Source, served: Sequence[Wanted], free_at: Mapping[UUID, Mapping[UUID, int]]) -> tuple[Any, ...]:
    spare = sum(free_at[source.location_id][line.variant_id] - line.qty for line in served)
    return (not source.is_depot, -len(served), source.distance, -spare, source.position)


def _cut_over(
    line: Wanted, sources: Sequence[Source], free_at: dict[UUID, dict[UUID, int]], asked: dict[UUID, list[Wanted]]
) -> bool:
    """Share a line over the places that have some of it; answers whether that is all of it. Else nothing is asked for."""

    def order(source: Source) -> tuple[Any, ...]:
        has = free_at[source.location_id].get(line.variant_id, 0)
        return (not source.is_depot, source.location_id not in asked, source.distance, -has, source.position)

    parts: dict[UUID, int] = {}
    left = line.qty
    for source in sorted(sources, key=order):
        taken = min(left, max(0, free_at[source.location_id].get(line.variant_id, 0)))
        if taken:
            parts[source.location_id] = taken
            left -= taken
    if left or len(asked.keys() | parts.keys()) > PARCELS_MAX:
        return False
    for place, qty in parts.items():
        free_at[place][line.variant_id] -= qty
        asked.setdefault(place, []).append(Wanted(line.variant_id, qty))
    return True


def distance(city: str, province_code: str | None) -> int:
    """How far a place is from a province: the same, the same part of the country, or another. Unknown is far."""
    here = province_of(city)
    if province_code is None or here is None:
        return FAR
    if here == province_code:
        return NEAR
    return SAME_REGION if _region(here) == _region(province_code) else FAR


def province_of(city: str) -> str | None:
    """The code of the province a place's city belongs to, written with or without ``TP.``."""
    wanted = folded(city)
    return next((code for code, (name, _) in PROVINCES.items() if folded(name) in wanted), None)


def _region(code: str) -> int:
    return 0 if code < CENTRE_FROM else 1 if code < SOUTH_FROM else 2


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of an order, as its money was agreed."""

    line_no: int
    variant_id: UUID
    qty: int
    unit_vnd: int
    discount_vnd: int
    total_vnd: int
    vat_bp: int
    discounts: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What leaves together, as the desk's routine takes it."""

    lines: list[dict[str, Any]]
    offers: list[dict[str, Any]]
    vat_vnd: int

    @property
    def pieces(self) -> int:
        """All of them."""
        return sum(line["qty"] for line in self.lines)

    def sum_of(self, what: str) -> int:
        """What its lines add up to."""
        return sum(line[what] for line in self.lines)


def parcel(
    leaving: Sequence[OrderedLine],
    *,
    source_id: UUID,
    promise_of: Mapping[int, UUID],
    offers: Sequence[Mapping[str, Any]],
    begun: frozenset[tuple[str, int]] = frozenset(),
) -> Parcel:
    """The sale of the lines that leave a place: their money as agreed, VAT reckoned for this sale as an invoice does.

    ``promise_of`` names the promise of each line, ``offers`` is what the whole order used; its uses are counted with the
    first parcel that has any of it (``begun`` are the promotions of parcels before), pieces and money with each.
    """
    vat_of, shares = vat_of_lines([line.total_vnd for line in leaving], [line.vat_bp for line in leaving])
    lines = [
        {
            "line_no": no,
            "variant_id": str(line.variant_id),
            "source_id": str(source_id),
            "qty": line.qty,
            "unit_vnd": line.unit_vnd,
            "discount_vnd": line.discount_vnd,
            "total_vnd": line.total_vnd,
            "vat_bp": line.vat_bp,
            "vat_vnd": vat_vnd,
            "adviser_id": None,
            "looked_for": 0,
            "discounts": list(line.discounts),
            "gift": None,
            "promise_id": str(promise_of[line.line_no]),
        }
        for no, (line, vat_vnd) in enumerate(zip(leaving, vat_of, strict=True), start=1)
    ]
    return Parcel(lines, _offers_of(leaving, offers, begun), sum(share.vat_vnd for share in shares))


def _offers_of(
    leaving: Sequence[OrderedLine], offers: Sequence[Mapping[str, Any]], begun: frozenset[tuple[str, int]]
) -> list[dict[str, Any]]:
    of_parcel = []
    for offer in offers:
        key = (str(offer["promotion_id"]), int(offer["version"]))
        parts = [
            part
            for line in leaving
            for part in line.discounts
            if part.get("promotion_id") == key[0] and part.get("promotion_version") == key[1]
        ]
        if parts:
            of_parcel.append(
                {
                    "promotion_id": key[0],
                    "version": key[1],
                    "uses": 0 if key in begun else int(offer["uses"]),
                    "pieces": sum(1 for part in parts for vnd in part["shares_vnd"] if vnd),
                    "amount_vnd": sum(int(part["amount_vnd"]) for part in parts),
                }
            )
    return of_parcel
