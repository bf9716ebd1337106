"""Openings of tills: attach, sign off, and the two ways another person ends one. See docs/rules/offline.md.

Under the branch's lock, so that no promise is confirmed while the set of tills that must give their word changes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.inventory.models import Location, StockDoubt, TillOpening
from placket.inventory.refusals import JournalNotDrained, NeedsCount, NeedsItsEntry, OpeningPassed
from placket.inventory.service.exceptions import note_exception
from placket.inventory.service.recovery import HeldBoard, awaited, give_up, note_return

# FOR NO KEY UPDATE: a sale under way names the branch in its rows, and must not wait for who waits for the sale.
HERE_ALONE: Final = {"key_share": True}

EndReason = Literal["signed_off", "replaced", "lost", "asserted"]


def attach(
    tx: Session,
    *,
    till_id: UUID,
    epoch: int,
    opening: int,
    head_seq: int,
    location_id: UUID,
    now: datetime,
    held: HeldBoard | None = None,
) -> TillOpening:
    """Open a till for selling on line. Asked again for the opening in force it changes nothing.

    A former opening of the till ends as replaced. ``held`` is the board the till has stored: after a restore it tells what
    was promised meanwhile. Refuses ``OpeningPassed``, ``JournalNotDrained``.
    """
    end_replaced(tx, till_id=till_id, location_id=location_id, now=now)
    attached = tx.scalar(
        select(TillOpening).where(TillOpening.till_id == till_id, TillOpening.state == "attached").with_for_update()
    )
    if attached is not None and attached.opening == opening and attached.epoch == epoch:
        return attached
    last = tx.scalar(
        text("SELECT last_opening FROM till WHERE id = :till AND epoch = :epoch FOR NO KEY UPDATE"),
        {"till": till_id, "epoch": epoch},
    )
    if last is None or opening <= last:
        raise OpeningPassed(last_opening=last)
    posted_seq = tx.scalar(
        text("SELECT posted_seq FROM till_epoch WHERE till_id = :till AND epoch = :epoch FOR SHARE"),
        {"till": till_id, "epoch": epoch},
    )
    if posted_seq is None or posted_seq < head_seq:
        raise JournalNotDrained(posted_seq=posted_seq)
    if attached is not None:
        attached.state, attached.ended_at, attached.end_reason = "ended", now, "replaced"
        tx.flush()
    made = TillOpening(
        till_id=till_id,
        opening=opening,
        location_id=location_id,
        epoch=epoch,
        state="attached",
        attached_at=now,
    )
    tx.add(made)
    tx.execute(
        text("UPDATE till SET last_opening = :opening, last_seen_at = :now WHERE id = :till"),
        {"opening": opening, "now": now, "till": till_id},
    )
    tx.flush()
    note_return(tx, till_id=till_id, epoch=epoch, held=held, now=now)
    return made


def lock_branch(tx: Session, *, location_id: UUID) -> None:
    """Take the branch's lock before anything else: needed by whoever may end an opening later in the transaction."""
    tx.get_one(Location, location_id, with_for_update=HERE_ALONE)


def sign_off(
    tx: Session, *, till_id: UUID, opening: int, location_id: UUID, now: datetime, head_seq: int | None = None
) -> None:
    """End a till's opening by its own act, when its ``CLOSE`` is posted; ending it again changes nothing.

    A till that asks for it instead says how many entries its journal has: refuses ``JournalNotDrained``.
    """
    lock_branch(tx, location_id=location_id)
    if head_seq is not None:
        posted_seq = tx.scalar(
            text(
                "SELECT posted_seq FROM till_epoch JOIN till t ON t.id = till_id AND t.epoch = till_epoch.epoch "
                "WHERE t.id = :till"
            ),
            {"till": till_id},
        )
        if posted_seq is None or posted_seq < head_seq:
            raise JournalNotDrained(posted_seq=posted_seq)
    _end(tx, till_id=till_id, opening=opening, location_id=location_id, reason="signed_off", by=None, now=now)


def assert_idle(tx: Session, *, till_id: UUID, opening: int, location_id: UUID, by: UUID, now: datetime) -> None:
    """A manager signs that a dark till sold nothing since its last word: its opening ends, its branch may promise again."""
    _end(tx, till_id=till_id, opening=opening, location_id=location_id, reason="asserted", by=by, now=now)
    note_exception(
        tx,
        kind="till_asserted_idle",
        severity="warning",
        refs={"till": str(till_id), "opening": opening},
        location_id=location_id,
        actor_id=by,
        now=now,
    )


def lose(tx: Session, *, till_id: UUID, location_id: UUID, now: datetime) -> None:
    """A till is lost: its opening ends, and every variant of its branch with pieces on the books falls in doubt.

    Promises made before stay: the till had given its word for them.
    """
    give_up(tx, till_id=till_id, now=now)
    _end(tx, till_id=till_id, opening=None, location_id=location_id, reason="lost", by=None, now=now)
    tx.execute(
        text(
            """
            INSERT INTO stock_doubt (id, location_id, variant_id, reason, ref, opened_at)
            SELECT gen_random_uuid(), s.location_id, s.variant_id, 'lost_till', :till, :now
              FROM stock s
             WHERE s.location_id = :location AND s.on_hand > 0
               AND NOT EXISTS (SELECT 1 FROM stock_doubt d
                                WHERE d.location_id = s.location_id AND d.variant_id = s.variant_id
                                  AND d.reason = 'lost_till' AND d.ref = :till AND d.closed_at IS NULL)
            """
        ),
        {"till": str(till_id), "location": location_id, "now": now},
    )


def retire(tx: Session, *, till_id: UUID, epoch: int, location_id: UUID, by: UUID, now: datetime) -> None:
    """A till goes out of use: whoever takes it away signs that it sold nothing since its last word.

    A till that is known to keep entries back, or that may do so since the server was restored, can never hand them in any
    more, so it is as good as lost.
    """
    lock_branch(tx, location_id=location_id)
    keeps_back = tx.scalar(
        text("SELECT posted_seq < reported_head_seq FROM till_epoch WHERE till_id = :till AND epoch = :epoch"),
        {"till": till_id, "epoch": epoch},
    )
    if keeps_back or awaited(tx, till_id=till_id):
        lose(tx, till_id=till_id, location_id=location_id, now=now)
        return
    attached = select(TillOpening.opening).where(TillOpening.till_id == till_id, TillOpening.state == "attached")
    for opening in tx.scalars(attached).all():
        assert_idle(tx, till_id=till_id, opening=opening, location_id=location_id, by=by, now=now)


def paired_anew(tx: Session) -> list[tuple[UUID, UUID]]:
    """Tills (with their branch) whose opening belongs to an epoch that is over: their device was paired anew."""
    rows = tx.execute(
        text(
            "SELECT o.till_id, o.location_id FROM till_opening o JOIN till t ON t.id = o.till_id "
            "WHERE o.state = 'attached' AND o.epoch < t.epoch ORDER BY o.location_id, o.till_id"
        )
    )
    return [(row.till_id, row.location_id) for row in rows]


def end_replaced(tx: Session, *, till_id: UUID, location_id: UUID, now: datetime) -> None:
    """End the opening that a till had before it was paired anew; a new attach would do the same, only later.

    What the old device is known to keep back may never come: then the branch's balances fall in doubt.
    """
    lock_branch(tx, location_id=location_id)
    keeps_back = tx.scalar(
        text(
            "SELECT e.posted_seq < e.reported_head_seq FROM till_opening o JOIN till t ON t.id = o.till_id "
            "JOIN till_epoch e ON e.till_id = o.till_id AND e.epoch = o.epoch "
            "WHERE o.till_id = :till AND o.state = 'attached' AND o.epoch < t.epoch"
        ),
        {"till": till_id},
    )
    if keeps_back:
        lose(tx, till_id=till_id, location_id=location_id, now=now)
    elif keeps_back is not None:
        _end(tx, till_id=till_id, opening=None, location_id=location_id, reason="replaced", by=None, now=now)


def doubt(tx: Session, *, location_id: UUID, variant_ids: list[UUID] | None, reason: str, ref: str, now: datetime) -> None:
    """Trust these balances (none: all of the place) no longer: they take no new promise until the doubt is closed."""
    for variant_id in variant_ids if variant_ids is not None else [None]:
        tx.add(
            StockDoubt(id=new_id(), location_id=location_id, variant_id=variant_id, reason=reason, ref=ref, opened_at=now)
        )


def close_doubts(
    tx: Session, *, reason: str, ref: str, closed_by: Literal["count", "journal", "assertion"], now: datetime
) -> int:
    """End the doubts that one cause has raised; answers how many.

    Those that only a count may end stay, and say so from now on: their cause is gone.
    """
    cause = (StockDoubt.reason == reason, StockDoubt.ref == ref, StockDoubt.closed_at.is_(None))
    tx.execute(update(StockDoubt).where(*cause, StockDoubt.only_count).values(reason="before_count"))
    closed = tx.scalars(update(StockDoubt).where(*cause).values(closed_at=now, closed_by=closed_by).returning(StockDoubt.id))
    return len(closed.all())


def assert_sure(tx: Session, *, doubt_id: UUID, scope: Sequence[UUID] | None, now: datetime) -> StockDoubt:
    """Somebody signs that no sale is missing: every doubt of this one's cause ends at its place. Again changes nothing.

    ``scope`` are the locations the signer may see to, none means all. Refuses ``NotFound``,
    ``NeedsItsEntry``, ``NeedsCount``.
    """
    found = tx.get(StockDoubt, doubt_id)
    if found is None or (scope is not None and found.location_id not in scope):
        raise NotFound
    if found.reason == "quarantine":
        raise NeedsItsEntry
    if found.only_count and found.closed_at is None:
        raise NeedsCount
    lock_branch(tx, location_id=found.location_id)
    tx.execute(
        update(StockDoubt)
        .where(
            StockDoubt.location_id == found.location_id,
            StockDoubt.reason == found.reason,
            StockDoubt.ref == found.ref,
            StockDoubt.closed_at.is_(None),
            ~StockDoubt.only_count,
        )
        .values(closed_at=now, closed_by="assertion")
    )
    return found


def _end(
    tx: Session,
    *,
    till_id: UUID,
    opening: int | None,
    location_id: UUID,
    reason: EndReason,
    by: UUID | None,
    now: datetime,
) -> None:
    tx.get_one(Location, location_id, with_for_update=HERE_ALONE)
    ending = update(TillOpening).where(TillOpening.till_id == till_id, TillOpening.state == "attached")
    if opening is not None:
        ending = ending.where(TillOpening.opening == opening)
    state = "closed" if reason == "signed_off" else "ended"
    tx.execute(ending.values(state=state, ended_at=now, end_reason=reason, asserted_by=by))
