"""What the routes of transfers take and answer."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from placket.core.http import Answer, Id, Strict

Pieces = Annotated[int, Field(ge=0, le=9999)]
Note = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]


class Wanted(Strict):
    """Pieces of a variant to send."""

    variant_id: Id
    qty: Annotated[int, Field(ge=1, le=9999)]


class TransferWritten(Strict):
    """Goods that one place is to send to another."""

    from_id: Id
    to_id: Id
    note: Note | None = None
    lines: Annotated[list[Wanted], Field(min_length=1, max_length=300)]


class TransferAsked(TransferWritten):
    """A new transfer, asked for at once or only written down; the client makes its id, so repeats are harmless."""

    id: Id
    draft: bool = False


class TransferRewritten(TransferWritten):
    """A draft as it shall be now, by somebody who saw this version of it."""

    version: Annotated[int, Field(ge=1)]


class Picked(Strict):
    """Pieces put into the boxes (positive) or taken out again (negative)."""

    variant_id: Id
    qty: Annotated[int, Field(ge=-9999, le=9999)]


class Picking(Strict):
    """What somebody has put into the boxes since they last said so."""

    id: Id
    lines: Annotated[list[Picked], Field(min_length=1, max_length=300)]


class Shipping(Strict):
    """The boxes leave. ``looked_for``: promised pieces that somebody has seen to be still there, by variant."""

    id: Id
    looked_for: Annotated[list[Wanted], Field(max_length=300, default_factory=list)]


class Giving(Strict):
    """An act without further facts."""

    id: Id


class Unpacked(Strict):
    """Pieces that came out of the boxes: good ones, and damaged ones."""

    variant_id: Id
    good: Pieces = 0
    damaged: Pieces = 0


class Receiving(Strict):
    """What came out of the boxes; ``complete`` when all of them have been opened."""

    id: Id
    complete: bool
    lines: Annotated[list[Unpacked], Field(max_length=600)]


class Settling(Strict):
    """What became of pieces that differed, in a word and in a sentence."""

    id: Id
    outcome: Literal["lost", "at_source", "arrived", "written_off", "restocked", "from_source", "unexplained"]
    qty: Annotated[int, Field(ge=1, le=9999)]
    note: Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]


class TransferRow(Answer):
    """A transfer in a list: how many pieces are asked for, picked, shipped, arrived and on the way."""

    id: UUID
    code: str
    state: str
    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str
    note: str | None
    created_at: datetime
    shipped_at: datetime | None
    closed_at: datetime | None
    requested_by: str
    shipped_by: str | None
    asked: int
    picked: int
    shipped: int
    arrived: int
    on_the_way: int
    differences: int


class TransferLineShown(Answer):
    """A line of a transfer; ``free`` is what its sender may send now."""

    variant_id: UUID
    sku: str
    name_vi: str
    name_en: str
    colour_vi: str
    colour_en: str
    size: str
    picture: str | None
    asked: int
    picked: int
    shipped: int
    accepted: int
    damaged: int
    settled: int
    extra: int
    on_the_way: int
    free: int


class OutcomeShown(Answer):
    """What somebody said of some pieces of a difference."""

    outcome: str
    qty: int
    note: str


class DifferenceShown(Answer):
    """Pieces that differed on arrival, with who has to explain them by when."""

    id: UUID
    kind: str
    state: str
    qty: int
    variant_id: UUID
    sku: str
    name_vi: str
    name_en: str
    owner_id: UUID | None
    owner_name: str | None
    due_on: date | None
    opened_at: datetime
    closed_at: datetime | None
    outcomes: list[OutcomeShown]


class TransferActShown(Answer):
    """Something that was done to a transfer."""

    id: UUID
    act: str
    at: datetime
    staff_name: str | None
    till_code: str | None
    pieces: int


class TransferShown(TransferRow):
    """A transfer with everything about it; ``version`` is what a change of a draft names."""

    version: int
    lines: list[TransferLineShown]
    differences_shown: list[DifferenceShown]
    acts: list[TransferActShown]
