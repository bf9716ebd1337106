"""Verbs of the company's settings: values that it may change and every process and till holds."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket import events
from placket.identity.access import Principal
from placket.identity.models import Setting
from placket.identity.queries import DEFAULTS, setting
from placket.identity.service.sessions import audit

CASH_ROUNDING: Final = "cash_rounding_vnd"
# The most cash that a drawer may come to while its till sells without the server.
DRAWER_MAX: Final = "drawer_vnd_max"


def set_setting(tx: Session, *, key: str, value: Any, actor: Principal, now: datetime) -> None:  # noqa: ANN401 - JSON
    """Change a setting; whoever holds it hears of it within a second."""
    assert key in DEFAULTS, "settings are named in one place"
    before = setting(tx, key)
    row = {"key": key, "value": value, "updated_at": now, "updated_by": actor.staff_id}
    tx.execute(insert(Setting).values(row).on_conflict_do_update(index_elements=["key"], set_=row))
    audit(
        tx,
        action="setting.changed",
        subject_type="setting",
        subject_id=key,
        actor=actor,
        before={"value": before},
        after={"value": value},
    )
    version = tx.scalar(text("SELECT pg_current_xact_id()::text::bigint")) or 0
    events.publish(tx, events.SETTINGS_CHANGED, key="settings", key_version=version, payload={key: value})
