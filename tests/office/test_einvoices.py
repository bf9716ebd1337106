"""E-invoices in the office: a rejected document is found, read in words, and replaced for the right buyer."""

from datetime import datetime, timedelta

from playwright.sync_api import expect
from sqlalchemy import text

from builders import einvoice_terms
from office.conftest import Office
from placket.core import clock
from placket.einvoices import issue_due, send_waiting
from placket.einvoices.provider import REJECTED_TAX_CODE


def rejected_and_accepted(office: Office) -> datetime:
    """A sale whose buyer is unknown to the authority, and one to a consumer; answers when."""
    now = clock.now()
    with office.database.transaction() as tx:
        einvoice_terms(tx, letter_web="M", buyer_minutes=0)
    office.sell()
    wrong = office.sell()
    with office.database.transaction() as tx:
        buyer = "INSERT INTO einvoice_buyer VALUES (:sale, :code, 'Công ty TNHH Hoa Sen', '1 Lê Lợi, Huế', NULL, :now)"
        tx.execute(text(buyer), {"sale": wrong["id"], "code": REJECTED_TAX_CODE, "now": now})
    issue_due(office.database, now=now + timedelta(minutes=1))
    send_waiting(office.database, now=now + timedelta(minutes=1))
    return now


def test_a_rejected_invoice_is_replaced_for_the_right_buyer(office: Office) -> None:
    sold_at = rejected_and_accepted(office)
    page = office.sign_in("/office/e-invoices?state=rejected")

    page.get_by_test_id("office.einvoices.table").get_by_text("Công ty TNHH Hoa Sen").click()
    expect(page.get_by_test_id("office.einvoice.failure")).to_have_text("MST người mua không tồn tại")
    expect(page.get_by_test_id("office.einvoice.words")).to_have_text("Một trăm chín mươi chín nghìn đồng")
    page.get_by_test_id("office.einvoice.replace").click()
    page.get_by_test_id("office.einvoice.tax_code").fill("0107001729")
    page.get_by_test_id("office.einvoice.reason").fill("Sai mã số thuế")
    page.get_by_test_id("office.einvoice.submit").click()

    expect(page.get_by_test_id("office.einvoice.state")).to_have_text("Chờ gửi")
    replaced = f"cho hóa đơn 1C{clock.business_day(sold_at):%y}MLU 00000002"
    expect(page.get_by_test_id("office.einvoice")).to_contain_text(replaced)
    send_waiting(office.database, now=clock.now())
    with office.database.transaction() as tx:
        states = tx.scalars(
            text("SELECT state FROM einvoice_delivery d JOIN einvoice e ON e.id = d.einvoice_id ORDER BY e.number")
        )
        assert states.all() == ["accepted", "replaced", "accepted"]
