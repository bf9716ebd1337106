"""Documents are made by the law of their day, once, never changed; returns adjust them, a rejected one is replaced."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from einvoices.conftest import SOLD_AT, TOMORROW, House
from paypoint import principal
from placket import sales
from placket.core.settings import settings
from placket.einvoices import issue_due, send_waiting, service
from placket.einvoices.issuing import replace
from placket.einvoices.provider import REJECTED_TAX_CODE, SILENT_NAME
from placket.einvoices.refusals import BuyerTooLate, NotRejected, TaxCodeInvalid

TAX_CODE = "0107001729"


def documents(house: House) -> list[Any]:
    """Every document with how far it has come, in the order in which they were made."""
    with house.database.transaction() as tx:
        query = (
            "SELECT e.*, d.state, d.tries, d.failure, d.code AS given FROM einvoice e "
            "JOIN einvoice_delivery d ON d.einvoice_id = e.id ORDER BY e.made_at, e.id"
        )
        return list(tx.execute(text(query)).all())


def who(house: House) -> Any:
    """Somebody of the office."""
    with house.database.transaction() as tx:
        session = tx.scalars(text("SELECT id FROM staff_session WHERE staff_id = :s"), {"s": house.owner}).one()
        return principal(tx, session)


def company_asks(
    house: House, sale_id: UUID, *, name: str = "Công ty Hoa Sen", tax_code: str = TAX_CODE, after_s: int = 60
) -> None:
    with house.database.transaction() as tx:
        service.ask_for_company(
            tx,
            sale_id=sale_id,
            tax_code=tax_code,
            name=name,
            address="1 Lê Lợi, Huế",
            now=SOLD_AT + timedelta(seconds=after_s),
        )


def test_a_sale_has_its_document_when_its_buyers_time_is_over(house: House) -> None:
    sale = house.sells(2)

    assert issue_due(house.database, now=SOLD_AT + timedelta(minutes=119)) == 0
    assert [issue_due(house.database, now=SOLD_AT + timedelta(minutes=minutes)) for minutes in (120, 121)] == [1, 0]

    (document,) = documents(house)
    assert (document.sale_id, document.kind, document.serial, document.number) == (sale.id, "original", "C26MLU", 1)
    assert document.code == "M1-26-ABCDE-00000000001"  # the first block, the receipt's own number
    assert (document.net_vnd, document.vat_vnd, document.total_vnd) == (185_185, 14_815, 200_000)
    assert document.total_words == "Hai trăm nghìn đồng"
    assert document.buyer == {"name": "Bán cho người tiêu dùng"}
    assert (document.issued_at, document.place["code"]) == (SOLD_AT, "HN01")


def test_what_was_sold_before_the_terms_has_none(house: House) -> None:
    house.sells(at=SOLD_AT - timedelta(days=200))

    assert issue_due(house.database, now=TOMORROW) == 0


def test_a_sale_that_came_late_from_a_till_bears_its_own_number_and_day(house: House) -> None:
    for _ in range(2):
        house.sells(at=SOLD_AT)
    issue_due(house.database, now=SOLD_AT + timedelta(days=20))

    assert [(one.code, str(one.issued_on)) for one in documents(house)] == [
        ("M1-26-ABCDE-00000000001", "2026-11-26"),
        ("M1-26-ABCDE-00000000002", "2026-11-26"),
    ]


def test_what_comes_back_adjusts_the_document_down(house: House) -> None:
    sale = house.sells(3)
    issue_due(house.database, now=SOLD_AT + timedelta(hours=3))
    house.sells(-1, at=SOLD_AT + timedelta(hours=4), returns=(sale.id, 1))
    issue_due(house.database, now=TOMORROW)

    first, second = documents(house)
    assert (second.kind, second.refers_to, second.number) == ("adjusting", first.id, 2)
    assert (second.total_vnd, second.vat_vnd) == (-100_000, -7_407)
    assert second.total_words == "Âm một trăm nghìn đồng"
    assert second.reason == "Khách trả hàng, phiếu HN01-1-1-0000002"
    assert second.code == "M1-26-ABCDE-00000000002"


def test_a_return_waits_for_the_document_that_it_adjusts(house: House) -> None:
    sale = house.sells(1)
    house.sells(-1, at=SOLD_AT + timedelta(minutes=1), returns=(sale.id, 1))
    company_asks(house, sale.id)

    issue_due(house.database, now=SOLD_AT + timedelta(minutes=5))
    issue_due(house.database, now=TOMORROW)

    assert [(one.kind, one.buyer["name"]) for one in documents(house)] == [
        ("original", "Công ty Hoa Sen"),
        ("adjusting", "Công ty Hoa Sen"),
    ]


def test_a_voided_sale_is_taken_back_whole_if_its_document_was_made(house: House) -> None:
    made, never = house.sells(2), house.sells(1)
    company_asks(house, made.id)
    issue_due(house.database, now=SOLD_AT + timedelta(minutes=5))
    office = who(house)
    with house.database.transaction() as tx:
        for sale in (made, never):
            sales.void_sale(tx, sale_id=sale.id, receipt_no=None, reason="Khách đổi ý", who=office, now=SOLD_AT)

    assert [issue_due(house.database, now=TOMORROW) for _ in range(2)] == [1, 0]

    first, second = documents(house)
    assert (second.kind, second.refers_to, second.sale_id) == ("adjusting", first.id, made.id)
    assert (second.net_vnd, second.vat_vnd, second.total_vnd) == (-first.net_vnd, -first.vat_vnd, -first.total_vnd)
    assert [line["qty"] for line in second.lines] == [-2]


def test_a_return_that_was_voided_says_nothing_any_more(house: House) -> None:
    sale = house.sells(2)
    back = house.sells(-1, returns=(sale.id, 1))
    company_asks(house, sale.id)
    issue_due(house.database, now=SOLD_AT + timedelta(minutes=5))
    issue_due(house.database, now=SOLD_AT + timedelta(hours=3))
    office = who(house)
    with house.database.transaction() as tx:
        sales.void_sale(tx, sale_id=back.id, receipt_no=None, reason="Bấm nhầm", who=office, now=SOLD_AT)

    assert [issue_due(house.database, now=SOLD_AT + timedelta(hours=4)) for _ in range(2)] == [1, 0]

    first, second, third = documents(house)
    assert [first.total_vnd, second.total_vnd, third.total_vnd] == [200_000, -100_000, 100_000]
    assert (third.kind, third.refers_to, third.reason) == ("adjusting", second.id, "Hủy phiếu HN01-1-1-0000002")


@pytest.mark.parametrize("change", ["UPDATE einvoice SET total_words = ''", "DELETE FROM einvoice"])
def test_nobody_changes_a_document(house: House, change: str) -> None:
    house.sells()
    issue_due(house.database, now=TOMORROW)

    with pytest.raises(DBAPIError, match="einvoice is append only"), house.database.transaction() as tx:
        tx.execute(text(change))


def test_a_company_may_ask_until_its_time_is_over(house: House) -> None:
    sale = house.sells()
    with pytest.raises(TaxCodeInvalid):
        company_asks(house, sale.id, tax_code="0107001728")
    company_asks(house, sale.id, name="Sai tên")
    company_asks(house, sale.id)
    with pytest.raises(BuyerTooLate):
        company_asks(house, sale.id, after_s=7_200)

    issue_due(house.database, now=SOLD_AT + timedelta(minutes=2))

    (document,) = documents(house)
    assert (document.buyer["name"], document.buyer["tax_code"]) == ("Công ty Hoa Sen", TAX_CODE)
    with pytest.raises(BuyerTooLate):
        company_asks(house, sale.id)


def test_a_provider_that_is_silent_is_asked_again_and_takes_it_once(house: House) -> None:
    sale = house.sells()
    company_asks(house, sale.id, name=f"Công ty {SILENT_NAME}")
    issue_due(house.database, now=TOMORROW)

    moments = [
        TOMORROW,
        TOMORROW + timedelta(seconds=19),
        TOMORROW + timedelta(seconds=20),
        TOMORROW + timedelta(seconds=140),
    ]
    said = [send_waiting(house.database, now=moment) for moment in moments]

    assert [(one["unanswered"], one["accepted"]) for one in said] == [(1, 0), (0, 0), (1, 0), (0, 1)]
    (document,) = documents(house)
    assert (document.state, document.tries) == ("accepted", 3)


def test_an_adjustment_never_arrives_before_what_it_adjusts(house: House) -> None:
    sale = house.sells(2)
    company_asks(house, sale.id, name=f"Công ty {SILENT_NAME}")
    issue_due(house.database, now=SOLD_AT + timedelta(minutes=2))
    house.sells(-1, at=SOLD_AT + timedelta(minutes=3), returns=(sale.id, 1))
    issue_due(house.database, now=TOMORROW)

    send_waiting(house.database, now=TOMORROW)
    assert [one.state for one in documents(house)] == ["waiting", "waiting"]
    for minutes in (1, 10, 20, 60):  # each of the two is met with silence twice
        send_waiting(house.database, now=TOMORROW + timedelta(minutes=minutes))
    assert [one.state for one in documents(house)] == ["accepted", "accepted"]


def test_a_rejected_document_is_a_matter_and_is_replaced_for_the_right_buyer(house: House) -> None:
    sale = house.sells()
    company_asks(house, sale.id)
    with house.database.transaction() as tx:  # its authority has struck it off in the meantime
        tx.execute(text("UPDATE einvoice_buyer SET tax_code = :code"), {"code": REJECTED_TAX_CODE})
    issue_due(house.database, now=TOMORROW)
    assert send_waiting(house.database, now=TOMORROW)["rejected"] == 1
    with house.database.transaction() as tx:
        assert tx.scalars(text("SELECT kind FROM exception_log")).all() == ["einvoice_rejected"]
    (first,) = documents(house)
    buyer = service.buyer(tax_code=TAX_CODE, name="Công ty Hoa Sen", address="Huế", email=None)
    ask = {"einvoice_id": first.id, "buyer": buyer, "reason": "MST sai", "who": who(house), "now": TOMORROW}

    with house.database.transaction() as tx:
        replace(tx, **ask)
    with pytest.raises(NotRejected), house.database.transaction() as tx:
        replace(tx, **ask)
    send_waiting(house.database, now=TOMORROW)

    first, second = documents(house)
    assert (first.state, second.state, second.kind, second.refers_to) == ("replaced", "accepted", "replacing", first.id)
    assert (second.total_vnd, second.buyer["tax_code"], second.number) == (first.total_vnd, TAX_CODE, 2)


def test_the_text_of_a_document_says_all_of_it(house: House) -> None:
    sale = house.sells(2)
    issue_due(house.database, now=TOMORROW)
    send_waiting(house.database, now=TOMORROW)
    (document,) = documents(house)
    from_simulator = list((settings().var / "einvoices").glob("*.json"))
    assert ([path.stem for path in from_simulator], document.state) == ([str(document.id)], "accepted")

    root = fromstring(json.loads(from_simulator[0].read_text(encoding="utf-8"))["xml"])  # noqa: S314 - our own
    said = {node.tag: node.text for node in root.iter() if node.text}
    assert (said["KHHDon"], said["SHDon"], said["MCCQT"]) == ("C26MLU", "1", "M1-26-ABCDE-00000000001")
    assert (said["TgTCThue"], said["TgTThue"], said["TgTTTBSo"]) == ("185185", "14815", "200000")
    assert (said["SLuong"], said["DGia"], said["TSuat"]) == ("2", "92592.50", "8%")
    assert root.findtext(".//NMua/Ten") == "Bán cho người tiêu dùng"
    assert sale.total_vnd == 200_000
