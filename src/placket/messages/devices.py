"""Browsers whose owners want to be told of something (an order) by push: remembered, forgotten."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.core.ids import new_id
from placket.core.refusals import Refusal
from placket.messages.models import PushDevice
from placket.messages.push import Device, is_device

DEVICES_MAX: Final = 5
KEPT: Final = timedelta(days=90)


class NoDevice(Refusal):
    """Not a browser that can be written to."""

    code = "no_device"
    status = 422
    vi = "Trình duyệt này không nhận thông báo được. Chúng tôi vẫn báo qua e-mail hoặc tin nhắn."
    en = "This browser cannot get notifications. We still tell you by e-mail or SMS."


def tell_device(tx: Session, *, subject_id: UUID, device: Device, now: datetime) -> None:
    """Tell a browser of something from now on; the newest few are told. Again it changes nothing. Refuses ``NoDevice``."""
    if not is_device(device):
        raise NoDevice
    keys = {"p256dh": device.p256dh, "auth": device.auth}
    row = {"id": new_id(), "subject_id": subject_id, "endpoint": device.endpoint, "made_at": now} | keys
    tx.execute(insert(PushDevice).values(row).on_conflict_do_update(index_elements=["subject_id", "endpoint"], set_=keys))
    newest = devices_of(tx, subject_id)[:DEVICES_MAX]
    tx.execute(delete(PushDevice).where(PushDevice.subject_id == subject_id, PushDevice.id.not_in(newest)))


def stop_device(tx: Session, *, subject_id: UUID, endpoint: str) -> None:
    """Tell a browser no more of it."""
    tx.execute(delete(PushDevice).where(PushDevice.subject_id == subject_id, PushDevice.endpoint == endpoint))


def devices_of(tx: Session, subject_id: UUID) -> list[UUID]:
    """The browsers that are told of something, the newest first; each is an address of the channel ``push``."""
    query = select(PushDevice.id).where(PushDevice.subject_id == subject_id)
    return list(tx.scalars(query.order_by(PushDevice.made_at.desc(), PushDevice.id.desc())))


def device_at(tx: Session, address: str) -> Device | None:
    """A browser by its address, unless it has been forgotten."""
    row = tx.get(PushDevice, UUID(address))
    return None if row is None else Device(row.endpoint, row.p256dh, row.auth)


def forget_device(tx: Session, address: str) -> None:
    """The browser is gone, whatever it was told of."""
    gone = select(PushDevice.endpoint).where(PushDevice.id == UUID(address)).scalar_subquery()
    tx.execute(delete(PushDevice).where(PushDevice.endpoint == gone))


def prune_devices(tx: Session, *, now: datetime) -> int:
    """Forget browsers of what is long over; answers how many."""
    return len(tx.execute(delete(PushDevice).where(PushDevice.made_at < now - KEPT).returning(PushDevice.id)).all())
