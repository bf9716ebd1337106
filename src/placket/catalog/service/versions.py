"""The row of versions, which every change of the catalogue takes first.

Changes of what is sold and of what it costs so stand in one line and cannot deadlock, and the version rises in the
transaction that makes the change. Also the two checks that every verb shares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.errors import LockNotAvailable
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from placket import events
from placket.catalog.models import CatalogueState
from placket.core.db import Base
from placket.core.refusals import Refusal


class CatalogueBusy(Refusal):
    """Somebody else is changing the catalogue for longer than we wait, an import most likely."""

    code = "catalogue_busy"
    vi = "Danh mục đang được cập nhật. Hãy thử lại sau một phút."
    en = "The catalogue is being updated. Try again in a minute."


class CodeTaken(Refusal):
    """The code (or slug) belongs to another thing of the same kind."""

    code = "code_taken"
    vi = "Mã {taken} đã được dùng. Hãy chọn mã khác."
    en = "The code {taken} is taken. Choose another one."


class UnknownReference(Refusal):
    """A category, season, size scale, VAT class, colour, size or list that the catalogue does not have."""

    code = "unknown_reference"
    vi = "Danh mục không có giá trị này ({kind}). Hãy tải lại trang và chọn lại."
    en = "The catalogue has no such {kind}. Reload the page and choose again."


class StaleVersion(Refusal):
    """The thing has been changed since the asker read it."""

    code = "stale_version"
    vi = "Có người vừa sửa mục này. Hãy tải lại rồi sửa tiếp."
    en = "Somebody has just changed this. Reload it and change it again."


@dataclass(frozen=True, slots=True)
class Versions:
    """The catalogue's versions after a change."""

    catalogue_version: int
    price_version: int


def raise_versions(tx: Session, *, goods: bool, prices: bool) -> Versions:
    """Count a change of what is sold, of what it costs, or of both, and publish it; call it before the change.

    The row stays locked until the transaction ends. May refuse ``CatalogueBusy`` after the lock timeout.
    """
    try:
        row = tx.execute(
            update(CatalogueState)
            .values(
                catalogue_version=CatalogueState.catalogue_version + int(goods),
                price_version=CatalogueState.price_version + int(prices),
            )
            .returning(CatalogueState.catalogue_version, CatalogueState.price_version)
        ).one()
    except OperationalError as failure:
        if isinstance(failure.orig, LockNotAvailable):
            raise CatalogueBusy from failure
        raise
    versions = Versions(row.catalogue_version, row.price_version)
    if goods:
        state = {"catalogue_version": versions.catalogue_version}
        events.publish(tx, events.CATALOGUE_CHANGED, key="catalogue", key_version=versions.catalogue_version, payload=state)
    if prices:
        state = {"price_version": versions.price_version}
        events.publish(tx, events.PRICES_CHANGED, key="prices", key_version=versions.price_version, payload=state)
    return versions


def add(tx: Session, table: type[Base], key: UUID, code: str, row: Mapping[str, Any]) -> None:
    """Insert a row whose code must be its own. May refuse ``CodeTaken``."""
    added = tx.scalar(insert(table).values({"id": key, **row}).on_conflict_do_nothing().returning(table.__table__.c.id))
    if added is None:
        raise CodeTaken(taken=code)


def known(tx: Session, table: type[Base], key: UUID) -> None:
    """Refuse ``UnknownReference`` unless the table has the key."""
    if tx.get(table, key) is None:
        raise UnknownReference(kind=table.__tablename__, id=str(key))
