"""Over HTTP: the page behind a receipt's code, the till's own range, and what the office may look at and do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from builders import a_branch, a_person
from einvoices.conftest import House
from placket import identity
from placket.core import clock
from placket.einvoices import issue_due, send_waiting
from placket.sales import receipt_barcode
from serving import serving

TERMS = {
    "letter_store": "M",
    "letter_web": "T",
    "own_signs": "LU",
    "authority_signs": "FGHIJ",
    "buyer_minutes": 60,
    "closes_at": "23:50",
    "legal_basis": "NĐ 254/2026/NĐ-CP",
}
# A sale of this moment could be of the last minutes of a day, whose invoices are issued at once.
STILL_OPEN = timedelta(minutes=10)
COMPANY = {"tax_code": "0107001729", "name": "Công ty <Hoa & Sen>", "address": "1 Lê Lợi, Huế", "email": ""}


@dataclass
class Served:
    """A house behind a server."""

    house: House
    http: httpx.Client
    owner: dict[str, str]
    clerk: dict[str, str]

    def page(self, receipt_no: int) -> str:
        """The address behind a receipt's QR code."""
        barcode = receipt_barcode(till_no=self.house.till.till_no, epoch=1, receipt_no=receipt_no)
        with self.house.database.transaction() as tx:
            key = identity.receipt_key(tx, till_no=self.house.till.till_no, epoch=1)
        return f"/r/{barcode}{identity.receipt_signature(key, barcode)}"


@pytest.fixture
def served(house: House) -> Iterator[Served]:
    with house.database.transaction() as tx:
        owner = a_person(tx)
        clerk = a_person(tx, "accountant", at=a_branch(tx, "SG01"))
    with serving(house.database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
        yield Served(house, http, owner.bearer, clerk.bearer)


def test_a_company_asks_by_the_receipts_code_and_sees_its_invoice(served: Served) -> None:
    at = clock.now() + STILL_OPEN
    served.house.sells(2, at=at)
    page = served.page(1)
    assert f'href="{page}/company"' in served.http.get(page).text

    empty = served.http.get(f"{page}/company")
    wrong = served.http.post(f"{page}/company", data=COMPANY | {"tax_code": "0107001728"})
    asked = served.http.post(f"{page}/company", data=COMPANY)
    issue_due(served.house.database, now=at)
    made = served.http.get(f"{page}/company")
    late = served.http.post(f"{page}/company", data=COMPANY)

    assert "Nhận thông tin đến" in empty.text
    assert "Mã số thuế không đúng" in wrong.text
    assert 'value="Công ty &lt;Hoa &amp; Sen&gt;"' in wrong.text
    assert "Đã ghi nhận Công ty &lt;Hoa &amp; Sen&gt;." in asked.text
    assert f"Hóa đơn điện tử 1C{clock.business_day(at):%y}MLU số 00000001" in made.text
    assert "Hai trăm nghìn đồng" in made.text
    assert "Đã hết giờ nhận thông tin công ty" in late.text
    assert served.http.get(page[:-1] + "x/company").status_code == 404
    forged = page[:-1] + str((int(page[-1]) + 1) % 10)
    assert served.http.post(f"{forged}/company", data=COMPANY).status_code == 404
    assert served.http.get(f"{served.page(99)}/company").status_code == 202


def test_a_till_keeps_the_range_that_the_server_will_use(served: Served) -> None:
    device = {"authorization": f"Bearer {served.house.till.device_token}"}
    told = served.http.get("/api/till/einvoice", headers=device).json()
    again = served.http.get("/api/till/einvoice", headers=device).json()
    served.house.sells(at=clock.now())
    issue_due(served.house.database, now=clock.now() + timedelta(days=1))

    (listed,) = served.http.get("/api/einvoices", headers=served.owner).json()["items"]
    assert told == again
    assert told["terms"] == [{"from_on": "2026-07-01", "form": 1, "letter": "M", "signs": "ABCDE"}]
    assert listed["code"].endswith(f"-ABCDE-{told['block']:05d}000001")
    assert served.http.get("/api/till/einvoice").status_code == 401


def test_the_office_sees_documents_of_its_places_and_how_far_they_are(served: Served) -> None:
    yesterday = clock.now() - timedelta(days=1)
    served.house.sells(2, at=yesterday)
    served.house.sells(1, at=clock.now() + STILL_OPEN)
    issue_due(served.house.database, now=clock.now())
    send_waiting(served.house.database, now=clock.now())

    counts = served.http.get("/api/einvoices/counts", headers=served.owner).json()
    (listed,) = served.http.get(
        "/api/einvoices", params={"q": f"C{clock.business_day(yesterday):%y}MLU1"}, headers=served.owner
    ).json()["items"]
    whole = served.http.get(f"/api/einvoices/{listed['id']}", headers=served.owner).json()

    assert (counts["accepted"], counts["waiting"], counts["to_issue"], counts["has_provider"]) == (1, 0, 1, True)
    assert (listed["state"], listed["total_vnd"], listed["buyer_name"]) == ("accepted", 200_000, "Bán cho người tiêu dùng")
    assert (whole["total_words"], whole["lines"][0]["qty"], whole["followed_by"]) == ("Hai trăm nghìn đồng", 2, [])
    assert served.http.get("/api/einvoices", headers=served.clerk).json()["items"] == []
    assert served.http.get(f"/api/einvoices/{listed['id']}", headers=served.clerk).status_code == 404
    replaced = served.http.post(f"/api/einvoices/{listed['id']}/replace", json={"reason": "sai"}, headers=served.owner)
    assert replaced.json()["code"] == "einvoice_not_rejected"


def test_new_terms_begin_tomorrow_at_the_earliest_and_only_for_whoever_has_the_whole_chain(served: Served) -> None:
    today = clock.business_day(datetime.now(UTC))
    tomorrow = TERMS | {"from_on": (today + timedelta(days=1)).isoformat()}

    refused = served.http.post("/api/einvoices/terms", json=TERMS | {"from_on": today.isoformat()}, headers=served.owner)
    not_hers = served.http.post("/api/einvoices/terms", json=tomorrow, headers=served.clerk)
    written = served.http.post("/api/einvoices/terms", json=tomorrow, headers=served.owner)
    listed = served.http.get("/api/einvoices/terms", headers=served.owner).json()

    assert (refused.json()["code"], not_hers.status_code, written.status_code) == ("einvoice_terms_past", 403, 204)
    assert [terms["authority_signs"] for terms in listed] == ["FGHIJ", "ABCDE"]
