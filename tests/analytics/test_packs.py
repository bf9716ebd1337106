"""Packs of reports: due once a period, sent once by real SMTP whenever the worker dies, true to what the office shows."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import text

from builders import signed_in
from demo.conftest import ENDS_AT
from messages.inbox import Inbox
from placket import analytics, messages
from placket.analytics import pack_sending, pack_words, queries, sheet
from placket.analytics.queries import Span
from placket.analytics.rules import period_before
from placket.core.clock import business_day, day_bounds
from placket.core.db import Database
from placket.core.money import dotted
from serving import serving

WORDS = Path(__file__).resolve().parents[2] / "web/apps/office/src/i18n"
TODAY = business_day(ENDS_AT)
FROM_ON, TO_ON = period_before(TODAY, "weekly")
DUE = day_bounds(TO_ON)[1] + timedelta(hours=7)
BEFORE = DUE - timedelta(hours=1)


@dataclass
class Chain:
    """The small demo chain, its owner, and the manager of a branch."""

    database: Database
    owner: UUID
    manager: UUID
    branch: UUID

    def subscribe(self, staff_id: UUID, pack: pack_sending.Pack = "sales", language: pack_words.Language = "vi") -> UUID:
        """Somebody gets a pack a week, from before it was due."""
        wanted = {"pack": pack, "cadence": "weekly", "language": language}
        with self.database.transaction() as tx:
            made = pack_sending.subscribe(tx, staff_id=staff_id, made_by=self.owner, now=BEFORE, **wanted)  # type: ignore[arg-type]
        assert made is not None
        return made

    def revenue_vnd(self, places: list[UUID] | None) -> int:
        """What was sold in the week."""
        with self.database.transaction() as tx:
            return queries.sales_of(tx, Span(day_bounds(FROM_ON)[0], day_bounds(TO_ON)[1], places)).revenue_vnd


@pytest.fixture
def chain(told_url: str) -> Iterator[Chain]:
    database = Database(told_url, pool_size=2)
    with database.transaction() as tx:
        owner = tx.execute(text("SELECT id FROM staff WHERE email = 'owner@lua.example'")).scalar_one()
        manager = tx.execute(
            text(
                "SELECT r.staff_id, r.location_id FROM staff_role r WHERE r.role = 'store_manager' "
                "AND r.location_id IS NOT NULL ORDER BY r.staff_id LIMIT 1"
            )
        ).one()
        tx.execute(text("UPDATE staff SET email = 'truong@lua.example' WHERE id = :id"), {"id": manager.staff_id})
    yield Chain(database, owner, manager.staff_id, manager.location_id)
    database.dispose()


def send(chain: Chain, inbox: Inbox) -> list[EmailMessage]:
    """What the worker does, some times over; answers what has come."""
    for _ in range(3):
        analytics.send_packs(chain.database, now=DUE)
        messages.send_waiting(chain.database, now=DUE)
    return inbox.mails


def files_of(mail: EmailMessage) -> dict[str, bytes]:
    """What goes with a mail, by the end of its name."""
    files = {str(part.get_filename()): part.get_content() for part in mail.iter_attachments()}
    assert all(isinstance(content, bytes) for content in files.values())
    return {name.rpartition(".")[2]: content for name, content in files.items()}


def test_a_week_runs_from_monday_to_sunday_and_a_month_from_its_first_to_its_last() -> None:
    assert period_before(date(2026, 11, 23), "weekly") == (date(2026, 11, 16), date(2026, 11, 22))
    assert period_before(date(2026, 11, 22), "weekly") == (date(2026, 11, 9), date(2026, 11, 15))
    assert period_before(date(2027, 1, 1), "monthly") == (date(2026, 12, 1), date(2026, 12, 31))
    assert period_before(date(2026, 3, 31), "monthly") == (date(2026, 2, 1), date(2026, 2, 28))


def test_a_pack_comes_once_when_its_week_is_over_with_the_figures_in_mail_workbook_and_on_paper(
    chain: Chain,
    inbox: Inbox,
) -> None:
    chain.subscribe(chain.owner)
    assert analytics.send_packs(chain.database, now=DUE - timedelta(seconds=1)) == 0
    (mail,) = send(chain, inbox)
    revenue = dotted(chain.revenue_vnd(None))
    assert mail["subject"] == f"Báo cáo bán hàng tuần: {FROM_ON:%d/%m/%Y} – {TO_ON:%d/%m/%Y}"
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert f"Doanh thu {revenue}" in plain.get_content()
    assert revenue in page.get_content()
    files = files_of(mail)
    names = {part.get_filename() for part in mail.iter_attachments()}
    assert names == {f"bao-cao-ban-hang-{FROM_ON}-{TO_ON}.{kind}" for kind in ("xlsx", "pdf")}
    book = load_workbook(BytesIO(files["xlsx"]))
    assert book.sheetnames == [
        "Bán hàng theo chi nhánh",
        "Bán hàng theo ngày",
        "Bán hàng theo nhân viên",
        "Khách trả vì sao",
        "Tiền mặt qua các ca",
    ]
    last = [cell.value for cell in list(book.worksheets[0].rows)[-1]]
    assert last[:2] == ["Tổng", chain.revenue_vnd(None)]
    paper = "\n".join(one.extract_text() for one in PdfReader(BytesIO(files["pdf"])).pages)
    assert "Báo cáo bán hàng tuần" in paper
    assert f"Tổng {revenue}" in paper


def test_the_marketing_pack_tells_who_came_to_which_group_and_who_left(
    chain: Chain,
    inbox: Inbox,
) -> None:
    walks = [["at_risk", "loyal", "champion"], ["loyal", "at_risk", "loyal"], [None, "new"]]
    move = "INSERT INTO customer_move (customer_id, on_date, from_group, to_group) VALUES (:id, :on, :from, :to)"
    with chain.database.transaction() as tx:
        tx.execute(text("DELETE FROM customer_move"))
        at_home = tx.scalars(
            text("SELECT id FROM customer WHERE home_location_id = :here ORDER BY id"), {"here": chain.branch}
        ).all()
        elsewhere = tx.scalars(text("SELECT id FROM customer WHERE home_location_id <> :here"), {"here": chain.branch}).all()
        for customer_id, walk in zip([at_home[0], at_home[1], elsewhere[0]], walks, strict=True):
            for day, (before, after) in enumerate(pairwise(walk)):
                facts = {"id": customer_id, "on": FROM_ON + timedelta(days=day), "from": before, "to": after}
                tx.execute(text(move), facts)
        scored = "SELECT s.group_key, count(*)::int FROM customer_score s JOIN customer c ON c.id = s.customer_id "
        scored += "WHERE s.group_key IS NOT NULL AND (:here OR c.home_location_id = :branch) GROUP BY 1"
        kept = {here: dict(tx.execute(text(scored), {"here": here, "branch": chain.branch}).all()) for here in (True, False)}
    chain.subscribe(chain.owner, "marketing")
    chain.subscribe(chain.manager, "marketing")
    for mail in send(chain, inbox):
        everywhere = mail["to"] != "truong@lua.example"
        (head, *rows, total) = load_workbook(BytesIO(files_of(mail)["xlsx"]))["Khách hàng chuyển nhóm"].values
        names = {pair[0]: key for key, pair in pack_words.GROUPS.items()}
        told = {names[str(name)]: numbers for name, *numbers in rows}
        people, came, went = ({key: numbers[at] for key, numbers in told.items() if numbers[at]} for at in range(3))
        assert (head[1:], set(told)) == (("Khách hiện có", "Vào nhóm", "Rời nhóm"), set(pack_words.GROUPS))
        assert people == kept[everywhere]
        assert came == ({"champion": 1, "new": 1} if everywhere else {"champion": 1})
        assert went == {"at_risk": 1}
        assert total[1:] == (sum(kept[everywhere].values()), 2 if everywhere else 1, 1)


def test_a_worker_that_dies_at_any_moment_leaves_one_mail(
    chain: Chain,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chain.subscribe(chain.owner, "marketing", "en")
    made = sheet.workbook

    def killed(*_given: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(sheet, "workbook", killed)
    with suppress(KeyboardInterrupt):
        analytics.send_packs(chain.database, now=DUE)
    monkeypatch.setattr(sheet, "workbook", made)
    assert messages.send_waiting(chain.database, now=DUE)["sent"] == 0
    (mail,) = send(chain, inbox)
    assert mail["subject"].startswith("Weekly marketing report")
    later = DUE + timedelta(days=6)
    assert analytics.send_packs(chain.database, now=later) == 0
    assert analytics.send_packs(chain.database, now=DUE + timedelta(days=7)) == 1


def test_somebody_of_a_branch_gets_its_figures_only_and_nothing_when_they_have_left(
    chain: Chain,
    inbox: Inbox,
) -> None:
    chain.subscribe(chain.manager)
    (mail,) = send(chain, inbox)
    assert mail["to"] == "truong@lua.example"
    rows = list(load_workbook(BytesIO(files_of(mail)["xlsx"])).worksheets[0].values)
    assert len(rows) == 3  # the head, the branch, the total
    assert rows[1][1] == rows[2][1] == chain.revenue_vnd([chain.branch])
    with chain.database.transaction() as tx:
        tx.execute(text("UPDATE staff SET status = 'left' WHERE id = :id"), {"id": chain.manager})
    assert analytics.send_packs(chain.database, now=DUE + timedelta(days=7)) == 0


def test_who_gets_what_is_kept_in_the_office(chain: Chain) -> None:
    with chain.database.transaction() as tx:
        owner, manager = signed_in(tx, chain.owner), signed_in(tx, chain.manager)
    path, wanted = "/api/report-subscriptions", {"staff_id": str(chain.manager), "pack": "sales", "cadence": "monthly"}
    with serving(chain.database.url) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        assert client.get(path, headers=manager.bearer).status_code == 403
        made = client.post(path, json=wanted, headers=owner.bearer)
        assert made.status_code == 201, made.text
        assert client.post(path, json=wanted, headers=owner.bearer).json()["code"] == "gets_it_already"
        nobody = client.post(path, json=wanted | {"staff_id": made.json()["id"]}, headers=owner.bearer)
        assert nobody.json()["code"] == "no_reader"
        assert client.post(f"{path}/{made.json()['id']}/send", headers=owner.bearer).status_code == 202
        (item,) = client.get(path, headers=owner.bearer).json()["items"]
        assert (item["email"], item["pack"], item["cadence"], item["last_state"]) == (
            "truong@lua.example",
            "sales",
            "monthly",
            "waiting",
        )
        asked = {"title": "Trả hàng", "head": ["Lý do", "Chiếc"], "rows": [["đổi size", 3]]}
        paper = client.post("/api/reports/sheet", params={"file": "pdf"}, json=asked, headers=owner.bearer)
        assert "đổi size 3" in PdfReader(BytesIO(paper.content)).pages[0].extract_text()
        assert client.delete(f"{path}/{item['id']}", headers=owner.bearer).status_code == 204
        assert client.get(path, headers=owner.bearer).json()["items"] == []


def test_packs_call_everything_what_the_office_calls_it() -> None:
    names = ("figures.ts", "selling.ts", "segments.ts")
    figures, selling, segments = ((WORDS / name).read_text(encoding="utf-8") for name in names)
    for pairs, words in (
        (pack_words.FIGURES, figures),
        (pack_words.COLUMNS, figures),
        (pack_words.TITLES, figures),
        (pack_words.DISCOUNT_KINDS, figures),
        (pack_words.RETURN_REASONS, selling),
        (pack_words.REASONS, selling),
        (pack_words.GROUPS, segments),
    ):
        for key, pair in pairs.items():
            for said in pair:
                assert re.search(rf"\b{key}: '{re.escape(said)}'", words), (key, said)


def test_what_goods_cost_is_told_only_to_whoever_may_see_costs(chain: Chain) -> None:
    with chain.database.transaction() as tx:
        owner, manager = signed_in(tx, chain.owner), signed_in(tx, chain.manager)
    days = {"from_on": FROM_ON.isoformat(), "to_on": TO_ON.isoformat()}
    with serving(chain.database.url) as server, httpx.Client(base_url=server.url, timeout=30) as client:

        def ask(kind: str, headers: dict[str, str]) -> int:
            return client.get(f"/api/reports/tables/{kind}", params=days, headers=headers).status_code

        assert [ask("margin", who.bearer) for who in (owner, manager)] == [200, 403]
        assert [ask("returns", who.bearer) for who in (owner, manager)] == [200, 200]
