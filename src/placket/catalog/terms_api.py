"""Routes that change what goods refer to and what they cost: categories, seasons, colours, sizes, VAT, price lists."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, Field, model_validator

from placket import identity
from placket.catalog.service.prices import create_price_list, note_heard, set_prices
from placket.catalog.service.references import (
    create_category,
    create_colour,
    create_season,
    create_size_scale,
    create_vat_class,
    set_vat_rate,
)
from placket.catalog.service.versions import CatalogueBusy, CodeTaken, UnknownReference
from placket.catalog.style_api import LINE, Name, Write, changing
from placket.core import clock
from placket.core.http import Id, Strict, refuses
from placket.core.ids import new_id

router = APIRouter(prefix="/api/catalogue", tags=["catalogue"])

Price = Annotated[identity.Principal, Depends(identity.Permit("price.write"))]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,23}$")]
PlainCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,12}$")]
Day = Annotated[date, Field(strict=False)]
Moment = Annotated[AwareDatetime, Field(strict=False)]
ADDED = refuses(CodeTaken, UnknownReference, CatalogueBusy)


class PricesHeard(Strict):
    """A till's word on its prices."""

    price_version: Annotated[int, Field(ge=0, le=2**53)]


class CategoryNew(Strict):
    """A category; the id is made by the client."""

    id: Id
    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
    name_vi: Name
    name_en: Name
    position: Annotated[int, Field(ge=0, le=10_000)]
    parent_id: Id | None = None


class SeasonNew(Strict):
    """A season, both days inclusive."""

    id: Id
    code: Code
    name_vi: Name
    name_en: Name
    starts_on: Day
    ends_on: Day

    @model_validator(mode="after")
    def ends_after_its_start(self) -> Self:
        """Refuse a season that ends before it starts."""
        if self.ends_on < self.starts_on:
            raise ValueError("ends_on lies before starts_on")
        return self


class ColourNew(Strict):
    """A colour; its code stands in SKUs."""

    id: Id
    code: PlainCode
    name_vi: Name
    name_en: Name
    hex: Annotated[str, Field(pattern=r"^#[0-9A-F]{6}$")]


class SizeScaleNew(Strict):
    """A scale with the codes of its sizes in their order."""

    id: Id
    code: Code
    name_vi: Name
    name_en: Name
    sizes: Annotated[list[Annotated[str, Field(max_length=12, pattern=LINE)]], Field(min_length=1, max_length=60)]


class VatClassNew(Strict):
    """A kind of goods that the law taxes alike."""

    id: Id
    code: Code
    name_vi: Name
    name_en: Name


class VatRateNew(Strict):
    """The rate of a class from a business day on, and the law it rests on."""

    starts_on: Day
    rate_bp: Annotated[int, Field(ge=0, le=10_000)]
    legal_basis: Name


class PriceListNew(Strict):
    """An empty list; docs/rules/prices.md says when it decides."""

    id: Id
    code: Code
    name: Name
    starts_at: Moment
    ends_at: Moment | None = None
    channel: Literal["store", "web"] | None = None
    location_id: Id | None = None
    priority: Annotated[int, Field(ge=0, le=1_000)] = 0

    @model_validator(mode="after")
    def ends_after_its_start(self) -> Self:
        """Refuse a list that ends before it starts."""
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("ends_at does not lie after starts_at")
        return self


class PriceNew(Strict):
    """A price, VAT included: of a style, or of one variant of it."""

    style_id: Id
    variant_id: Id | None = None
    price_vnd: Annotated[int, Field(ge=0, le=10**10)]


class PricesNew(Strict):
    """Prices to set in a list; those not named stay."""

    prices: Annotated[list[PriceNew], Field(min_length=1, max_length=1_000)]


@router.post("/categories", status_code=204, responses=ADDED)
def new_category(body: CategoryNew, who: Write, request: Request) -> None:
    """Add a category."""
    with changing(request, who, "category.created", body.id) as tx:
        create_category(tx, category_id=body.id, **body.model_dump(exclude={"id"}))


@router.post("/seasons", status_code=204, responses=ADDED)
def new_season(body: SeasonNew, who: Write, request: Request) -> None:
    """Add a season."""
    with changing(request, who, "season.created", body.id) as tx:
        create_season(tx, season_id=body.id, **body.model_dump(exclude={"id"}))


@router.post("/colours", status_code=204, responses=ADDED)
def new_colour(body: ColourNew, who: Write, request: Request) -> None:
    """Add a colour."""
    with changing(request, who, "colour.created", body.id) as tx:
        create_colour(tx, colour_id=body.id, code=body.code, name_vi=body.name_vi, name_en=body.name_en, hex_value=body.hex)


@router.post("/size-scales", status_code=204, responses=ADDED)
def new_size_scale(body: SizeScaleNew, who: Write, request: Request) -> None:
    """Add a size scale."""
    with changing(request, who, "size_scale.created", body.id) as tx:
        create_size_scale(
            tx,
            size_scale_id=body.id,
            code=body.code,
            name_vi=body.name_vi,
            name_en=body.name_en,
            sizes=[(new_id(), size.strip()) for size in body.sizes],
        )


@router.post("/vat-classes", status_code=204, responses=ADDED)
def new_vat_class(body: VatClassNew, who: Price, request: Request) -> None:
    """Add a VAT class; it sells nothing until it has a rate."""
    with changing(request, who, "vat_class.created", body.id) as tx:
        create_vat_class(tx, vat_class_id=body.id, **body.model_dump(exclude={"id"}))


@router.put("/vat-classes/{vat_class_id}/rates", status_code=204, responses=refuses(UnknownReference, CatalogueBusy))
def new_vat_rate(vat_class_id: UUID, body: VatRateNew, who: Price, request: Request) -> None:
    """Set the rate of a class from a day on."""
    with changing(request, who, "vat_rate.set", vat_class_id) as tx:
        set_vat_rate(tx, vat_class_id=vat_class_id, **body.model_dump())


@router.post("/price-lists", status_code=204, responses=ADDED)
def new_price_list(body: PriceListNew, who: Price, request: Request) -> None:
    """Add an empty price list."""
    with changing(request, who, "price_list.created", body.id) as tx:
        create_price_list(tx, price_list_id=body.id, now=clock.now(), **body.model_dump(exclude={"id"}))


@router.put("/price-lists/{price_list_id}/prices", status_code=204, responses=refuses(UnknownReference, CatalogueBusy))
def new_prices(price_list_id: UUID, body: PricesNew, who: Price, request: Request) -> None:
    """Set prices in a list."""
    with changing(request, who, "prices.set", price_list_id) as tx:
        set_prices(
            tx,
            price_list_id=price_list_id,
            prices=[(price.style_id, price.variant_id, price.price_vnd) for price in body.prices],
        )


@router.post("/prices-heard", status_code=204, responses=refuses(identity.NotPermitted))
def prices_heard(
    body: PricesHeard, who: Annotated[identity.Principal, Depends(identity.Permit("catalog.read"))], request: Request
) -> None:
    """A till says which prices it holds, whoever is at work there."""
    if who.till is None:
        raise identity.NotPermitted(verb="catalog.read")
    with identity.database_of(request).transaction() as tx:
        note_heard(tx, till_id=who.till.id, price_version=body.price_version, now=clock.now())
