"""What counts look like on the wire: what devices send, and what the office and the handheld read."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from placket.core.http import Answer, Id, Strict

Words = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]
ZoneName = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
Moment = Annotated[datetime, Field(strict=False)]
Some = Annotated[list[Id], Field(max_length=200)]
Variants = Annotated[list[Id], Field(min_length=1, max_length=5000)]
Reason = Literal["theft", "miscount", "swap", "receiving", "damaged", "unknown"]


class ChosenGoods(Strict):
    """Which goods a cycle is about."""

    category_ids: Some = Field(default_factory=list)
    style_ids: Some = Field(default_factory=list)
    variant_ids: Variants | Annotated[list[Id], Field(max_length=0)] = Field(default_factory=list)
    only: Literal["zero_negative"] | None = None


class CountNew(Strict):
    """A count to plan; the id is made by the client and makes repeats harmless."""

    id: Id
    location_id: Id
    kind: Literal["full", "zone", "cycle"]
    chosen: ChosenGoods = Field(default_factory=ChosenGoods)
    zones: Annotated[list[ZoneName], Field(min_length=1, max_length=60)]
    blind: bool = True
    recount_vnd: Annotated[int, Field(ge=0, le=1_000_000_000)] = 500_000
    note: Words | None = None
    planned_for: Annotated[date | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def says_what(self) -> Self:
        """Refuse a cycle about nothing, and goods chosen for another kind of count."""
        chosen = self.chosen
        says = bool(chosen.category_ids or chosen.style_ids or chosen.variant_ids or chosen.only)
        if says != (self.kind == "cycle"):
            raise ValueError("a cycle, and only a cycle, says which goods it is about")
        return self


class ScannedLine(Strict):
    """By how many pieces a tally has changed (an undo is negative), between these moments of the server's clock."""

    variant_id: Id
    qty: Annotated[int, Field(ge=-9999, le=9999)]
    first_at: Moment
    last_at: Moment
    round: Annotated[int, Field(ge=1, le=99)] = 1


class UnknownCode(Strict):
    """Pieces with a code that nobody knows."""

    code: Code
    qty: Annotated[int, Field(ge=-999, le=999)]


class Entering(Strict):
    """What was scanned in a zone since it was last told; a till says who scanned, who need not be signed in any more."""

    id: Id
    staff_id: Id | None = None
    zone_no: Annotated[int, Field(ge=1, le=60)]
    lines: Annotated[list[ScannedLine], Field(max_length=500, default_factory=list)]
    unknown: Annotated[list[UnknownCode], Field(max_length=100, default_factory=list)]

    @model_validator(mode="after")
    def says_something(self) -> Self:
        """Refuse an act without a scan."""
        if not self.lines and not self.unknown:
            raise ValueError("nothing was scanned")
        return self


class ZoneDone(Strict):
    """Nothing is left to count in a zone, or there is after all."""

    done: bool


class Recounting(Strict):
    """Lines to be counted again."""

    variant_ids: Variants


class Deciding(Strict):
    """What becomes of some lines, or why they differ."""

    variant_ids: Variants
    decision: Literal["zero", "keep", "post"] | None = None
    reason: Reason | None = None


class Merging(Strict):
    """Which figure holds where two have counted the same in one zone; without a person, both together."""

    zone_no: Annotated[int, Field(ge=1, le=60)]
    variant_ids: Variants
    staff_id: Id | None = None
    device_id: Id | None = None

    @model_validator(mode="after")
    def names_both(self) -> Self:
        """Refuse a person without a device."""
        if (self.staff_id is None) != (self.device_id is None):
            raise ValueError("a counter is a person and a device")
        return self


class CountRow(Answer):
    """A count in a list."""

    id: UUID
    number: int
    location_id: UUID
    location_name: str
    kind: str
    state: str
    blind: bool
    recount_vnd: int
    note: str | None
    planned_for: date | None
    created_at: datetime
    created_by: str
    opened_at: datetime | None
    closed_at: datetime | None
    asked_by: str | None
    approved_by: str | None
    approved_at: datetime | None
    posted_at: datetime | None
    zones: int
    zones_done: int
    pieces: int
    variants: int
    in_scope: int
    booked: int
    pieces_expected: int | None
    pieces_off: int | None
    off_vnd: int | None
    accuracy_bp: int | None


class ZoneShown(Answer):
    """A zone, what was counted in it and by whom."""

    no: int
    name: str
    pieces: int
    variants: int
    unknown: int
    counters: list[str]
    last_at: datetime | None
    done_at: datetime | None
    done_by: str | None


class UnknownShown(Answer):
    """A code that nobody knows."""

    zone_no: int
    code: str
    pieces: int


class StockCountShown(CountRow):
    """A count with its zones."""

    zones_shown: list[ZoneShown]
    unknown: list[UnknownShown]


class TallyShown(Answer):
    """What somebody counted of a line in a zone; ``holds`` unless somebody decided for another."""

    round: int
    zone_no: int
    zone: str
    staff_id: UUID
    staff_name: str
    device_id: UUID
    till_code: str | None
    pieces: int
    first_at: datetime
    last_at: datetime
    merged: bool
    holds: bool


class CountLineShown(Answer):
    """A line of a count: what was counted, what the books said then, what has moved since, and what it needs."""

    variant_id: UUID
    style_id: UUID
    sku: str
    name_vi: str
    name_en: str
    colour_vi: str
    colour_en: str
    hex: str
    size: str
    in_scope: bool
    round: int
    counted: int | None
    expected: int
    difference: int
    off_vnd: int
    moved_since: int
    flag: str | None
    superseded: bool
    decision: str | None
    reason: str | None
    swap_with: str | None
    swap_pieces: int
    tallies: list[TallyShown]


class CountSums(Answer):
    """What a count comes to as it stands, and how many of its lines are of which kind."""

    expected: int
    off: int
    off_vnd: int
    more: int
    fewer: int
    accuracy_bp: int
    may_post: bool
    differences: int
    open: int
    recount: int
    swaps: int
    uncounted: int
    all: int
    flags: dict[str, int]


class CountReview(Answer):
    """A page of the lines of a count, the most đồng first."""

    sums: CountSums
    items: list[CountLineShown]
    next_cursor: str | None


class SheetLine(Answer):
    """A line that a counter has counted, or is to count again. ``expected`` only where counting is not blind."""

    variant_id: UUID
    round: int
    zone_no: int | None
    pieces: int
    again: bool


class CountSheet(StockCountShown):
    """What a handheld keeps of a count."""

    lines: list[SheetLine]
    expected: dict[UUID, int] | None


class AccuracyPoint(Answer):
    """How right the books of a place were in the counts of a month."""

    location_id: UUID
    location_name: str
    month: str
    counts: int
    expected: int
    off: int
    off_vnd: int
    accuracy_bp: int


class Suggested(Answer):
    """A category to count next."""

    category_id: UUID
    name_vi: str
    name_en: str
    variants: int
    pieces: int
    counted_at: datetime | None


class Suggestion(Answer):
    """What to count next at a place, and the zones it had last time."""

    categories: list[Suggested]
    zones: list[str]
