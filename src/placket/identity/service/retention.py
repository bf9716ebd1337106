"""What identity forgets, and when: see docs/retention.md."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from placket.identity.models import AttemptLimit, PairingCode, StaffSession

SESSIONS = timedelta(days=30)
PAIRING_CODES = timedelta(days=7)
ATTEMPTS = timedelta(days=1)


def prune(tx: Session, *, now: datetime) -> dict[str, int]:
    """Forget sessions and codes that ended long ago, and attempts that count no more; answers how many of each."""
    ended = or_(StaffSession.expires_at < now - SESSIONS, StaffSession.revoked_at < now - SESSIONS)
    locked = AttemptLimit.locked_until.is_(None) | (AttemptLimit.locked_until < now)
    wishes = {
        "sessions": delete(StaffSession).where(ended).returning(StaffSession.id),
        "pairing_codes": delete(PairingCode)
        .where(PairingCode.expires_at < now - PAIRING_CODES)
        .returning(PairingCode.code_hash),
        "attempts": delete(AttemptLimit)
        .where(AttemptLimit.window_starts_at < now - ATTEMPTS, locked)
        .returning(AttemptLimit.subject),
    }
    return {name: len(tx.execute(wish).all()) for name, wish in wishes.items()}
