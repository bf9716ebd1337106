"""Payments over HTTP: the till asks, a provider calls, the office deals with what is left; and two calls in one moment."""

import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any

import httpx
import pytest

from books import prove
from builders import PIN, Person, a_cart, a_person
from paypoint import PayPoint, a_pay_point
from placket.core.db import Database
from placket.core.ids import new_id
from placket.payments import hook_rules
from serving import Server, serving
from terminals import a_terminal

SEPAY_KEY, PAYOS_KEY = "khoa-sepay-cua-bai-thu", "khoa-payos-cua-bai-thu"


@dataclass
class Bank:
    """A running server with the keys of both providers, a till and the office."""

    server: Server
    client: httpx.Client
    database: Database
    point: PayPoint
    accountant: Person
    manager: Person
    numbers: Iterator[int] = field(default_factory=lambda: count(1000))

    def asks(self, amount_vnd: int) -> dict[str, Any]:
        """The till asks for a transfer."""
        body = {"id": str(new_id()), "kind": "transfer", "cart_id": str(new_id()), "amount_vnd": amount_vnd}
        answer = self.client.post("/api/payments", json=body, headers=self.point.till.bearer)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def payment(self, payment_id: str) -> dict[str, Any]:
        """How it stands, as the till sees it."""
        return self.client.get(f"/api/payments/{payment_id}", headers=self.point.till.bearer).json()

    def act(self, payment_id: str, verb: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Do something to a payment at the till."""
        return self.client.post(f"/api/payments/{payment_id}/{verb}", json=body, headers=self.point.till.bearer)

    def sepay(self, amount_vnd: int, content: str, *, id: int | None = None, key: str = SEPAY_KEY) -> httpx.Response:  # noqa: A002
        """SePay calls."""
        facts = {"id": id or next(self.numbers), "transferType": "in", "transferAmount": amount_vnd, "content": content}
        body = json.dumps(facts | {"accountNumber": "0123499999", "transactionDate": "2026-11-25 14:32:05"})
        now = str(int(time.time()))
        told = hmac.new(key.encode(), f"{now}.{body}".encode(), sha256).hexdigest()
        headers = {"x-sepay-signature": f"sha256={told}", "x-sepay-timestamp": now}
        return self.client.post("/api/hooks/sepay", content=body, headers=headers)

    def payos(self, amount_vnd: int, content: str, *, key: str = PAYOS_KEY) -> httpx.Response:
        """PayOS calls."""
        data = {
            "amount": amount_vnd,
            "description": content,
            "reference": f"FT{next(self.numbers)}",
            "code": "00",
            "orderCode": 7,
        }
        told = hmac.new(key.encode(), hook_rules.payos_signed(data).encode(), sha256).hexdigest()
        return self.client.post("/api/hooks/payos", json={"code": "00", "success": True, "data": data, "signature": told})

    def office(self, path: str) -> Any:
        """What the accountant sees."""
        answer = self.client.get(f"/api/bank/{path}", headers=self.accountant.bearer)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def bank(module_database: Database) -> Iterator[Bank]:
    with module_database.transaction() as tx:
        point = a_pay_point(tx)
        accountant = a_person(tx, "accountant")
        manager = a_person(tx, "store_manager", at=point.branch_id, pin=PIN)
    with (
        serving(module_database.url, SEPAY_SECRET=SEPAY_KEY, PAYOS_CHECKSUM_KEY=PAYOS_KEY) as server,
        httpx.Client(base_url=server.url, timeout=10) as client,
    ):
        yield Bank(server, client, module_database, point, accountant, manager)
        assert SEPAY_KEY not in server.output()
        assert PAYOS_KEY not in server.output()


def test_a_transfer_is_asked_for_by_a_code_that_banks_read(bank: Bank):
    asked = bank.asks(300_000)
    assert (asked["state"], asked["missing_vnd"], asked["account"]["bank"]) == ("waiting", 300_000, "Vietcombank")
    assert asked["qr"].startswith("data:image/svg+xml")
    assert len(asked["code"]) == 12
    assert asked["code"].isascii()


@pytest.mark.parametrize("provider", ["sepay", "payos"])
def test_a_signed_call_closes_the_request_and_the_till_hears_of_it_at_once(bank: Bank, provider: str):
    terminal = a_terminal(bank.server.url, bank.point.till.cashier)
    asked = bank.asks(300_000)
    answer = getattr(bank, provider)(300_000, f"{asked['code']} thanh toan")
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    terminal.listen(lambda it: any(heard["payload"]["state"] == "received" for heard in it.heard("payment.changed")))
    assert bank.payment(asked["id"])["state"] == "received"


def test_calls_that_are_not_signed_are_turned_away_and_counted(bank: Bank):
    before = {one["provider"]: one["failures"] for one in bank.office("providers")}
    asked = bank.asks(300_000)
    for answer in (bank.sepay(300_000, asked["code"], key="x"), bank.payos(300_000, asked["code"], key="x")):
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed")
    assert bank.client.post("/api/hooks/sepay", content=b"{}").status_code == 401
    assert bank.client.post("/api/hooks/payos", content=b"{").status_code == 422
    assert bank.client.post("/api/hooks/payos", content=b" " * 33_000).status_code == 413
    after = {one["provider"]: one["failures"] for one in bank.office("providers")}
    assert {name: after[name] - before[name] for name in after} == {"sepay": 2, "payos": 2}
    assert bank.payment(asked["id"])["state"] == "waiting"


def at_once(many: int, call: Callable[[], object]) -> None:
    """Make a call from so many threads in one moment."""
    barrier = threading.Barrier(many)

    def go() -> None:
        barrier.wait()
        call()

    threads = [threading.Thread(target=go) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("turn", range(8))
def test_calls_of_one_credit_in_one_moment_count_once(bank: Bank, turn: int):
    asked = bank.asks(500_000)
    answers: list[int] = []
    at_once(4, lambda: answers.append(bank.sepay(250_000, asked["code"], id=500_000 + turn).status_code))
    now = bank.payment(asked["id"])
    assert (answers, now["state"], now["received_vnd"]) == ([200] * 4, "waiting", 250_000)


@pytest.mark.parametrize("turn", range(8))
def test_two_halves_in_one_moment_make_the_whole(bank: Bank, turn: int):
    asked = bank.asks(500_000 + turn)
    at_once(2, lambda: bank.sepay(250_000 + turn, asked["code"]))
    now = bank.payment(asked["id"])
    assert (now["state"], now["received_vnd"], now["surplus_vnd"]) == ("received", 500_000 + 2 * turn, turn)


def test_a_sale_takes_the_payment_and_its_void_gives_it_back(bank: Bank):
    asked = bank.asks(100_000)
    bank.sepay(100_000, asked["code"])
    cart = a_cart(bank.point.till, (bank.point.variant_id, 1, 100_000))
    cart["tenders"] = [{"kind": "transfer", "amount_vnd": 100_000, "payment_id": asked["id"]}]
    sold = bank.client.post("/api/sales", json=cart, headers=bank.point.till.bearer)
    assert sold.status_code == 201, sold.text
    assert bank.payment(asked["id"])["sale_id"] == cart["id"]
    refused = bank.act(asked["id"], "return", {"reason": "Khách đổi ý"})
    assert refused.json()["code"] == "payment_used"
    voided = bank.client.post(
        f"/api/sales/{cart['id']}/void", json={"reason": "Khách đổi ý"}, headers=bank.point.till.bearer
    )
    assert voided.status_code == 200, voided.text
    assert [one["id"] for one in bank.office("returns")] == [asked["id"]]
    paid = bank.client.post(
        f"/api/bank/returns/{asked['id']}", json={"reason": "Chuyển khoản lại"}, headers=bank.accountant.bearer
    )
    assert (paid.status_code, bank.office("returns")) == (204, [])
    prove(bank.database)


def test_a_transfer_by_hand_needs_somebody_who_may_confirm_it(bank: Bank):
    cart = a_cart(bank.point.till, (bank.point.variant_id, 1, 100_000), receipt_no=bank.point.till.last_receipt_no + 1)
    cart["tenders"] = [{"kind": "transfer", "amount_vnd": 100_000, "reference": "FT1"}]
    refused = bank.client.post("/api/sales", json=cart, headers=bank.point.till.bearer)
    assert (refused.status_code, refused.json()["code"]) == (403, "transfer_unconfirmed")


def test_only_somebody_who_may_confirms_that_money_has_come(bank: Bank):
    asked = bank.asks(100_000)
    assert bank.act(asked["id"], "confirm", {}).json()["code"] == "not_permitted"
    wrong = {"approved_by": str(bank.manager.id), "approval_id": str(new_id())}
    assert bank.act(asked["id"], "confirm", wrong).json()["code"] == "approval_not_live"
    wish = {"staff_id": str(bank.manager.id), "pin": PIN, "verb": "payment.confirm", "about": "Đã nhận 100.000 ₫"}
    given = bank.client.post("/api/approvals", json=wish, headers=bank.point.till.bearer).json()
    right = {"approved_by": str(bank.manager.id), "approval_id": given["id"], "reason": "Xem trên app ngân hàng"}
    confirmed = bank.act(asked["id"], "confirm", right).json()
    assert (confirmed["state"], confirmed["confirmed_by"]) == ("received", "Nguyễn Thị store_manager")


def test_a_late_credit_waits_in_the_office_with_its_request_beside_it(bank: Bank):
    asked = bank.asks(123_000)
    assert bank.act(asked["id"], "cancel").json()["state"] == "cancelled"
    bank.sepay(123_000, asked["code"])
    (credit,) = [one for one in bank.office("credits") if one["amount_vnd"] == 123_000]
    assert (credit["guess"]["request_id"], credit["guess"]["state"]) == (asked["id"], "cancelled")
    done = bank.client.post(
        f"/api/bank/credits/{credit['id']}/return", json={"reason": "Khách đã đi"}, headers=bank.accountant.bearer
    )
    assert done.status_code == 204
    assert [one for one in bank.office("credits") if one["amount_vnd"] == 123_000] == []


def test_a_till_finds_its_open_payments_again(bank: Bank):
    asked = bank.asks(150_000)
    here = bank.client.get("/api/payments", headers=bank.point.till.bearer).json()
    assert (here["terminal"], here["by_code"]) == (False, True)
    assert asked["id"] in [one["id"] for one in here["open"]]


def test_without_a_key_there_is_no_address_to_call(module_database: Database):
    with serving(module_database.url) as server:
        assert httpx.post(f"{server.url}/api/hooks/sepay", content=b"{}").status_code == 404
        assert httpx.post(f"{server.url}/api/hooks/payos", content=b"{}").status_code == 404


def test_an_account_is_changed_by_whoever_may_and_nobody_else(bank: Bank):
    wish = {"bank_bin": "970422", "account_no": "0987654321", "account_name": "CONG TY LUA"}
    path = f"/api/bank/accounts/{bank.point.branch_id}"
    assert bank.client.put(path, json=wish, headers=bank.manager.bearer).json()["code"] == "not_permitted"
    unknown = bank.client.put(path, json=wish | {"bank_bin": "111111"}, headers=bank.accountant.bearer)
    assert unknown.json()["code"] == "unknown_bank"
    assert bank.client.put(path, json=wish, headers=bank.accountant.bearer).status_code == 204
    assert bank.asks(1_000)["account"] == {"bank": "MB Bank", "account_no": "0987654321", "account_name": "CONG TY LUA"}
