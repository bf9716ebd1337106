"""Seeding ``role_grant``, once per verb: new verbs reach chains that were there before, what was taken away stays away."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.identity.models import RoleGrant, Setting
from placket.identity.roles import GRANTS, VERBS
from placket.identity.service.sessions import audit

SEEDED: Final = "verbs_seeded"


def seed_grants(tx: Session, *, now: datetime) -> list[str]:
    """Give the roles their grants of verbs that this database has not seen before; answers those verbs.

    A database from before the seeding was noted has seen the verbs that some role of it holds.
    """
    noted = tx.get(Setting, SEEDED)
    seen = set(noted.value if noted is not None else tx.scalars(select(RoleGrant.verb).distinct()))
    new = [verb for verb in VERBS if verb not in seen]
    if noted is not None and not new:
        return []
    rows = [
        {
            "role": role,
            "verb": verb,
            "discount_bp_max": grants[verb].discount_bp_max,
            "refund_vnd_max": grants[verb].refund_vnd_max,
        }
        for role, grants in GRANTS.items()
        for verb in new
        if verb in grants
    ]
    if rows:
        tx.execute(insert(RoleGrant).on_conflict_do_nothing(), rows)
    if rows and seen:  # not at the founding
        audit(tx, action="roles.seeded", subject_type="company", subject_id="1", actor=None, after={"verbs": new})
    note = {"key": SEEDED, "value": sorted(seen | set(VERBS)), "updated_at": now}
    tx.execute(insert(Setting).values(note).on_conflict_do_update(index_elements=["key"], set_=note))
    return new
