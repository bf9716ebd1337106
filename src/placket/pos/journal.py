"""Taking over a till's journal: contiguous, once each, never refused for stock. The rules are docs/rules/offline.md's.

One call posts a run of entries in the caller's transaction. What cannot be posted is kept whole in quarantine and the
watermark advances over it; only failures of the moment rise, so that the till sends the same entries again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from placket import identity, inventory
from placket.core.refusals import NotFound, Refusal
from placket.pos.entries import Entry, Source
from placket.pos.entry_verbs import VERBS
from placket.pos.models import SyncEntry

log = structlog.get_logger()

NO_HASH: Final = "0" * 64
RUN: Final = 100
SCHEMAS: Final = (1,)
# What an entry says that changes the openings or the board of its branch.
CHANGES_BRANCH: Final = ('"CLOSE"', '"HANDOVER"', '"promise_id":"')


class JournalGap(Refusal):
    """Entries are missing before the first one sent."""

    code = "journal_gap"
    vi = "Nhật ký máy thiếu một đoạn, máy chủ chờ số {expected}."
    en = "The journal has a gap; the server expects {expected}."


class JournalForked(Refusal):
    """Two histories of one epoch: the device's storage was copied or restored. The epoch has ended."""

    code = "journal_forked"
    vi = "Bộ nhớ máy không khớp máy chủ từ số {seq}. Ghép máy lại để bán tiếp; dữ liệu đã gửi vẫn còn."
    en = "The device's storage disagrees with the server at {seq}. Pair the till again; what was sent is safe."


class StillFails(Refusal):
    """A quarantined entry that cannot be posted yet."""

    code = "entry_still_fails"
    vi = "Bút toán vẫn chưa ghi sổ được ({cause}). Sửa nguyên nhân rồi thử lại, hoặc ký bỏ qua."
    en = "The entry still cannot be posted ({cause}). Mend the cause and try again, or sign to set it aside."


@dataclass(frozen=True, slots=True)
class Sent:
    """An entry as a till sends it: the very text that it hashed."""

    seq: int
    hash: str
    text: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an entry."""

    seq: int
    status: Literal["posted", "quarantined", "resolved"]
    result: Mapping[str, Any]


_decode = msgspec.json.Decoder(Entry).decode


def chained(previous: str, content: str) -> str:
    """The hash of an entry: ``SHA-256(previous hash ‖ text)``, lower-case hex."""
    return sha256((previous + content).encode()).hexdigest()


def take_over(
    tx: Session, *, till: identity.TillFacts, epoch: int, entries: Sequence[Sent], head_seq: int, now: datetime
) -> tuple[int, list[Taken]]:
    """Post what is new among the entries; answers the watermark and what became of each.

    Refuses ``JournalGap``, ``JournalForked`` (end the epoch then), ``NotFound`` for an epoch the till never had.
    """
    if any(sign in sent.text for sent in entries for sign in CHANGES_BRANCH):
        inventory.lock_branch(tx, location_id=till.location_id)  # branch before epoch: the lock order
    state = tx.execute(
        text("SELECT posted_seq, posted_hash FROM till_epoch WHERE till_id = :till AND epoch = :epoch FOR NO KEY UPDATE"),
        {"till": till.id, "epoch": epoch},
    ).one_or_none()
    if state is None:
        raise NotFound
    known = [sent for sent in entries if sent.seq <= state.posted_seq]
    fresh = [sent for sent in entries if sent.seq > state.posted_seq]
    taken = _first_results(tx, till.id, epoch, known)
    source = Source(till, epoch, epoch == till.epoch, now)
    previous = NO_HASH if state.posted_hash is None else state.posted_hash.hex()
    for place, sent in enumerate(fresh, start=1):
        if sent.seq != state.posted_seq + place:
            raise JournalGap(expected=state.posted_seq + place)
        if chained(previous, sent.text) != sent.hash:
            raise JournalForked(seq=sent.seq)
        previous = sent.hash
    taken += _post_all(tx, source, fresh)
    posted_seq = state.posted_seq + len(fresh)
    tx.execute(
        text(
            "UPDATE till_epoch SET posted_seq = :seq, posted_hash = decode(:hash, 'hex'), "
            "reported_head_seq = greatest(reported_head_seq, :head) WHERE till_id = :till AND epoch = :epoch"
        ),
        {"seq": posted_seq, "hash": previous, "head": head_seq, "till": till.id, "epoch": epoch},
    )
    return posted_seq, taken


def resolve(tx: Session, *, till_id: UUID, epoch: int, seq: int, by: identity.Principal, now: datetime) -> Taken:
    """Try a quarantined entry again after its cause is mended; the doubt it raised ends.

    Refuses ``NotFound``, and ``StillFails`` when it cannot be posted yet.
    """
    kept, till = _held(tx, till_id, epoch, seq)
    source = Source(till, epoch, epoch == till.epoch, now)
    entry = _read(Sent(seq, kept.hash.hex(), kept.text), source)
    if entry is None or entry.kind not in VERBS:
        raise StillFails(cause="unreadable")
    try:
        with tx.begin_nested():
            result = _post_run(tx, source, [entry])[0]
    except OperationalError:
        raise
    except (DBAPIError, Refusal, msgspec.ValidationError, ValueError) as trouble:
        raise StillFails(cause=_cause(trouble)) from trouble
    return _resolved(tx, kept, dict(result), "journal", by, now)


def set_aside(
    tx: Session, *, till_id: UUID, epoch: int, seq: int, reason: str, by: identity.Principal, now: datetime
) -> Taken:
    """Somebody signs that an entry is not to be posted; its text stays, its doubt ends. Refuses ``NotFound``."""
    kept, _ = _held(tx, till_id, epoch, seq)
    return _resolved(tx, kept, {"set_aside": reason}, "assertion", by, now)


def _held(tx: Session, till_id: UUID, epoch: int, seq: int) -> tuple[SyncEntry, identity.TillFacts]:
    """An entry in quarantine, under its branch's lock: posting it may end an opening."""
    kept = tx.get(SyncEntry, (till_id, epoch, seq))
    if kept is None:
        raise NotFound
    till = identity.till_facts_of(tx, till_id)
    inventory.lock_branch(tx, location_id=till.location_id)
    tx.refresh(kept, with_for_update=True)
    if kept.status != "quarantined":
        raise NotFound
    return kept, till


def _resolved(
    tx: Session,
    kept: SyncEntry,
    result: Mapping[str, Any],
    closed_by: Literal["journal", "assertion"],
    by: identity.Principal,
    now: datetime,
) -> Taken:
    kept.status, kept.result = "resolved", dict(result)
    kept.resolved_by, kept.resolved_at = by.staff_id, now
    ref = _ref(kept.till_id, kept.epoch, kept.seq)
    inventory.close_doubts(tx, reason="quarantine", ref=ref, closed_by=closed_by, now=now)
    inventory.close_exceptions(tx, kind="quarantine", ref=ref, now=now)
    return Taken(kept.seq, "resolved", result)


def _first_results(tx: Session, till_id: UUID, epoch: int, sent: Sequence[Sent]) -> list[Taken]:
    if not sent:
        return []
    kept = {
        row.seq: row
        for row in tx.scalars(
            select(SyncEntry).where(
                SyncEntry.till_id == till_id, SyncEntry.epoch == epoch, SyncEntry.seq.in_([s.seq for s in sent])
            )
        )
    }
    taken = []
    for one in sent:
        row = kept.get(one.seq)
        if row is None or row.hash.hex() != one.hash:
            raise JournalForked(seq=one.seq)
        taken.append(Taken(one.seq, row.status, row.result))  # type: ignore[arg-type] # the CHECK names the three
    return taken


def _post_all(tx: Session, source: Source, fresh: Sequence[Sent]) -> list[Taken]:
    """Post runs of one kind at a time, in order; a run that fails is posted one by one."""
    taken: list[Taken] = []
    read = [(sent, _read(sent, source)) for sent in fresh]
    for kind, group in groupby(read, key=lambda pair: None if pair[1] is None else pair[1].kind):
        pairs = list(group)
        for start in range(0, len(pairs), RUN):
            run = pairs[start : start + RUN]
            if kind is None or kind not in VERBS:
                taken += [_quarantine(tx, source, sent, entry, "unreadable") for sent, entry in run]
            else:
                taken += _post_or_split(tx, source, [(sent, entry) for sent, entry in run if entry is not None])
    return taken


def _post_or_split(tx: Session, source: Source, run: Sequence[tuple[Sent, Entry]]) -> list[Taken]:
    try:
        with tx.begin_nested():
            results = _post_run(tx, source, [entry for _, entry in run])
            _keep(tx, source, [(sent, entry, "posted", result) for (sent, entry), result in zip(run, results, strict=True)])
            return [Taken(sent.seq, "posted", result) for (sent, _), result in zip(run, results, strict=True)]
    except OperationalError:
        raise
    except (DBAPIError, Refusal, msgspec.ValidationError, ValueError) as trouble:
        if len(run) > 1:
            return [taken for pair in run for taken in _post_or_split(tx, source, [pair])]
        sent, entry = run[0]
        log.warning("journal entry quarantined", till=str(source.till.id), seq=sent.seq, trouble=type(trouble).__name__)
        return [_quarantine(tx, source, sent, entry, _cause(trouble))]


def _post_run(tx: Session, source: Source, entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    return VERBS[entries[0].kind](tx, source, entries)


def _read(sent: Sent, source: Source) -> Entry | None:
    try:
        entry = _decode(sent.text)
    except msgspec.DecodeError:
        return None
    fits = entry.seq == sent.seq and entry.epoch == source.epoch and entry.schema_v in SCHEMAS
    return entry if fits and entry.at.tzinfo is not None else None


Kept = tuple[Sent, Entry | None, Literal["posted", "quarantined"], Mapping[str, Any]]


def _keep(tx: Session, source: Source, kept: Sequence[Kept]) -> None:
    """Store entries with what became of them: many in one statement, for a till comes back with a thousand."""
    tx.execute(
        insert(SyncEntry),
        [
            {
                "till_id": source.till.id,
                "epoch": source.epoch,
                "seq": sent.seq,
                "entry_id": None if entry is None else entry.entry_id,
                "hash": bytes.fromhex(sent.hash),
                "kind": "UNREADABLE" if entry is None else entry.kind,
                "schema_v": None if entry is None else entry.schema_v,
                "text": sent.text,
                "status": status,
                "result": dict(result),
                "occurred_at": None if entry is None else entry.at,
            }
            for sent, entry, status, result in kept
        ],
    )


def _quarantine(tx: Session, source: Source, sent: Sent, entry: Entry | None, cause: str) -> Taken:
    """Keep an entry for a person: nobody trusts the balances it may have moved until then."""
    ref = _ref(source.till.id, source.epoch, sent.seq)
    inventory.doubt(
        tx,
        location_id=source.till.location_id,
        variant_ids=None if entry is None else _variants_in(entry),
        reason="quarantine",
        ref=ref,
        now=source.now,
    )
    inventory.note_exception(
        tx,
        kind="quarantine",
        severity="urgent",
        refs={"entry": ref, "cause": cause},
        location_id=source.till.location_id,
        now=source.now,
    )
    _keep(tx, source, [(sent, entry, "quarantined", {"cause": cause})])
    return Taken(sent.seq, "quarantined", {"cause": cause})


def _variants_in(entry: Entry) -> list[UUID] | None:
    """The variants an entry speaks of; none when that cannot be told, which doubts the whole branch."""
    try:
        body = msgspec.json.decode(entry.body)
        return [UUID(line["variant_id"]) for line in body.get("lines", [])]
    except (msgspec.DecodeError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _cause(trouble: Exception) -> str:
    if isinstance(trouble, Refusal):
        return trouble.code
    return "constraint" if isinstance(trouble, DBAPIError) else "malformed"


def _ref(till_id: UUID, epoch: int, seq: int) -> str:
    return f"{till_id}/{epoch}/{seq}"


def end_forked(tx: Session, *, till: identity.TillFacts, epoch: int, now: datetime) -> None:
    """End an epoch whose history has two versions; the till is paired anew."""
    tx.execute(
        text(
            "UPDATE till_epoch SET ended_at = :now, end_reason = 'forked' "
            "WHERE till_id = :till AND epoch = :epoch AND ended_at IS NULL"
        ),
        {"now": now, "till": till.id, "epoch": epoch},
    )
    if epoch == till.epoch:
        inventory.lose(tx, till_id=till.id, location_id=till.location_id, now=now)
