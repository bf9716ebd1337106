"""A small catalogue to add styles to, made by the verbs themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from placket import catalog
from placket.core.ids import new_id

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Shelf:
    """A category, a scale S-M-L, two colours, VAT of 8 % and a base list."""

    tx: Session
    category_id: UUID
    size_scale_id: UUID
    sizes: dict[str, UUID]
    colours: dict[str, UUID]
    vat_class_id: UUID
    price_list_id: UUID

    def add(
        self,
        code: str,
        name_vi: str,
        *,
        colours: Sequence[str] = ("DEN",),
        sizes: Sequence[str] = ("M",),
        price_vnd: int | None = None,
        status: str = "active",
    ) -> tuple[UUID, list[UUID]]:
        """A style and its variants."""
        style_id = new_id()
        variant_ids = catalog.create_style(
            self.tx,
            style_id=style_id,
            code=code,
            name_vi=name_vi,
            name_en="A style",
            category_id=self.category_id,
            size_scale_id=self.size_scale_id,
            vat_class_id=self.vat_class_id,
            colour_ids=[self.colours[colour] for colour in colours],
            size_ids=[self.sizes[size] for size in sizes],
            now=NOW,
            status=status,
        )
        if price_vnd is not None:
            catalog.set_prices(self.tx, price_list_id=self.price_list_id, prices=[(style_id, None, price_vnd)])
        return style_id, variant_ids


def a_shelf(tx: Session) -> Shelf:
    shelf = Shelf(
        tx=tx,
        category_id=new_id(),
        size_scale_id=new_id(),
        sizes={code: new_id() for code in ("S", "M", "L")},
        colours={"DEN": new_id(), "XANH": new_id()},
        vat_class_id=new_id(),
        price_list_id=new_id(),
    )
    catalog.create_category(tx, category_id=shelf.category_id, slug="dam", name_vi="Đầm", name_en="Dresses", position=1)
    catalog.create_colour(
        tx, colour_id=shelf.colours["DEN"], code="DEN", name_vi="Đen", name_en="Black", hex_value="#111111"
    )
    catalog.create_colour(
        tx, colour_id=shelf.colours["XANH"], code="XANH", name_vi="Xanh đậm", name_en="Navy", hex_value="#000080"
    )
    catalog.create_size_scale(
        tx,
        size_scale_id=shelf.size_scale_id,
        code="S-L",
        name_vi="S đến L",
        name_en="S to L",
        sizes=[(size_id, code) for code, size_id in shelf.sizes.items()],
    )
    catalog.create_vat_class(tx, vat_class_id=shelf.vat_class_id, code="MAY", name_vi="Hàng may mặc", name_en="Clothing")
    catalog.set_vat_rate(
        tx, vat_class_id=shelf.vat_class_id, starts_on=date(2025, 7, 1), rate_bp=800, legal_basis="NĐ 174/2025/NĐ-CP"
    )
    catalog.create_price_list(
        tx,
        price_list_id=shelf.price_list_id,
        code="GOC",
        name="Giá gốc",
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        now=NOW,
    )
    return shelf


@pytest.fixture
def shelf(tx: Session) -> Shelf:
    return a_shelf(tx)
