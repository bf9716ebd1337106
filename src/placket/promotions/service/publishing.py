"""Drafting, publishing and stopping promotions. A published version never changes; the book's number rises with each."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket import events
from placket.core.refusals import NotFound
from placket.promotions.models import (
    PromoBookEntry,
    PromoState,
    PromotionDraft,
    PromotionHeard,
    PromotionLimit,
    PromotionVersion,
)
from placket.promotions.refusals import NotLive, PromotionChanged, PromotionMalformed, UnknownGoods
from placket.promotions.terms import Bundle, BuyGet, Gift, Goods, Limits, Promotion

NAMED_IN: Final[Mapping[str, str]] = {
    "category": "category WHERE id::text",
    "season": "season WHERE code",
    "style": "style WHERE id::text",
    "variant": "variant WHERE id::text",
    "branch": "location WHERE id::text",
}

GIVEN: Final = text(
    "SELECT coalesce(sum(uses), 0) AS uses, coalesce(sum(pieces), 0) AS pieces, coalesce(sum(amount_vnd), 0) AS spent_vnd "
    "FROM promotion_use WHERE promotion_id = :promotion_id"
)


def read_terms(promotion_id: UUID, version: int, terms: Mapping[str, Any]) -> Promotion:
    """The terms as the engine reads them. Refuses ``PromotionMalformed``."""
    try:
        return msgspec.convert({**terms, "id": str(promotion_id), "version": version}, Promotion)
    except msgspec.ValidationError as error:
        raise PromotionMalformed(what=str(error)) from error


def read_limits(limits: Mapping[str, Any]) -> Limits:
    """The limits as numbers. Refuses ``PromotionMalformed``."""
    try:
        return msgspec.convert(dict(limits), Limits)
    except msgspec.ValidationError as error:
        raise PromotionMalformed(what=str(error)) from error


def keep_draft(
    tx: Session,
    *,
    promotion_id: UUID,
    names: tuple[str, str],
    terms: Mapping[str, Any],
    limits: Mapping[str, Any],
    row_version: int | None,
    staff_id: UUID,
    now: datetime,
) -> int:
    """Keep a promotion's text (``row_version`` none: a new one) without publishing it; answers the new row version.

    Refuses ``PromotionMalformed``, ``UnknownGoods``, ``PromotionChanged``.
    """
    _demand_known(tx, read_terms(promotion_id, 1, terms))
    read_limits(limits)
    kept: dict[str, Any] = {
        "name_vi": names[0],
        "name_en": names[1],
        "terms": dict(terms),
        "limits": dict(limits),
        "changed_at": now,
    }
    if row_version is None:
        row = {"id": promotion_id, "created_at": now, "created_by": staff_id, **kept}
        made = insert(PromotionDraft).values(row).on_conflict_do_nothing().returning(PromotionDraft.row_version)
        found = tx.scalar(made)
    else:
        found = tx.scalar(
            update(PromotionDraft)
            .where(PromotionDraft.id == promotion_id, PromotionDraft.row_version == row_version)
            .values(**kept, row_version=row_version + 1)
            .returning(PromotionDraft.row_version)
        )
    if found is None:
        raise PromotionChanged(promotion_id=str(promotion_id))
    return found


def publish(tx: Session, *, promotion_id: UUID, row_version: int, staff_id: UUID, now: datetime) -> int:
    """Put the promotion's present text in force as a new version; answers the book's number.

    Refuses ``NotFound``, ``PromotionChanged``, ``UnknownGoods``.
    """
    promo_version = _next_book(tx)
    draft = _locked(tx, promotion_id, row_version)
    _demand_known(tx, read_terms(draft.id, draft.version + 1, draft.terms))
    draft.version += 1
    draft.state = "live"
    draft.row_version += 1
    draft.changed_at = now
    tx.flush()
    tx.add(
        PromotionVersion(
            promotion_id=draft.id,
            version=draft.version,
            name_vi=draft.name_vi,
            name_en=draft.name_en,
            terms=draft.terms,
            limits=draft.limits,
            published_at=now,
            published_by=staff_id,
        )
    )
    _set_limits(tx, draft.id, read_limits(draft.limits))
    _write_book(tx, promo_version, draft.id, draft.version, staff_id, now)
    return promo_version


def stop(tx: Session, *, promotion_id: UUID, row_version: int, staff_id: UUID, now: datetime) -> int:
    """Take a promotion out of the book at once. Refuses ``NotFound``, ``PromotionChanged``, ``NotLive``."""
    promo_version = _next_book(tx)
    draft = _locked(tx, promotion_id, row_version)
    if draft.state != "live":
        raise NotLive(promotion_id=str(promotion_id))
    draft.state = "stopped"
    draft.row_version += 1
    draft.changed_at = now
    tx.flush()
    _write_book(tx, promo_version, draft.id, None, staff_id, now)
    return promo_version


def note_heard(tx: Session, *, till_id: UUID, promo_version: int, skipped: list[str], now: datetime) -> None:
    """A till holds this book; ``skipped`` are promotions it does not understand. An older word changes nothing."""
    row = {"till_id": till_id, "promo_version": promo_version, "skipped": skipped, "at": now}
    told = insert(PromotionHeard).values(row)
    tx.execute(
        told.on_conflict_do_update(
            index_elements=["till_id"],
            set_={name: told.excluded[name] for name in ("promo_version", "skipped", "at")},
            where=PromotionHeard.promo_version <= told.excluded.promo_version,
        )
    )


def _next_book(tx: Session) -> int:
    """The book's next number; publications stand in one line behind its row."""
    raised = update(PromoState).values(promo_version=PromoState.promo_version + 1).returning(PromoState.promo_version)
    return int(tx.execute(raised).scalar_one())


def _locked(tx: Session, promotion_id: UUID, row_version: int) -> PromotionDraft:
    draft = tx.scalar(select(PromotionDraft).where(PromotionDraft.id == promotion_id).with_for_update())
    if draft is None:
        raise NotFound
    if draft.row_version != row_version:
        raise PromotionChanged(promotion_id=str(promotion_id))
    return draft


def _write_book(
    tx: Session, promo_version: int, promotion_id: UUID, version: int | None, staff_id: UUID, now: datetime
) -> None:
    tx.add(PromoBookEntry(promo_version=promo_version, promotion_id=promotion_id, version=version, at=now, by=staff_id))
    events.publish(
        tx,
        events.PROMOTIONS_CHANGED,
        key="promotions",
        key_version=promo_version,
        payload={"promo_version": promo_version},
    )


def _set_limits(tx: Session, promotion_id: UUID, limits: Limits) -> None:
    """What is used up stays used up when a promotion is published again; only how much there is changes."""
    row: dict[str, Any] = {"promotion_id": promotion_id, **msgspec.structs.asdict(limits)}
    if tx.get(PromotionLimit, promotion_id) is None:
        if limits == Limits():
            return
        # The first limit counts what was given before; sales under way are waited for, or see the new row at their end.
        tx.execute(text("LOCK TABLE promotion_use IN SHARE ROW EXCLUSIVE MODE"))
        row |= dict(tx.execute(GIVEN, {"promotion_id": promotion_id}).mappings().one())
    told = insert(PromotionLimit).values(row)
    tx.execute(
        told.on_conflict_do_update(
            index_elements=["promotion_id"],
            set_={name: told.excluded[name] for name in msgspec.structs.asdict(limits)}
            | {"version": PromotionLimit.version + 1},
        )
    )


def _demand_known(tx: Session, terms: Promotion) -> None:
    """Refuse ``UnknownGoods`` unless everything the terms name is there."""
    named: dict[str, set[str]] = {"branch": set(terms.where.locations or ())}
    for goods in _goods_of(terms):
        for kind, keys in (
            ("category", goods.categories),
            ("season", goods.seasons),
            ("style", goods.styles),
            ("variant", goods.variants),
        ):
            named.setdefault(kind, set()).update(keys or ())
    for kind, wanted in named.items():
        there = text(f"SELECT count(*) FROM {NAMED_IN[kind]} = ANY(:wanted)")  # noqa: S608 - our own names
        if wanted and tx.scalar(there, {"wanted": sorted(wanted)}) != len(wanted):
            raise UnknownGoods(kind=kind)


def _goods_of(terms: Promotion) -> Iterator[Goods]:
    reward = terms.reward
    found = [terms.goods]
    if isinstance(reward, Bundle):
        found += [part.goods for part in reward.parts]
    elif isinstance(reward, BuyGet | Gift) and reward.goods is not None:
        found.append(reward.goods)
    for goods in found:
        yield goods
        if goods.but_not is not None:
            yield goods.but_not
