"""Builders: a test says in a sentence what the shop looks like, and shows every value it depends on.

Everything is made by the product's own verbs where there is one. Builders of rows take ``tx`` first and never commit;
``a_cart`` makes the JSON that a till sends to ``POST /api/sales``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from placket import catalog, identity, inventory
from placket.catalog.models import CatalogueState, Category, Colour, PriceList, Size, SizeScale, VatClass
from placket.core import clock
from placket.core.ids import new_id
from placket.core.money import rounded_to
from placket.einvoices.models import EinvoiceTerms
from placket.identity.access import new_token, token_hash
from placket.identity.models import Company, StaffSession, Till
from placket.inventory.models import Location

LONG_AGO = datetime(2025, 7, 1, tzinfo=UTC)
SIZES = ("S", "M", "L", "XL")
PIN = "123456"
PASSWORD = "mot-mat-khau-dai"


def a_company(tx: Session) -> UUID:
    """The company with its seeded roles; answers the incarnation. There is one, however often it is asked for."""
    known = tx.get(Company, 1)
    made = known or identity.create_company(tx, name="Lụa", tax_code=None, address=None, phone=None, now=LONG_AGO)
    return made.incarnation


def a_branch(tx: Session, code: str = "HN01", *, city: str = "Hà Nội", name: str | None = None) -> UUID:
    """A branch: has tills, sells over the counter."""
    return _a_location(tx, code, kind="branch", city=city, name=name or f"Chi nhánh {code}")


def a_depot(tx: Session, code: str = "KHO", *, city: str = "Hà Nội") -> UUID:
    """A depot: has no tills, serves the web and every branch."""
    return _a_location(tx, code, kind="depot", city=city, name="Kho trung tâm")


def _a_location(tx: Session, code: str, *, kind: str, city: str, name: str) -> UUID:
    a_company(tx)
    position = len(tx.scalars(select(Location.id)).all()) + 1
    place = Location(
        id=new_id(), code=code, name=name, kind=kind, city=city, position=position, opening_hours={}, opened_on=LONG_AGO
    )
    tx.add(place)
    tx.flush()
    return place.id


@dataclass(frozen=True)
class Person:
    """Somebody of the staff who is signed in."""

    id: UUID
    token: str
    session_id: UUID

    @property
    def bearer(self) -> dict[str, str]:
        """The header that says who is asking."""
        return {"authorization": f"Bearer {self.token}"}


def a_person(
    tx: Session,
    role: str = "owner",
    *,
    at: UUID | None = None,
    till_id: UUID | None = None,
    email: str | None = None,
    password: str | None = None,
    pin: str | None = None,
    expires_in: timedelta = timedelta(hours=10),
) -> Person:
    """Somebody with one role, in the whole chain or at one location, signed in (at a till if one is given)."""
    a_company(tx)
    staff_id = new_id()
    identity.create_staff(
        tx,
        staff_id=staff_id,
        full_name=f"Nguyễn Thị {role}",
        email=email,
        roles=[identity.RoleHeld(role, at)],
        password=password,
        pin=pin,
        actor=None,
        now=LONG_AGO,
    )
    return signed_in(tx, staff_id, till_id=till_id, expires_in=expires_in)


def signed_in(
    tx: Session, staff_id: UUID, *, till_id: UUID | None = None, expires_in: timedelta = timedelta(hours=10)
) -> Person:
    """A session of a person, as signing in leaves it."""
    token, now = new_token(), clock.now()
    session = StaffSession(
        id=new_id(),
        token_hash=token_hash(token),
        staff_id=staff_id,
        till_id=till_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + expires_in,
    )
    tx.add(session)
    tx.flush()
    return Person(staff_id, token, session.id)


@dataclass
class TillAtWork:
    """A till, attached, with a cashier signed in. It gives its receipts their numbers, as a real one does."""

    id: UUID
    location_id: UUID
    number: int
    till_no: int
    device_token: str
    cashier: Person
    opening: int = 1
    epoch: int = 1
    last_receipt_no: int = 0

    @property
    def bearer(self) -> dict[str, str]:
        """The header of whoever is signed in at the till."""
        return self.cashier.bearer

    def next_receipt_no(self) -> int:
        """The number of the next sale; a till gives each number once."""
        self.last_receipt_no += 1
        return self.last_receipt_no


def einvoice_terms(tx: Session, *, letter_web: str = "T", buyer_minutes: int = 120) -> None:
    """The terms by which e-invoices are issued from July 2026 on."""
    tx.add(
        EinvoiceTerms(
            from_on=date(2026, 7, 1),
            form=1,
            letter_store="M",
            letter_web=letter_web,
            own_signs="LU",
            authority_signs="ABCDE",
            buyer_minutes=buyer_minutes,
            closes_at="23:55",
            legal_basis="NĐ 254/2026/NĐ-CP, TT 91/2026/TT-BTC",
            written_at=datetime(2026, 6, 30, tzinfo=UTC),
        )
    )
    tx.flush()


def a_till(tx: Session, location_id: UUID, *, cashier: UUID | None = None, attached: bool = True) -> TillAtWork:
    """A paired till of a branch in its first opening, with a cashier of its own unless one is given."""
    till = identity.create_till(tx, location_id=location_id, name="Quầy", now=LONG_AGO)
    device_token = new_token()
    row = tx.get_one(Till, till.id)
    row.token_hash, row.paired_at = token_hash(device_token), LONG_AGO
    tx.flush()
    if attached:
        inventory.attach(tx, till_id=till.id, epoch=1, opening=1, head_seq=0, location_id=location_id, now=clock.now())
    person = (
        a_person(tx, "cashier", at=location_id, till_id=till.id)
        if cashier is None
        else signed_in(tx, cashier, till_id=till.id)
    )
    return TillAtWork(till.id, location_id, till.number, till.till_no, device_token, person)


@dataclass(frozen=True)
class Goods:
    """A style, and its variants by ``colour-size`` (``DEN-M``)."""

    style_id: UUID
    price_vnd: int
    variants: Mapping[str, UUID]

    @property
    def one(self) -> UUID:
        """Its only variant."""
        (variant_id,) = self.variants.values()
        return variant_id

    @property
    def all(self) -> list[UUID]:
        """Every variant."""
        return list(self.variants.values())


def a_style(
    tx: Session,
    code: str = "AO0001",
    *,
    name_vi: str = "Áo sơ mi lụa",
    price_vnd: int = 199_000,
    vat_bp: int = 800,
    colours: Sequence[str] = ("DEN",),
    sizes: Sequence[str] = ("M",),
) -> Goods:
    """A style with its variants and an own barcode each, at one price in every branch and channel since long ago."""
    shelf = _shelf(tx, colours, vat_bp)
    style_id = new_id()
    variant_ids = catalog.create_style(
        tx,
        style_id=style_id,
        code=code,
        name_vi=name_vi,
        name_en="A style",
        category_id=shelf.category_id,
        size_scale_id=shelf.size_scale_id,
        vat_class_id=shelf.vat_class_id,
        colour_ids=[shelf.colours[colour] for colour in colours],
        size_ids=[shelf.sizes[size] for size in sizes],
        now=LONG_AGO,
    )
    catalog.set_prices(tx, price_list_id=shelf.price_list_id, prices=[(style_id, None, price_vnd)])
    names = [f"{colour}-{size}" for colour in sorted(colours) for size in sorted(sizes, key=SIZES.index)]
    return Goods(style_id, price_vnd, dict(zip(names, variant_ids, strict=True)))


@dataclass
class _Shelf:
    """What styles refer to; made once in a database."""

    category_id: UUID
    size_scale_id: UUID
    vat_class_id: UUID
    price_list_id: UUID
    sizes: dict[str, UUID] = field(default_factory=dict)
    colours: dict[str, UUID] = field(default_factory=dict)


def _shelf(tx: Session, colours: Sequence[str], vat_bp: int) -> _Shelf:
    category_id = tx.scalar(select(Category.id).where(Category.slug == "ao"))
    if category_id is None:
        category_id = new_id()
        catalog.create_category(tx, category_id=category_id, slug="ao", name_vi="Áo", name_en="Tops", position=1)
        catalog.create_size_scale(
            tx,
            size_scale_id=new_id(),
            code="S-XL",
            name_vi="S đến XL",
            name_en="S to XL",
            sizes=[(new_id(), size) for size in SIZES],
        )
        catalog.create_price_list(tx, price_list_id=new_id(), code="GOC", name="Giá gốc", starts_at=LONG_AGO, now=LONG_AGO)
    for colour in colours:
        if tx.scalar(select(Colour.id).where(Colour.code == colour)) is None:
            catalog.create_colour(
                tx, colour_id=new_id(), code=colour, name_vi=colour.title(), name_en=colour.title(), hex_value="#111111"
            )
    vat_code = f"VAT{vat_bp}"
    if tx.scalar(select(VatClass.id).where(VatClass.code == vat_code)) is None:
        vat_class_id = new_id()
        catalog.create_vat_class(tx, vat_class_id=vat_class_id, code=vat_code, name_vi=vat_code, name_en=vat_code)
        catalog.set_vat_rate(
            tx, vat_class_id=vat_class_id, starts_on=date(2025, 7, 1), rate_bp=vat_bp, legal_basis="NĐ 174/2025/NĐ-CP"
        )
    scale_id = tx.scalars(select(SizeScale.id).where(SizeScale.code == "S-XL")).one()
    return _Shelf(
        category_id=category_id,
        size_scale_id=scale_id,
        vat_class_id=tx.scalars(select(VatClass.id).where(VatClass.code == vat_code)).one(),
        price_list_id=tx.scalars(select(PriceList.id).where(PriceList.code == "GOC")).one(),
        sizes={row.code: row.id for row in tx.scalars(select(Size).where(Size.size_scale_id == scale_id))},
        colours={row.code: row.id for row in tx.scalars(select(Colour))},
    )


def stocked(tx: Session, location_id: UUID, pieces: Mapping[UUID, int]) -> UUID:
    """Pieces (variant → how many) at a location, by one opening document; answers its id."""
    document_id = new_id()
    inventory.adjust(
        tx,
        document_id=document_id,
        kind="opening",
        reason="Tồn đầu kỳ",
        location_id=location_id,
        lines=[inventory.Move(variant_id, qty) for variant_id, qty in pieces.items()],
        by=inventory.By(None),
        now=LONG_AGO,
    )
    return document_id


def price_version(tx: Session) -> int:
    """The version of the prices in force."""
    return tx.scalars(select(CatalogueState.price_version)).one()


def a_cart(
    till: TillAtWork,
    *lines: tuple[UUID, int, int],
    source_id: UUID | None = None,
    sale_id: UUID | None = None,
    receipt_no: int | None = None,
    opening: int | None = None,
    customer_id: UUID | None = None,
    rounding_step_vnd: int = 1000,
    at: datetime | None = None,
) -> dict[str, Any]:
    """The body of ``POST /api/sales``: lines of (variant, pieces, unit price), paid exactly in cash.

    From the till's own branch unless a source is given; under the till's next receipt number unless one is given.
    """
    total_vnd = sum(qty * unit_vnd for _, qty, unit_vnd in lines)
    cash_vnd = rounded_to(total_vnd, rounding_step_vnd)
    return {
        "id": str(sale_id or new_id()),
        "opening": opening or till.opening,
        "receipt_no": receipt_no or till.next_receipt_no(),
        "price_version": 1,
        "promo_version": 0,
        "at": (at or clock.now()).isoformat(),
        "lines": [
            {
                "variant_id": str(variant_id),
                "qty": qty,
                "source_id": str(source_id or till.location_id),
                "unit_vnd": unit_vnd,
            }
            for variant_id, qty, unit_vnd in lines
        ],
        "total_vnd": total_vnd,
        "rounding_vnd": cash_vnd - total_vnd,
        "tenders": [{"kind": "cash", "amount_vnd": cash_vnd, "tendered_vnd": cash_vnd, "change_vnd": 0}],
        "customer_id": None if customer_id is None else str(customer_id),
    }


def a_promise(
    location_id: UUID, *lines: tuple[UUID, int], promise_id: UUID | None = None, hold_s: int = 600, kind: str = "ship"
) -> dict[str, Any]:
    """The body of ``POST /api/promises``: lines of (variant, pieces)."""
    return {
        "id": str(promise_id or new_id()),
        "location_id": str(location_id),
        "kind": kind,
        "lines": [{"variant_id": str(variant_id), "qty": qty} for variant_id, qty in lines],
        "hold_s": hold_s,
    }
