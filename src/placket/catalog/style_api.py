"""Routes that change goods: styles and their variants, barcodes, pictures.

Each is one verb and one line in the audit log; the versions rise with it, so every terminal refetches what it holds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Path, Request, UploadFile
from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from placket import identity
from placket.catalog import shapes
from placket.catalog.api import shown
from placket.catalog.prices import price_books
from placket.catalog.service.barcodes import BadBarcode, BarcodeTaken, OwnBarcode, add_barcode, remove_barcode
from placket.catalog.service.pictures import PICTURE_BYTES_MAX, BadPicture, add_picture, order_pictures, remove_picture
from placket.catalog.service.styles import BadStyleCode, TooManyVariants, add_variants, create_style, update_style
from placket.catalog.service.versions import CatalogueBusy, CodeTaken, StaleVersion, UnknownReference
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.ids import new_id
from placket.core.refusals import NotFound

router = APIRouter(prefix="/api/catalogue", tags=["catalogue"])

Write = Annotated[identity.Principal, Depends(identity.Permit("catalog.write"))]

# A line of text with something on it: no control characters, which no label could print.
LINE = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=LINE)]
Prose = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")]
Tags = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=40, pattern=LINE)], ...], Field(max_length=20, strict=False)
]
Status = Literal["draft", "active", "archived"]


class PictureOrder(Strict):
    """Pictures of a style, the first one first."""

    picture_ids: Annotated[list[Id], Field(min_length=1, max_length=200)]


class StyleNew(Strict):
    """A style to add; the id is made by the client. A variant is made for every colour × size (none given: all sizes)."""

    id: Id
    code: Annotated[str, Field(max_length=24)]
    name_vi: Name
    name_en: Name
    category_id: Id
    size_scale_id: Id
    vat_class_id: Id
    colour_ids: Annotated[list[Id], Field(min_length=1, max_length=60)]
    size_ids: Annotated[list[Id], Field(min_length=1, max_length=60)] | None = None
    season_id: Id | None = None
    description_vi: Prose | None = None
    material: Name | None = None
    tags: Tags = ()
    status: Status = "active"


class StyleChange(Strict):
    """What to change of a style, as read at ``version``. What is not sent stays; season, text and material may be null."""

    version: Annotated[int, Field(ge=1, le=2**53)]
    name_vi: Name | None = None
    name_en: Name | None = None
    category_id: Id | None = None
    vat_class_id: Id | None = None
    season_id: Id | None = None
    description_vi: Prose | None = None
    material: Name | None = None
    tags: Tags | None = None
    status: Status | None = None

    @model_validator(mode="after")
    def says_something_possible(self) -> Self:
        """Refuse a change of nothing, and null where a style always has a value."""
        said = self.model_fields_set - {"version"}
        if not said:
            raise ValueError("nothing to change")
        for field in said & {"name_vi", "name_en", "category_id", "vat_class_id", "tags", "status"}:
            if getattr(self, field) is None:
                raise ValueError(f"{field} cannot be null")
        return self


class VariantsNew(Strict):
    """Colours × sizes that a style shall have; what it has already stays."""

    colour_ids: Annotated[list[Id], Field(min_length=1, max_length=60)]
    size_ids: Annotated[list[Id], Field(min_length=1, max_length=60)] | None = None


class BarcodeNew(Strict):
    """A supplier's code."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class BarcodeStored(Answer):
    """The code as labels and scanners have it."""

    code: str


class PictureStored(Answer):
    """Where the picture is served: ``/media/{sha256}``."""

    id: UUID
    sha256: str


@contextmanager
def changing(request: Request, who: identity.Principal, action: str, subject_id: object) -> Iterator[Session]:
    """A transaction that changes the catalogue, with its line in the audit log; our own prices are new when it is over."""
    database = identity.database_of(request)
    with database.transaction() as tx:
        yield tx
        identity.audit(tx, action=action, subject_type="catalogue", subject_id=subject_id, actor=who)
    price_books.refresh(database)


@router.post(
    "/styles",
    status_code=201,
    responses=refuses(BadStyleCode, CodeTaken, UnknownReference, TooManyVariants, CatalogueBusy),
)
def new_style(body: StyleNew, who: Write, request: Request) -> shapes.StyleShown:
    """Add a style with its variants, each with a barcode of our own."""
    now = clock.now()
    with changing(request, who, "style.created", body.id) as tx:
        fields = body.model_dump(exclude={"id"})
        create_style(tx, style_id=body.id, now=now, **fields)
    with identity.database_of(request).transaction() as tx:
        return shown(tx, body.id, now=now)


@router.patch("/styles/{style_id}", responses=refuses(NotFound, StaleVersion, UnknownReference, CatalogueBusy))
def change_style(style_id: UUID, body: StyleChange, who: Write, request: Request) -> shapes.StyleShown:
    """Change a style."""
    changes = body.model_dump(exclude={"version"}, exclude_unset=True)
    with changing(request, who, "style.changed", style_id) as tx:
        update_style(tx, style_id=style_id, version=body.version, changes=changes)
    with identity.database_of(request).transaction() as tx:
        return shown(tx, style_id, now=clock.now())


@router.post(
    "/styles/{style_id}/variants",
    status_code=201,
    responses=refuses(NotFound, UnknownReference, TooManyVariants, CatalogueBusy),
)
def new_variants(style_id: UUID, body: VariantsNew, who: Write, request: Request) -> shapes.StyleShown:
    """Add the colours × sizes that a style does not have yet."""
    with changing(request, who, "style.variants_added", style_id) as tx:
        add_variants(tx, style_id=style_id, colour_ids=body.colour_ids, size_ids=body.size_ids)
    with identity.database_of(request).transaction() as tx:
        return shown(tx, style_id, now=clock.now())


@router.post(
    "/variants/{variant_id}/barcodes",
    status_code=201,
    responses=refuses(NotFound, BadBarcode, BarcodeTaken, CatalogueBusy),
)
def new_barcode(variant_id: UUID, body: BarcodeNew, who: Write, request: Request) -> BarcodeStored:
    """Give a variant one more barcode."""
    with changing(request, who, "barcode.added", variant_id) as tx:
        return BarcodeStored(code=add_barcode(tx, variant_id=variant_id, code=body.code))


@router.delete(
    "/variants/{variant_id}/barcodes/{code}", status_code=204, responses=refuses(NotFound, OwnBarcode, CatalogueBusy)
)
def drop_barcode(
    variant_id: UUID, code: Annotated[str, Path(pattern=r"^[0-9]{6,14}$")], who: Write, request: Request
) -> None:
    """Take a supplier's barcode off a variant."""
    with changing(request, who, "barcode.removed", variant_id) as tx:
        remove_barcode(tx, variant_id=variant_id, code=code)


@router.post("/pictures", status_code=201, responses=refuses(NotFound, UnknownReference, BadPicture, CatalogueBusy))
def new_picture(
    who: Write,
    request: Request,
    file: Annotated[UploadFile, File()],
    style_id: Annotated[UUID, Form()],
    colour_id: Annotated[UUID | None, Form()] = None,
) -> PictureStored:
    """Put a picture (PNG, JPEG, WebP or SVG, 5 MB at most) behind the others of a style, or of one colour of it."""
    body = file.file.read(PICTURE_BYTES_MAX + 1)
    picture_id = new_id()
    with changing(request, who, "picture.added", style_id) as tx:
        address = add_picture(tx, picture_id=picture_id, style_id=style_id, colour_id=colour_id, body=body)
    return PictureStored(id=picture_id, sha256=address)


@router.delete("/pictures/{picture_id}", status_code=204, responses=refuses(NotFound, CatalogueBusy))
def drop_picture(picture_id: UUID, who: Write, request: Request) -> None:
    """Take a picture off its style."""
    with changing(request, who, "picture.removed", picture_id) as tx:
        remove_picture(tx, picture_id=picture_id)


@router.put("/styles/{style_id}/pictures", status_code=204, responses=refuses(NotFound, CatalogueBusy))
def sort_pictures(style_id: UUID, body: PictureOrder, who: Write, request: Request) -> None:
    """Show a style's pictures in this order; those not named come behind."""
    with changing(request, who, "picture.sorted", style_id) as tx:
        order_pictures(tx, style_id=style_id, picture_ids=body.picture_ids)
