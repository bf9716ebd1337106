"""Cards at the terminal: a real simulator process, killed and silent at the worst moments; nobody is charged twice."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from books import prove
from builders import a_cart, a_depot, stocked
from paypoint import PayPoint, a_pay_point
from placket import sales
from placket.core import clock, processes
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.settings import ROOT
from placket.payments import counter
from placket.payments.hook_rules import Credit
from placket.payments.models import PaymentRequest
from placket.payments.service import incoming
from placket.payments.service.cards import unsettled_cards
from placket.payments.terminal import HttpTerminal
from placket.sales import sending
from serving import Server, free_port, serving
from waiting import until

PATIENCE_S = 20.0


@dataclass
class Simulator:
    """The simulator in a process of its own; its customers are quick."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "placket.cli", "terminal-sim", "--port", str(self.port), "--wait-ms", "200"],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PLACKET_VAR": str(self.home)},
            stdout=subprocess.DEVNULL,
            preexec_fn=processes.tied(signal.SIGKILL),
        )
        until(self._answers)

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def turn(self, mode: str, reason: str = "") -> None:
        """Turn the switch of the till's terminal."""
        httpx.post(f"{self.url}/terminals/HN01-1/mode", json={"mode": mode, "reason": reason}, timeout=5)

    def charges(self) -> dict[str, str]:
        """What became of every reference."""
        return {one["reference"]: one["state"] for one in httpx.get(f"{self.url}/charges", timeout=5).json()}

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/charges", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False


@dataclass
class Desk:
    """A server whose tills have terminals, and the terminal."""

    server: Server
    client: httpx.Client
    database: Database
    point: PayPoint
    terminal: Simulator
    depot_id: UUID

    def asks(self, amount_vnd: int = 300_000, payment_id: str | None = None, cart_id: str | None = None) -> dict[str, Any]:
        """The till sends an amount to the terminal."""
        body = {
            "id": payment_id or str(new_id()),
            "kind": "card",
            "cart_id": cart_id or str(new_id()),
            "amount_vnd": amount_vnd,
        }
        answer = self.client.post("/api/payments", json=body, headers=self.point.till.bearer)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def act(self, payment: dict[str, Any], verb: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do something to it at the till."""
        answer = self.client.post(f"/api/payments/{payment['id']}/{verb}", json=body, headers=self.point.till.bearer)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def settled(self, payment: dict[str, Any]) -> dict[str, Any]:
        """Ask as the till does, until the terminal has said what became of it."""
        seen = payment
        until(lambda: seen.update(self.act(payment, "ask")) or seen["state"] != "waiting")
        return seen


@pytest.fixture(scope="module")
def desk(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with module_database.transaction() as tx:
        point = a_pay_point(tx)
        depot_id = a_depot(tx)
    terminal = Simulator(tmp_path_factory.mktemp("terminal"), free_port())
    terminal.start()
    with (
        serving(module_database.url, CARD_TERMINAL_URL=terminal.url) as server,
        httpx.Client(base_url=server.url, timeout=20) as client,
    ):
        yield Desk(server, client, module_database, point, terminal, depot_id)
    terminal.kill()


@pytest.fixture(autouse=True)
def willing(desk: Desk) -> None:
    desk.terminal.turn("approve")


def test_an_approval_is_received_and_pays_for_a_sale(desk: Desk):
    asked = desk.asks(100_000)
    assert (asked["state"], asked["heard"]) == ("waiting", "waiting_card")
    paid = desk.settled(asked)
    assert (paid["state"], paid["received_vnd"], len(paid["reference"])) == ("received", 100_000, 6)
    cart = a_cart(desk.point.till, (desk.point.variant_id, 1, 100_000))
    cart["tenders"] = [{"kind": "card", "amount_vnd": 100_000, "payment_id": asked["id"], "reference": paid["reference"]}]
    sold = desk.client.post("/api/sales", json=cart, headers=desk.point.till.bearer)
    assert sold.status_code == 201, sold.text
    prove(desk.database)


def test_a_decline_says_why_and_charges_nothing(desk: Desk):
    desk.terminal.turn("decline", "Không đủ số dư")
    refused = desk.settled(desk.asks())
    assert (refused["state"], refused["reason"], refused["received_vnd"]) == ("declined", "Không đủ số dư", 0)


def test_the_same_request_again_is_one_charge(desk: Desk):
    asked = desk.asks(300_000)
    before = len(desk.terminal.charges())
    again = desk.asks(300_000, payment_id=asked["id"], cart_id=asked["cart_id"])
    assert (again["id"], len(desk.terminal.charges())) == (asked["id"], before)
    assert desk.settled(asked)["state"] == "received"


def test_two_requests_for_one_cart_in_one_moment_are_one_charge(desk: Desk):
    desk.terminal.turn("silent")
    cart_id, before = str(new_id()), set(desk.terminal.charges())
    bodies = [{"id": str(new_id()), "kind": "card", "cart_id": cart_id, "amount_vnd": 300_000} for _ in range(4)]
    barrier = threading.Barrier(len(bodies))

    def ask(body: dict[str, Any]) -> httpx.Response:
        barrier.wait()
        return desk.client.post("/api/payments", json=body, headers=desk.point.till.bearer)

    with ThreadPoolExecutor(len(bodies)) as pool:
        answers = list(pool.map(ask, bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    first = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    told = [answer.json() for answer in answers if answer.status_code == 409]
    assert {one["code"] for one in told} == {"payment_open"}
    assert {one["facts"]["payment_id"] for one in told} == {first}
    assert told[0]["detail"] == "Đơn này còn chờ 300.000 ₫ ở quầy HN01-1. Đợi khoản đó hoặc dừng nó, rồi thử lại."
    desk.terminal.turn("approve")
    assert desk.act({"id": first}, "cancel")["state"] == "cancelled"
    again = desk.asks(300_000, cart_id=cart_id)
    assert desk.settled(again)["state"] == "received"
    assert set(desk.terminal.charges()) - before == {first, again["id"]}


def test_a_charge_whose_answer_was_lost_is_found_by_asking(desk: Desk):
    desk.terminal.turn("lost")
    asked = desk.asks()
    assert (asked["state"], asked["heard"]) == ("waiting", "lost")
    assert desk.settled(asked)["state"] == "received"
    assert desk.terminal.charges()[asked["id"]] == "approved"


def test_a_charge_that_never_arrived_is_shut_so_that_it_cannot_arrive_any_more(desk: Desk):
    desk.terminal.turn("silent")
    asked = desk.asks()
    assert (asked["state"], asked["heard"]) == ("waiting", "lost")
    assert desk.act(asked, "ask")["heard"] == "lost"
    desk.terminal.turn("approve")
    assert desk.act(asked, "ask")["state"] == "cancelled"
    late = HttpTerminal(desk.terminal.url, "HN01-1").charge(reference=asked["id"], amount_vnd=300_000)
    assert late.state == "cancelled"


def test_a_terminal_that_is_killed_after_charging_still_knows_of_it(desk: Desk):
    desk.terminal.turn("lost")
    asked = desk.asks()
    desk.terminal.kill()
    assert desk.act(asked, "ask")["heard"] == "lost"
    assert desk.act(asked, "cancel")["heard"] == "lost"
    desk.terminal.start()
    assert desk.settled(asked)["state"] == "received"
    assert desk.terminal.charges()[asked["id"]] == "approved"


def test_stopping_comes_too_late_for_a_card_that_is_charged(desk: Desk):
    desk.terminal.turn("lost")
    asked = desk.asks()
    assert desk.act(asked, "cancel")["state"] == "received"


def test_stopping_in_time_charges_nothing(desk: Desk):
    asked = desk.asks()
    assert desk.act(asked, "cancel")["state"] == "cancelled"
    assert desk.terminal.charges()[asked["id"]] == "cancelled"


def test_a_cart_given_up_is_voided_at_the_terminal(desk: Desk):
    paid = desk.settled(desk.asks())
    back = desk.act(paid, "return", {"reason": "Khách không mua nữa"})
    assert (back["state"], back["heard"]) == ("returned", "settled")
    assert desk.terminal.charges()[paid["id"]] == "voided"


def test_money_on_its_way_back_while_the_terminal_is_silent_is_seen_to_later(desk: Desk):
    paid = desk.settled(desk.asks())
    desk.terminal.turn("silent")
    assert desk.act(paid, "return", {"reason": "Khách không mua nữa"})["state"] == "returning"
    desk.terminal.turn("approve")
    with desk.database.transaction() as tx:
        left = [request_id for request_id, _ in unsettled_cards(tx, before=clock.now())]
        request = tx.get_one(PaymentRequest, left[-1])
    assert str(request.id) == paid["id"]
    heard = counter.see_to(desk.database, HttpTerminal(desk.terminal.url, "HN01-1"), request=request, now=clock.now())
    assert (heard, desk.terminal.charges()[paid["id"]]) == ("settled", "voided")


def test_an_answer_that_is_no_word_about_the_charge_is_silence(desk: Desk):
    wrong = HttpTerminal(f"{desk.server.url}/nowhere", "HN01-1")
    assert counter.stop(desk.database, wrong, request_id=new_id(), now=clock.now()) == "lost"


def test_the_page_of_the_simulator_says_what_it_is(desk: Desk):
    shown = httpx.get(f"{desk.terminal.url}/?terminal=<script>").text
    assert "không có tiền thật" in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("kind", ["transfer", "card"])
def test_what_the_depot_sends_is_paid_before_it_leaves_and_given_back_when_its_sale_is_void(desk: Desk, kind: str):
    variant_id, till = desk.point.variant_id, desk.point.till
    on_hand = "SELECT on_hand FROM stock WHERE location_id = :l"
    with desk.database.transaction() as tx:
        stocked(tx, desk.depot_id, {variant_id: 2})
        before = tx.scalars(text(on_hand), {"l": desk.depot_id}).one()
    body = {"id": str(new_id()), "kind": kind, "cart_id": str(new_id()), "amount_vnd": 200_000}
    asked = desk.client.post("/api/payments", json=body, headers=till.bearer).json()
    cart = a_cart(till, (variant_id, 2, 100_000), source_id=desk.depot_id)
    cart["tenders"] = [{"kind": kind, "amount_vnd": 200_000, "payment_id": asked["id"]}]
    early = desk.client.post("/api/sales", json=cart, headers=till.bearer)
    if kind == "transfer":
        with desk.database.transaction() as tx:
            credit = Credit(f"ref-{asked['id']}", "0123499999", 200_000, asked["code"], "FT1", clock.now())
            incoming.record_credit(tx, provider="sepay", credit=credit, now=clock.now())
    else:
        desk.settled(asked)

    sold = desk.client.post("/api/sales", json=cart, headers=till.bearer)
    with desk.database.transaction() as tx:
        (task,) = sending.open_sendings(tx, scope=[desk.depot_id])
        sales.void_sale(
            tx, sale_id=UUID(cart["id"]), receipt_no=None, reason="Kho hết", who=desk.point.owner, now=clock.now()
        )
    with desk.database.transaction() as tx:
        left = sending.open_sendings(tx, scope=[desk.depot_id])
        back = tx.scalars(text("SELECT state FROM payment_request WHERE id = :id"), {"id": asked["id"]}).one()
        after = tx.scalars(text(on_hand), {"l": desk.depot_id}).one()

    assert (early.status_code, early.json()["code"]) == (409, "payment_not_taken")
    assert sold.status_code == 201, sold.text
    assert (str(task["sale_id"]), [line["qty"] for line in task["lines"]]) == (cart["id"], [2])
    assert (left, back, after) == ([], "returning", before)
