"""Customers are made, changed and merged. A phone number belongs to one person; a second id for it becomes an alias."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from placket.core.refusals import NotFound, Refusal
from placket.crm.merge_models import CustomerApart
from placket.crm.models import Consent, Customer, CustomerAccount, CustomerBranch
from placket.crm.rules import given_name_of, masked_phone, phone_of
from placket.crm.service.accounts import By, locked_accounts, locked_survivor, tell

NOBODY: Final = By(None)

Purpose = Literal["loyalty", "marketing", "personalisation"]
Detail = Literal["full_name", "phone", "email", "birthday"]
Channel = Literal["till", "office", "web", "import"]
Language = Literal["vi", "en"]


class PhoneInvalid(Refusal):
    """What was typed is no phone number."""

    code = "phone_invalid"
    vi = "Số điện thoại chưa đúng. Kiểm tra lại từng số."
    en = "This is not a valid phone number. Check the digits."


class PhoneTaken(Refusal):
    """The phone number belongs to somebody we know; ``customer_id`` says who."""

    code = "phone_taken"
    vi = "Số này đã là của {full_name} ({phone}). Chọn khách đó."
    en = "This number belongs to {full_name} ({phone}). Choose them instead."


class CustomerIdReused(Refusal):
    """Another customer was made under this id."""

    code = "customer_id_reused"
    vi = "Mã khách hàng này đã dùng cho người khác."
    en = "This customer id belongs to somebody else."


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day and a month."""

    day: int
    month: int


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a customer, as it was typed. A language that is not named stays as it was."""

    full_name: str
    phone: str | None
    birthday: Birthday | None = None
    note: str | None = None
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """A word of consent: given or taken back, in which version of which text; ``way`` narrows marketing to one channel."""

    purpose: Purpose
    granted: bool
    text_version: str
    way: str | None = None


def create_customer(
    tx: Session,
    *,
    customer_id: UUID,
    details: Details,
    home_location_id: UUID | None,
    agreed: list[Agreed],
    channel: Channel,
    by: By,
    now: datetime,
) -> Customer:
    """Make a customer; asked again with the same id it answers the same one.

    Refuses ``PhoneInvalid``, ``PhoneTaken``, ``CustomerIdReused``.
    """
    phone = _valid(details.phone)
    known = tx.get(Customer, customer_id)
    if known is not None:
        if (known.phone, known.full_name) != (phone, _spaced(details.full_name)):
            raise CustomerIdReused
        return known
    if phone is not None and (owner := _owner_of(tx, phone)) is not None:
        raise _taken(owner)
    made = _insert(tx, customer_id, details, phone=phone, home_location_id=home_location_id, now=now, merged_into=None)
    if made is None:  # in the same moment somebody else has made them
        owner = _owner_of(tx, phone or "")
        raise CustomerIdReused if owner is None else _taken(owner)
    _know_at(tx, customer_id, home_location_id)
    locked_accounts(tx, [customer_id])
    for word in agreed:
        note_consent(tx, customer_id=customer_id, word=word, channel=channel, by=by, at=now)
    tell(tx, customer_id)
    return made


def change_customer(tx: Session, *, customer_id: UUID, details: Details, by: By) -> Customer:
    """Change what is known of a customer. Refuses ``NotFound``, ``PhoneInvalid``, ``PhoneTaken``."""
    del by  # who it was stands in the audit log
    phone = _valid(details.phone)
    survivor = locked_survivor(tx, customer_id)
    owner = None if phone is None else _owner_of(tx, phone)
    if owner is not None and owner.id != survivor:
        raise _taken(owner)
    customer = tx.get_one(Customer, survivor)
    _set(customer, details, phone)
    tx.flush()
    tell(tx, survivor)
    return customer


def record_customer(
    tx: Session, *, customer_id: UUID, details: Details, agreed: list[Agreed], location_id: UUID, by: By, at: datetime
) -> Customer:
    """Take over a customer that a till has made or changed, also without network; refuses nobody.

    A number that belongs to somebody already makes this id an alias of them, and what the two had adds up. Without a
    valid number the customer stands without one, and what was typed is kept as a note.
    """
    phone = None if details.phone is None else phone_of(details.phone)
    if phone is None and details.phone:
        details = Details(details.full_name, None, details.birthday, _and_typed(details))
    owner = None if phone is None else _owner_of(tx, phone)
    known = tx.get(Customer, customer_id)
    if known is None:
        alias_of = None if owner is None else owner.id
        if (
            _insert(tx, customer_id, details, phone=phone, home_location_id=location_id, now=at, merged_into=alias_of)
            is None
        ):
            # Another till has made the same person in this very moment: look again.
            return record_customer(
                tx, customer_id=customer_id, details=details, agreed=agreed, location_id=location_id, by=by, at=at
            )
    elif known.merged_into is None and owner is not None and owner.id != customer_id:
        merge_customers(tx, loser_id=customer_id, survivor_id=owner.id, at=at, by=by)
    elif known.merged_into is None:
        locked_accounts(tx, [customer_id])
        _set(known, details, phone or known.phone)
        tx.flush()
    survivor = locked_survivor(tx, customer_id)
    _know_at(tx, survivor, location_id)
    for word in agreed:
        if word.granted:  # a box left empty takes nothing back that was given elsewhere
            note_consent(tx, customer_id=survivor, word=word, channel="till", by=by, at=at)
    tell(tx, survivor)
    if survivor != customer_id:
        tell(tx, customer_id)
    return tx.get_one(Customer, survivor)


def merge_customers(
    tx: Session, *, loser_id: UUID, survivor_id: UUID, at: datetime, by: By = NOBODY, taken: Collection[Detail] = ()
) -> None:
    """Make one id an alias of another person: points with their lots, credit, holds, branches and old aliases move.

    Of the other's own details those ``taken`` become the survivor's. Refuses ``NotFound`` when either is an alias already
    or both are one.
    """
    locked_accounts(tx, [loser_id, survivor_id])
    both = tx.scalars(
        select(Customer).where(Customer.id.in_([loser_id, survivor_id])).execution_options(populate_existing=True)
    )
    if loser_id == survivor_id or {one.id for one in both if one.merged_into is None} != {loser_id, survivor_id}:
        raise NotFound
    facts = {"loser": loser_id, "survivor": survivor_id, "at": at, "staff": by.staff_id}
    for statement in _MERGE:
        tx.execute(text(statement), facts)
    if taken:
        columns = [column for detail in DETAILS if detail in taken for column in DETAILS[detail]]
        tx.execute(text(_KEEP_WAS.format(", ".join(f"'{column}', s.{column}" for column in columns))), facts)
        tx.execute(text(_TAKE.format(", ".join(f"{column} = l.{column}" for column in columns))), facts)
    tx.expire_all()
    tell(tx, loser_id)
    tell(tx, survivor_id)


def say_apart(tx: Session, *, one_id: UUID, other_id: UUID, apart: bool, staff_id: UUID, at: datetime) -> None:
    """Write down that two people (in the order of their ids) only look alike, or that it is open again."""
    pair = {"one_id": one_id, "other_id": other_id}
    if apart:
        said = upsert(CustomerApart).values(**pair, staff_id=staff_id, said_at=at)
        tx.execute(said.on_conflict_do_nothing())
    else:
        tx.execute(delete(CustomerApart).filter_by(**pair))


_MERGE = (
    """
    INSERT INTO customer_merge (loser_id, survivor_id, staff_id, merged_at, lots, aliases, points, credit_vnd, loser_earns,
                                survivor_earns, loser_profiled, survivor_profiled)
    SELECT :loser, :survivor, :staff, :at, ARRAY(SELECT id FROM loyalty_lot WHERE customer_id = :loser),
           ARRAY(SELECT id FROM customer WHERE merged_into = :loser), l.points, l.credit_vnd, l.earns, s.earns, l.profiled,
           s.profiled
      FROM customer_account l JOIN customer_account s ON s.customer_id = :survivor WHERE l.customer_id = :loser
    """,
    """
    INSERT INTO loyalty_entry (customer_id, lot_id, kind, points, ref, occurred_at)
    SELECT side.customer_id, l.id, 'merge', side.sign * l.left_points, :loser, :at
      FROM loyalty_lot l
     CROSS JOIN (VALUES (CAST(:loser AS uuid), -1), (CAST(:survivor AS uuid), 1)) AS side(customer_id, sign)
     WHERE l.customer_id = :loser AND l.left_points > 0
     ORDER BY l.expires_at, l.id, side.sign
    """,
    "UPDATE loyalty_lot SET customer_id = :survivor WHERE customer_id = :loser",
    """
    INSERT INTO credit_entry (customer_id, kind, amount_vnd, ref, occurred_at)
    SELECT side.customer_id, 'merge', side.sign * a.credit_vnd, :loser, :at
      FROM customer_account a
     CROSS JOIN (VALUES (CAST(:loser AS uuid), -1), (CAST(:survivor AS uuid), 1)) AS side(customer_id, sign)
     WHERE a.customer_id = :loser AND a.credit_vnd <> 0
    """,
    """
    UPDATE customer_account s
       SET points = s.points + l.points, credit_vnd = s.credit_vnd + l.credit_vnd,
           credit_held_vnd = s.credit_held_vnd + l.credit_held_vnd, earns = s.earns OR l.earns,
           profiled = s.profiled AND l.profiled
      FROM customer_account l WHERE s.customer_id = :survivor AND l.customer_id = :loser
    """,
    """
    UPDATE customer_account SET points = 0, credit_vnd = 0, credit_held_vnd = 0, earns = false WHERE customer_id = :loser
    """,
    "UPDATE right_hold SET resource_id = :survivor WHERE resource_id = :loser",
    """
    INSERT INTO customer_branch (location_id, customer_id, last_sold_at)
    SELECT location_id, :survivor, last_sold_at FROM customer_branch WHERE customer_id = :loser ORDER BY location_id
    ON CONFLICT (location_id, customer_id)
    DO UPDATE SET last_sold_at = greatest(customer_branch.last_sold_at, excluded.last_sold_at)
    """,
    """
    WITH said AS (
    INSERT INTO consent (customer_id, purpose, granted, channel, text_version, staff_id, till_id, given_at, way)
    SELECT :survivor, c.purpose, c.granted, c.channel, c.text_version, c.staff_id, c.till_id, c.given_at, c.way
      FROM consent c
     WHERE c.customer_id = :loser AND (c.granted = (c.purpose <> 'personalisation') OR c.way IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM consent later
                        WHERE later.customer_id = :loser AND later.purpose = c.purpose AND later.id > c.id
                          AND (later.way IS NULL OR later.way = c.way))
     ORDER BY c.id
    RETURNING id)
    UPDATE customer_merge SET words = ARRAY(SELECT id FROM said)
     WHERE id = (SELECT max(id) FROM customer_merge WHERE loser_id = :loser AND survivor_id = :survivor)
    """,
    "UPDATE customer SET merged_into = :survivor WHERE id = :loser OR merged_into = :loser",
)


# Which columns each detail stands in, and how a merge takes them: what the survivor's were is kept for whoever undoes it.
DETAILS: Final[Mapping[Detail, tuple[str, ...]]] = {
    "full_name": ("full_name", "given_name"),
    "phone": ("phone",),
    "email": ("email",),
    "birthday": ("birth_day", "birth_month"),
}
_KEEP_WAS: Final = """
    UPDATE customer_merge SET was = (SELECT jsonb_build_object({}) FROM customer s WHERE s.id = :survivor)
     WHERE id = (SELECT max(id) FROM customer_merge WHERE loser_id = :loser AND survivor_id = :survivor)
"""
_TAKE: Final = "UPDATE customer s SET {} FROM customer l WHERE s.id = :survivor AND l.id = :loser"


_KEPT_ON_ACCOUNT: Final = {"loyalty": "earns", "personalisation": "profiled"}


def note_consent(tx: Session, *, customer_id: UUID, word: Agreed, channel: Channel, by: By, at: datetime) -> None:
    """Write down that somebody agrees, or no longer does. Points are earned only while consent to loyalty is in force."""
    tx.execute(
        insert(Consent).values(
            customer_id=customer_id,
            purpose=word.purpose,
            granted=word.granted,
            channel=channel,
            text_version=word.text_version,
            staff_id=by.staff_id,
            till_id=by.till_id,
            given_at=at,
            way=word.way,
        )
    )
    column = _KEPT_ON_ACCOUNT.get(word.purpose)
    if column is not None:
        kept = update(CustomerAccount).where(CustomerAccount.customer_id == customer_id)
        tx.execute(kept.values({column: word.granted}))


def note_language(tx: Session, *, customer_id: UUID, language: Language) -> UUID:
    """Somebody reads this language: they are written to in it. Answers the person it stands for. Refuses ``NotFound``."""
    survivor = locked_survivor(tx, customer_id)
    tx.execute(update(Customer).where(Customer.id == survivor).values(language=language))
    return survivor


def stop_advertising(
    tx: Session, *, customer_id: UUID, way: str | None, text_version: str, channel: Channel, at: datetime
) -> UUID:
    """Somebody wants no more advertising by a channel, or by any (none named): what waits for them ends with this word.

    Answers the person it stands for. Said again it changes nothing. Refuses ``NotFound``.
    """
    survivor = locked_survivor(tx, customer_id)
    agreed = "SELECT 1 FROM marketing_consent WHERE customer_id = :id AND channel = coalesce(CAST(:way AS text), channel)"
    if tx.scalar(text(f"{agreed} LIMIT 1"), {"id": survivor, "way": way}):
        word = Agreed("marketing", granted=False, text_version=text_version, way=way)
        note_consent(tx, customer_id=survivor, word=word, channel=channel, by=NOBODY, at=at)
        tell(tx, survivor)
    return survivor


def _insert(
    tx: Session,
    customer_id: UUID,
    details: Details,
    *,
    phone: str | None,
    home_location_id: UUID | None,
    now: datetime,
    merged_into: UUID | None,
) -> Customer | None:
    """The new row, or none when somebody has this id or number already."""
    name = _spaced(details.full_name)
    values = {
        "id": customer_id,
        "full_name": name,
        "given_name": given_name_of(name),
        "phone": phone,
        "birth_day": None if details.birthday is None else details.birthday.day,
        "birth_month": None if details.birthday is None else details.birthday.month,
        "note": details.note or None,
        "language": details.language,
        "home_location_id": home_location_id,
        "merged_into": merged_into,
        "created_at": now,
    }
    return tx.scalar(upsert(Customer).values(values).on_conflict_do_nothing().returning(Customer))


def _set(customer: Customer, details: Details, phone: str | None) -> None:
    customer.full_name = _spaced(details.full_name)
    customer.given_name = given_name_of(customer.full_name)
    customer.phone = phone
    customer.birth_day = None if details.birthday is None else details.birthday.day
    customer.birth_month = None if details.birthday is None else details.birthday.month
    customer.note = details.note or None
    customer.language = details.language or customer.language


def _know_at(tx: Session, customer_id: UUID, location_id: UUID | None) -> None:
    if location_id is not None:
        made = upsert(CustomerBranch).values(location_id=location_id, customer_id=customer_id)
        tx.execute(made.on_conflict_do_nothing())


def _owner_of(tx: Session, phone: str) -> Customer | None:
    return tx.scalar(select(Customer).where(Customer.phone == phone, Customer.merged_into.is_(None)))


def _taken(owner: Customer) -> PhoneTaken:
    return PhoneTaken(customer_id=str(owner.id), full_name=owner.full_name, phone=masked_phone(owner.phone))


def _valid(typed: str | None) -> str | None:
    if not typed:
        return None
    phone = phone_of(typed)
    if phone is None:
        raise PhoneInvalid
    return phone


def _spaced(name: str) -> str:
    return " ".join(name.split())


def _and_typed(details: Details) -> str:
    return " · ".join(part for part in (details.note, f"SĐT: {details.phone}") if part)
