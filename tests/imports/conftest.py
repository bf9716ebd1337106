"""Files made row by row, and the jobs that read them."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest
from openpyxl import Workbook
from sqlalchemy import text

from builders import a_person, a_style
from placket import identity
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.identity.access import find_principal, token_hash
from placket.imports import jobs, service
from placket.imports.models import ImportFile

HEADER = ("Mã kiểu", "Tên", "Nhóm hàng", "Bảng size", "Màu", "Size", "Mã vạch", "Giá bán")


def row(style: str, colour: str = "DEN", size: str = "M", *, name: str = "Áo lụa", barcode: str = "", price: str = "199000"):
    """A row under ``HEADER``."""
    return (style, name, "ao", "S-XL", colour, size, barcode, price)


def as_csv(*rows: Sequence[str], header: Sequence[str] = HEADER, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def as_xlsx(*rows: Sequence[object], header: Sequence[str] = HEADER) -> bytes:
    book = Workbook()
    for cells in (header, *rows):
        book.active.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@dataclass(frozen=True)
class Desk:
    """Where files are handed in, by somebody who may."""

    database: Database
    who: identity.Principal

    def take(self, body: bytes, *, filename: str = "hang.csv", import_id: UUID | None = None) -> UUID:
        """Hand a file in."""
        with self.database.transaction() as tx:
            taken = service.take_file(
                tx,
                import_id=import_id or new_id(),
                kind="catalogue",
                filename=filename,
                body=body,
                who=self.who,
                now=clock.now(),
            )
            return taken.id

    def check(self, body: bytes, *, filename: str = "hang.csv") -> ImportFile:
        """Hand a file in and check it."""
        import_id = self.take(body, filename=filename)
        jobs.check(self.database, str(import_id))
        return self.read(import_id)

    def apply(self, import_id: UUID) -> ImportFile:
        """Ask for a checked file and apply it."""
        with self.database.transaction() as tx:
            service.ask_to_apply(tx, import_id=import_id, who=self.who)
        jobs.apply(self.database, str(import_id))
        return self.read(import_id)

    def bring(self, body: bytes, *, filename: str = "hang.csv") -> ImportFile:
        """All of it, for a file without faults."""
        checked = self.check(body, filename=filename)
        assert (checked.state, checked.errors) == ("checked", [])
        return self.apply(checked.id)

    def read(self, import_id: UUID) -> ImportFile:
        """The file as it stands."""
        with self.database.transaction() as tx:
            return tx.get_one(ImportFile, import_id)

    def counts(self) -> dict[str, int]:
        """What the catalogue holds, and its versions."""
        tables = ("style", "variant", "barcode", "price")
        query = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in tables)
        with self.database.transaction() as tx:
            held = tx.execute(text(f"SELECT {query}, catalogue_version, price_version FROM catalogue_state")).one()
        return dict(held._asdict())


@pytest.fixture
def desk(fresh: Database) -> Desk:
    """A shop with the style AO0001 in black and cream, M, at 199.000 đ."""
    with fresh.transaction() as tx:
        owner = a_person(tx, "owner")
        a_style(tx, "AO0001", colours=("DEN", "KEM"))
        who = find_principal(tx, token_hash(owner.token), now=clock.now())
    assert who is not None
    return Desk(fresh, who)
