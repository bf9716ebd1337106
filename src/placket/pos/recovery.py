"""Entries of an ended epoch, handed in from a second copy: what a wiped or broken till had not sent yet."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from placket import identity
from placket.core.refusals import Refusal
from placket.pos import journal


class EpochInForce(Refusal):
    """A copy of the epoch that the till writes now: only the till itself hands that in."""

    code = "epoch_in_force"
    vi = "Phiên ghép máy này còn dùng, nên chỉ chính máy gửi được nhật ký của nó."
    en = "This epoch is still in force; only the till itself hands in its journal."


def recover(
    tx: Session,
    *,
    till: identity.TillFacts,
    epoch: int,
    entries: Sequence[journal.Sent],
    head_seq: int,
    by: identity.Principal,
    now: datetime,
) -> tuple[int, list[journal.Taken]]:
    """Post what a second copy kept of an ended epoch of this till; answers as ``take_over`` does.

    Also refuses ``EpochInForce``: nobody goes on from a copy. A copy that disagrees changes nothing.
    """
    if epoch >= till.epoch:
        raise EpochInForce
    posted_seq, taken = journal.take_over(tx, till=till, epoch=epoch, entries=entries, head_seq=head_seq, now=now)
    if taken:
        identity.audit(
            tx,
            action="journal.recovered",
            subject_type="till",
            subject_id=till.id,
            actor=by,
            after={"epoch": epoch, "from_seq": taken[0].seq, "posted_seq": posted_seq},
        )
    return posted_seq, taken
