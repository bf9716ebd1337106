"""Verbs for pictures, which are addressed by what they hold."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from placket.catalog.models import Colour, Picture, PictureBlob, Style
from placket.catalog.service.versions import known, raise_versions
from placket.core.refusals import NotFound, Refusal

PICTURE_BYTES_MAX: Final = 5 * 1024 * 1024


class BadPicture(Refusal):
    """Not a PNG, JPEG, WebP or SVG, or larger than 5 MB."""

    code = "bad_picture"
    status = 422
    vi = "Ảnh phải là PNG, JPEG, WebP hoặc SVG và không quá 5 MB."
    en = "A picture must be a PNG, JPEG, WebP or SVG of at most 5 MB."


def add_picture(tx: Session, *, picture_id: UUID, style_id: UUID, colour_id: UUID | None, body: bytes) -> str:
    """Put a picture behind the others of a style, or of one colour of it; answers its SHA-256, its address.

    May refuse ``NotFound`` (the style), ``UnknownReference`` (the colour), ``BadPicture``.
    """
    media_type = _media_type(body)
    if media_type is None or len(body) > PICTURE_BYTES_MAX:
        raise BadPicture
    raise_versions(tx, goods=True, prices=False)
    if tx.get(Style, style_id) is None:
        raise NotFound(style_id=str(style_id))
    if colour_id is not None:
        known(tx, Colour, colour_id)
    address = sha256(body).hexdigest()
    blob = {"sha256": address, "media_type": media_type, "body": body}
    tx.execute(insert(PictureBlob).values(blob).on_conflict_do_nothing())
    last = tx.scalar(select(func.max(Picture.position)).where(Picture.style_id == style_id)) or 0
    tx.add(Picture(id=picture_id, style_id=style_id, colour_id=colour_id, position=last + 1, sha256=address))
    tx.flush()
    return address


def remove_picture(tx: Session, *, picture_id: UUID) -> None:
    """Take a picture off its style. Its bytes stay: receipts and old pages may still point at them. Refuses ``NotFound``."""
    raise_versions(tx, goods=True, prices=False)
    if tx.scalar(delete(Picture).where(Picture.id == picture_id).returning(Picture.id)) is None:
        raise NotFound(picture_id=str(picture_id))


def order_pictures(tx: Session, *, style_id: UUID, picture_ids: Sequence[UUID]) -> None:
    """Show a style's pictures in this order; those not named come behind. Refuses ``NotFound`` (one is not the style's)."""
    raise_versions(tx, goods=True, prices=False)
    found = select(Picture).where(Picture.style_id == style_id).order_by(Picture.position, Picture.id)
    pictures = {picture.id: picture for picture in tx.scalars(found)}
    for picture_id in picture_ids:
        if picture_id not in pictures:
            raise NotFound(picture_id=str(picture_id))
    named = dict.fromkeys(picture_ids)
    for position, picture_id in enumerate([*named, *(each for each in pictures if each not in named)], start=1):
        pictures[picture_id].position = position
    tx.flush()


def _media_type(body: bytes) -> str | None:
    """What the bytes are, whatever their sender called them."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body.lstrip().startswith(b"<svg"):
        return "image/svg+xml"
    return None
