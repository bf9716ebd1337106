"""What each kind of entry does when it is posted. They record what has happened, so none refuses for stock or money."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy.orm import Session

from placket import crm, inventory, sales
from placket.pos import shift_entries
from placket.pos.entries import Entry, Source, Verb


def _sell(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    return sales.record_sales(
        tx,
        till=source.till,
        epoch=source.epoch,
        is_current=source.is_current,
        records=[sales.Record(entry.opening, entry.at, entry.body) for entry in entries],
        now=source.now,
    )


def _void(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    return [
        sales.record_void(tx, till=source.till, epoch=source.epoch, at=entry.at, body=entry.body, now=source.now)
        for entry in entries
    ]


def _close(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    if source.is_current:
        for entry in entries:
            inventory.sign_off(
                tx,
                till_id=source.till.id,
                opening=entry.opening,
                location_id=source.till.location_id,
                now=source.now,
            )
    return [{} for _ in entries]


class _HandedOver(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``HANDOVER``: a bag was given to its customer."""

    promise_id: UUID
    staff_id: UUID


def _hand_over(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    for entry in entries:
        given = msgspec.json.decode(entry.body, type=_HandedOver)
        by = inventory.By(given.staff_id, source.till.id, source.epoch)
        sales.order_fulfilling.record_hand_over(tx, promise_id=given.promise_id, by=by, at=min(entry.at, source.now))
    return [{} for _ in entries]


class _Met(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``CUSTOMER``: somebody was made at the till, or their details were changed there."""

    id: UUID
    full_name: Annotated[str, Meta(min_length=1, max_length=80)]
    phone: Annotated[str, Meta(max_length=40)]
    staff_id: UUID
    birth_day: Annotated[int, Meta(ge=1, le=31)] | None = None
    birth_month: Annotated[int, Meta(ge=1, le=12)] | None = None
    note: Annotated[str, Meta(max_length=500)] | None = None
    loyalty: bool = False
    text_version: Annotated[str, Meta(max_length=40)] = ""


def _meet(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    return [_meet_one(tx, source, entry) for entry in entries]


def _meet_one(tx: Session, source: Source, entry: Entry) -> Mapping[str, Any]:
    met = msgspec.json.decode(entry.body, type=_Met)
    has_birthday = met.birth_day is not None and met.birth_month is not None
    birthday = crm.Birthday(met.birth_day or 0, met.birth_month or 0) if has_birthday else None
    made = crm.record_customer(
        tx,
        customer_id=met.id,
        details=crm.Details(met.full_name, met.phone, birthday, met.note),
        agreed=[crm.Agreed("loyalty", granted=True, text_version=met.text_version)] if met.loyalty else [],
        location_id=source.till.location_id,
        by=crm.By(met.staff_id, source.till.id),
        at=min(entry.at, source.now),
    )
    return {"customer_id": str(made.id), "merged": made.id != met.id}


class _Settled(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``SETTLED``: the till waits for no answer to its hold requests up to this number."""

    settled_no: Annotated[int, Meta(ge=1, le=2**31 - 1)]


def _settle(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    last = max(msgspec.json.decode(entry.body, type=_Settled).settled_no for entry in entries)
    crm.settle_holds(tx, till_id=source.till.id, epoch=source.epoch, settled_no=last, now=source.now)
    return [{} for _ in entries]


VERBS: Final[Mapping[str, Verb]] = {
    "SALE": _sell,
    "VOID": _void,
    "CLOSE": _close,
    "HANDOVER": _hand_over,
    "CUSTOMER": _meet,
    "SETTLED": _settle,
    "SHIFT_OPEN": shift_entries.record_opened,
    "SHIFT_TAKE": shift_entries.record_taken_over,
    "CASH": shift_entries.record_moved,
    "SHIFT_CLOSE": shift_entries.record_closed,
}
