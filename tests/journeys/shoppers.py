"""What journeys share of shoppers: a phone with the shop on it, a cart, a checkout, and a card at the provider's page."""

import re
from typing import Any, Final

from playwright.sync_api import Page, expect
from tills import Goods

from stage import Stage

GOOD, ASKS, REFUND_FAILS = "4242424242424242", "4000002760003184", "4000000000005126"
PHONE: Final[dict[str, Any]] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
RECIPIENT: Final = {"phone": "0901234567", "name": "Nguyễn Bảo Ngọc"}
ADDRESS: Final = {"ward": "Phường Cửa Nam", "street": "12 Tràng Tiền"}
HANOI: Final = "01"


class Shopper:
    """Somebody with the shop on a phone."""

    def __init__(self, stage: Stage, name: str = "W") -> None:
        self.stage = stage
        self.page: Page = stage.open(name, "/", **PHONE)

    def find(self, testid: str) -> Any:
        """A part of the page."""
        return self.page.get_by_test_id(testid)

    def sign_in(self, address: str) -> None:
        """By the code that comes to a phone number, or to an address of e-mail."""
        self.page.goto("/account")
        self.find("shop.sign_in.address").fill(address)
        self.find("shop.sign_in.send").click()
        self.find("shop.sign_in.code").wait_for()
        said = self._newest_mail(address) if "@" in address else self._newest_sms()
        # an SMS has no marks
        found = re.search(r"\b(\d{6}) l[àa] m[ãa] ", said)
        assert found is not None, "the code is in the message"
        self.find("shop.sign_in.code").fill(found[1])
        self.find("shop.sign_in.enter").click()
        self.find("shop.account.hello").wait_for()

    def _newest_mail(self, address: str) -> str:
        mail = next(mail for mail in self.stage.inbox.mails[::-1] if str(mail["to"]) == address)
        plain = mail.get_body(("plain",))
        assert plain is not None, "every mail has plain words"
        return str(plain.get_content())

    def _newest_sms(self) -> str:
        sent = (self.stage.server.home / "mail").glob("*-sms.txt")
        return max(sent, key=lambda path: path.stat().st_mtime).read_text(encoding="utf-8")

    def add(self, goods: Goods) -> None:
        """Put a piece into the cart from its own page."""
        ((colour, size),) = self.stage.rows(
            "SELECT c.code, z.code FROM variant v JOIN colour c ON c.id = v.colour_id JOIN size z ON z.id = v.size_id "
            "WHERE v.id = %s::uuid",
            goods.id,
        )
        self.page.goto(f"/p/{goods.style.lower()}")
        self.find(f"shop.product.colour.{colour}").click()
        self.find(f"shop.product.size.{size}").click()
        self.find("shop.product.add").click()
        self.find("shop.toast.link").wait_for()

    def check_out(self, *, at: str | None = None) -> None:
        """Go to the checkout and say who gets it: sent to Hanoi, or collected at a branch; waits until it is held."""
        self.page.goto("/checkout")
        for field, value in RECIPIENT.items():
            self.find(f"shop.checkout.{field}").fill(value)
        if at is None:
            self.find("shop.checkout.province").select_option(HANOI)
            for field, value in ADDRESS.items():
                self.find(f"shop.checkout.{field}").fill(value)
        else:
            self.find("shop.checkout.collect").click()
            self.find(f"shop.checkout.branch.{at}").check()
        self.find("shop.checkout.hold").wait_for()

    def order_cod(self) -> None:
        """Pay on delivery."""
        self.find("shop.checkout.method.cod").check()
        self.find("shop.checkout.pay").click()
        self.await_state("confirmed")

    def go_to_pay(self) -> None:
        """Go to the provider's page."""
        self.find("shop.checkout.method.card").check()
        expect(self.find("shop.checkout.pay")).to_be_enabled()
        self.find("shop.checkout.pay").click()
        self.page.locator("#n").wait_for()

    def type_card(self, number: str) -> None:
        """Type a card there."""
        self.page.locator("#n").fill(number)
        self.page.locator("button.act").click()

    def answer_bank(self) -> None:
        """Agree on the 3-D Secure page."""
        self.page.get_by_role("button", name="Đồng ý thanh toán").click()

    def pay(self, number: str = ASKS) -> None:
        """Pay by card, answer the bank if it asks, and come back to a confirmed order."""
        self.go_to_pay()
        self.type_card(number)
        if number == ASKS:
            self.answer_bank()
        self.await_state("confirmed")

    def await_state(self, state: str) -> None:
        """The page of the order tells how it stands by itself."""
        expect(self.find("shop.order.state")).to_have_attribute("data-state", state, timeout=20_000)

    @property
    def order(self) -> dict[str, Any]:
        """The order in hand, as the books have it: the newest."""
        ((order_id, code, state, total_vnd),) = self.stage.rows(
            "SELECT id::text, code, state, total_vnd FROM web_order ORDER BY placed_at DESC, id DESC LIMIT 1"
        )
        return {"id": order_id, "code": code, "state": state, "total_vnd": total_vnd}

    def pick_up_code(self) -> str:
        """The digits of the QR code to show at a branch."""
        (code,) = {
            row[0]
            for row in self.stage.rows(
                "SELECT DISTINCT p.code FROM promise p JOIN web_order_question q ON q.ref = p.ref "
                "WHERE q.order_id = %s::uuid AND q.state = 'kept'",
                self.order["id"],
            )
        }
        expect(self.find("shop.order.pick_up")).to_contain_text(code)
        return str(code)
