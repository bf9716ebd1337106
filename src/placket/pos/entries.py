"""An entry of a till's journal, whose it is, and the shape of the verbs that post entries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from placket import identity


class Entry(msgspec.Struct, kw_only=True):
    """What stands in the text of an entry; ``body`` is its kind's own."""

    entry_id: UUID
    epoch: int
    seq: int
    opening: int
    kind: str
    at: datetime
    clock_offset_ms: int
    schema_v: int
    app_v: str
    body: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Source:
    """Whose journal it is, and what every entry of it is posted under."""

    till: identity.TillFacts
    epoch: int
    is_current: bool
    now: datetime


Verb = Callable[[Session, Source, Sequence[Entry]], list[Mapping[str, Any]]]
