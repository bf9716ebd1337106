"""The demo chain's terms of e-invoices: they begin on the last day that is told, so its history has none of ours."""

from datetime import date, datetime
from typing import Any, Final

import psycopg

AUTHORITY_SIGNS: Final = "DEMO1"
BASIS: Final = "NĐ 254/2026/NĐ-CP, TT 91/2026/TT-BTC"


def begin(connection: psycopg.Connection[Any], *, on: date, at: datetime) -> None:
    """From this day on sales have e-invoices; the simulator takes them."""
    connection.execute(
        "INSERT INTO einvoice_terms (from_on, form, letter_store, letter_web, own_signs, authority_signs, buyer_minutes, "
        "closes_at, legal_basis, written_at) VALUES (%s, 1, 'M', 'M', 'LU', %s, 120, '23:55', %s, %s)",
        (on, AUTHORITY_SIGNS, BASIS, at),
    )
