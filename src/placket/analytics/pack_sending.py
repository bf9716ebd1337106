"""Subscriptions to packs of reports, and sending what is due: once a period, by a key that the message is asked for with.

A pack tells of the places its reader may read reports of when it is made; who may not any more, or has left, gets none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket import identity, messages
from placket.analytics import pack_words as words
from placket.analytics import sheet
from placket.analytics.pack_models import ReportSubscription
from placket.analytics.pack_words import Language, word
from placket.analytics.packs import Made, Pack, pack_of
from placket.analytics.rules import Cadence, period_before
from placket.core.clock import VIETNAM, business_day
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.settings import settings

AT: Final = time(7, 0, tzinfo=VIETNAM)
"""When a pack is due, on the day after its period."""
ROWS_IN_MAIL: Final = 12
COLUMNS_IN_MAIL: Final = 5
READ: Final = "report.read"


@dataclass(frozen=True, slots=True)
class Due:
    """A pack that somebody is to get now, if it was not asked for already."""

    subscription: ReportSubscription
    from_on: date
    to_on: date

    @property
    def key(self) -> str:
        """What makes it one message, however often it is looked at."""
        return f"pack-{self.subscription.id}-{self.from_on}-{self.to_on}"


def subscribe(
    tx: Session, *, staff_id: UUID, pack: Pack, cadence: Cadence, language: Language, made_by: UUID, now: datetime
) -> UUID | None:
    """Somebody gets a pack from its next period's end on; answers none if they do already."""
    row = {
        "id": new_id(),
        "staff_id": staff_id,
        "pack": pack,
        "cadence": cadence,
        "language": language,
        "made_by": made_by,
        "made_at": now,
    }
    made: UUID | None = tx.scalar(
        insert(ReportSubscription).values(row).on_conflict_do_nothing().returning(ReportSubscription.id)
    )
    return made


def subscriptions(tx: Session) -> Sequence[Row[tuple[object, ...]]]:
    """Who gets what, with what has become of the last that was sent."""
    return tx.execute(
        text(
            """
            SELECT s.id, s.staff_id, p.full_name AS staff_name, p.email, s.pack, s.cadence, s.language, s.made_at,
                   m.state AS last_state, coalesce(m.ended_at, m.asked_at) AS last_at
              FROM report_subscription s JOIN staff p ON p.id = s.staff_id
              LEFT JOIN LATERAL (SELECT state, ended_at, asked_at FROM message
                                  WHERE subject_id = s.id ORDER BY asked_at DESC LIMIT 1) m ON true
             ORDER BY s.pack DESC, s.cadence DESC, p.full_name, s.id
            """
        )
    ).all()


def readers(tx: Session) -> Sequence[Row[tuple[object, ...]]]:
    """Who can get a pack: everybody with an address who may read reports somewhere."""
    return tx.execute(
        text(
            """
            SELECT DISTINCT p.id, p.full_name, p.email FROM staff p
              JOIN staff_role r ON r.staff_id = p.id JOIN role_grant g ON g.role = r.role AND g.verb = :verb
             WHERE p.status = 'active' AND p.email IS NOT NULL ORDER BY p.full_name, p.id
            """
        ),
        {"verb": READ},
    ).all()


def send_packs(database: Database, *, now: datetime) -> int:
    """Ask for every pack that is due and was not asked for yet, each in a transaction of its own; answers how many."""
    with database.transaction() as tx:
        due = [one for one in _due(tx, now) if not messages.is_asked(tx, key=one.key, channel="email")]
    asked = 0
    for one in due:
        with database.transaction() as tx:
            asked += _ask(tx, one.subscription.id, one.from_on, one.to_on, key=one.key, now=now)
    return asked


def send_at_once(tx: Session, *, subscription_id: UUID, now: datetime) -> bool:
    """Ask for the pack of the last whole period, beside those that come by themselves. False if its reader gets none."""
    kept = tx.get_one(ReportSubscription, subscription_id)
    from_on, to_on = period_before(business_day(now), cast("Cadence", kept.cadence))
    return _ask(tx, kept.id, from_on, to_on, key=f"pack-{kept.id}-by-hand-{new_id()}", now=now)


def _due(tx: Session, now: datetime) -> list[Due]:
    found = []
    for kept in tx.query(ReportSubscription).order_by(ReportSubscription.id):
        from_on, to_on = period_before(business_day(now), cast("Cadence", kept.cadence))
        due_at = datetime.combine(date.fromordinal(to_on.toordinal() + 1), AT)
        if kept.made_at < due_at <= now:
            found.append(Due(kept, from_on, to_on))
    return found


def _ask(tx: Session, subscription_id: UUID, from_on: date, to_on: date, *, key: str, now: datetime) -> bool:
    kept = tx.get(ReportSubscription, subscription_id)
    reader = None if kept is None else next((row for row in readers(tx) if row.id == kept.staff_id), None)
    grant = None if reader is None else identity.grants_of(tx, reader.id, at=None).get(READ)
    if kept is None or reader is None or grant is None:
        return False
    language, cadence = cast("Language", kept.language), cast("Cadence", kept.cadence)
    made = pack_of(
        tx,
        cast("Pack", kept.pack),
        cadence,
        from_on=from_on,
        to_on=to_on,
        language=language,
        now=now,
        places=None if grant.location_ids is None else sorted(grant.location_ids),
    )
    asked = messages.ask(
        tx,
        key=key,
        kind="report_pack",
        channel="email",
        address=str(reader.email),
        language=language,
        facts=_told(made, language, from_on, to_on),
        subject_id=kept.id,
        now=now,
        files=_files(tx, made, language, f"{word(words.FILES[kept.pack], language)}-{from_on}-{to_on}", now),
    )
    return asked is not None


def _files(tx: Session, made: Made, language: Language, name: str, now: datetime) -> list[messages.File]:
    company = identity.company(tx)
    paper = sheet.document(
        made.sheets,
        title=made.title,
        note=f"{made.period}. {made.sentence}",
        company="" if company is None else company.name,
        language=language,
        now=now,
    )
    return [
        messages.File(f"{name}.xlsx", sheet.MEDIA["xlsx"], sheet.workbook(made.sheets)),
        messages.File(f"{name}.pdf", sheet.MEDIA["pdf"], paper),
    ]


def _told(made: Made, language: Language, from_on: date, to_on: date) -> dict[str, object]:
    """What the mail itself shows: the first rows and columns of each table."""
    home = settings().public_address
    sections = []
    for one in made.sheets:
        rows = [row[:COLUMNS_IN_MAIL] for row in sheet.written(one)]
        total = rows.pop() if one.has_total else None
        sections.append(
            {
                "title": one.title,
                "note": one.note or made.period,
                "head": list(one.head[:COLUMNS_IN_MAIL]),
                "rows": rows[:ROWS_IN_MAIL],
                "total": total,
                "more": max(0, len(rows) - ROWS_IN_MAIL),
                "empty": word(words.SAID["empty"], language),
            }
        )
    told: dict[str, object] = {"pack": made.title, "period": made.period, "sentence": made.sentence, "sections": sections}
    return told | ({"url": f"{home}/office/reports?from={from_on}&to={to_on}"} if home else {})
