"""What a till sold from the depot and the depot cannot find: sent from elsewhere, handed over, or paid back, and told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from books import raw
from builders import Person, a_cart, a_person
from parcelling import SECRET, Van, a_van
from placket import inventory, verify
from placket.core import clock
from placket.sales import lacking_jobs
from served import own_database
from shop.test_account import a_customer
from shopping import WebShop, a_web_shop
from waiting import until

MEMBER = "+84901234567"
HOME = {"name": "Nguyễn Bảo Ngọc", "phone": "0901234567", "address": "12 Tràng Tiền, Hà Nội"}
ACCOUNT = {"bank": "Vietcombank", "account_no": "0123456789", "account_name": "NGUYEN BAO NGOC"}


@pytest.fixture(scope="module")
def van(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Van]:
    with a_van(Path(tmp_path_factory.mktemp("van"))) as made:
        yield made


@pytest.fixture(scope="module")
def shop(van: Van) -> Iterator[WebShop]:
    with (
        own_database("lacks") as database,
        a_web_shop(database, CARRIER_URL=van.url, CARRIER_SECRET=SECRET) as made,
    ):
        van.depot.hook, van.database = f"{made.server.url}/api/hooks/carrier", database
        with database.transaction() as tx:
            a_customer(tx)
            tx.execute(text("UPDATE location SET opening_hours = '{}' WHERE kind = 'branch'"))
        yield made


@pytest.fixture(scope="module")
def depot_hand(shop: WebShop) -> Person:
    with shop.database.transaction() as tx:
        return a_person(tx, "warehouse", at=shop.depot_id)


@pytest.fixture(scope="module")
def far_hand(shop: WebShop) -> Person:
    with shop.database.transaction() as tx:
        return a_person(tx, "cashier", at=shop.far_id)


def sold(shop: WebShop, shirt: UUID, qty: int = 1, *, tender: str = "cash", member: bool = True) -> dict[str, Any]:
    """The till sells pieces of the depot."""
    with shop.database.transaction() as tx:
        customer_id = tx.scalars(text("SELECT id FROM customer WHERE phone = :phone"), {"phone": MEMBER}).one()
    cart = a_cart(shop.till, (shirt, qty, 100_000), source_id=shop.depot_id, customer_id=customer_id if member else None)
    if tender != "cash":
        cart["tenders"] = [{"kind": tender, "amount_vnd": cart["total_vnd"], "reference": "123456"}]
    answer = shop.client.post("/api/sales", json=cart, headers=shop.till.cashier.bearer)
    assert answer.status_code == 201, answer.text
    return cart


def said_missing(shop: WebShop, who: Person, cart: dict[str, Any], qty: int = 1) -> httpx.Response:
    """The depot has looked."""
    route = f"/api/order-tasks/sendings/{cart['id']}/{shop.depot_id}/short"
    return shop.client.post(route, json={"line_no": 1, "qty": qty}, headers=who.bearer)


def lacks(shop: WebShop, who: Person, cart: dict[str, Any]) -> list[dict[str, Any]]:
    """What somebody sees of the pieces of a sale that are not there."""
    found = shop.client.get("/api/order-tasks/lacks", headers=who.bearer).json()
    return [lack for lack in found if lack["sale_id"] == cart["id"]]


def act(shop: WebShop, who: Person, lack: dict[str, Any], verb: str, **body: Any) -> httpx.Response:
    """Do something about it."""
    return shop.client.post(f"/api/order-tasks/lacks/{lack['id']}/{verb}", json=body, headers=who.bearer)


def told(shop: WebShop, lack: dict[str, Any]) -> list[str]:
    """What the customer was told."""
    with shop.database.transaction() as tx:
        query = text("SELECT kind FROM message WHERE subject_id = :lack ORDER BY kind")
        return list(tx.scalars(query, {"lack": lack["id"]}))


def waiting(shop: WebShop, who: Person, cart: dict[str, Any]) -> list[int]:
    """How many pieces of the sale the depot is still to send."""
    tasks = shop.client.get("/api/order-tasks/sendings", headers=who.bearer).json()
    return [line["qty"] for task in tasks if task["sale_id"] == cart["id"] for line in task["lines"]]


def test_another_place_sends_what_the_depot_cannot_find(
    shop: WebShop, van: Van, depot_hand: Person, far_hand: Person
) -> None:
    shirt = shop.goods(depot=3, far=2)
    cart = sold(shop, shirt, 2)

    said = said_missing(shop, depot_hand, cart)
    too_many = said_missing(shop, depot_hand, cart, qty=2)
    (lack,) = lacks(shop, far_hand, cart)
    held = shop.stock(shop.far_id, shirt)
    there = {"location_id": str(shop.far_id), "recipient": HOME}
    early = act(shop, depot_hand, lack, "send", location_id=str(shop.depot_id), recipient=HOME)
    gone = act(shop, far_hand, lack, "send", **there)
    again = act(shop, far_hand, lack, "send", **there | {"carrier": "GHN"})

    assert (said.status_code, too_many.json()["code"]) == (204, "already_sent")
    assert (lack["state"], lack["place_name"], lack["missed_name"]) == ("found", "Chi nhánh SG01", "Kho trung tâm")
    assert held == (2, 1)
    assert early.json()["code"] == "lack_over"
    assert (gone.status_code, gone.json()["tracking_no"][:2]) == (200, "GN")
    assert again.status_code == 200
    assert shop.stock(shop.far_id, shirt) == (1, 0)
    assert shop.stock(shop.depot_id, shirt) == (2, 0), "the sold piece that never left is doubted, not gone"
    assert (waiting(shop, depot_hand, cart), lacks(shop, shop.owner, cart), told(shop, lack)) == ([1], [], [])
    assert van.keys()[0] == f"lack-{lack['id']}-{shop.far_id}"
    shop.prove()


@pytest.mark.parametrize("wrong", ["qty = 5", "from_id = location_id", "state = 'handed_over', carrier = NULL, qty = 2"])
def test_the_books_prove_that_it_left_once(shop: WebShop, depot_hand: Person, wrong: str) -> None:
    shirt = shop.goods(depot=1, far=1)
    said_missing(shop, depot_hand, cart := sold(shop, shirt))
    (lack,) = lacks(shop, shop.owner, cart)
    there = {"location_id": str(shop.far_id), "recipient": HOME, "carrier": "GHN"}
    assert act(shop, shop.owner, lack, "send", **there).status_code == 200

    with shop.database.transaction() as tx:
        trial = tx.begin_nested()
        tx.execute(text(f"UPDATE sending_lack SET {wrong} WHERE id = :id"), {"id": lack["id"]})
        found = [finding.check for finding in verify.prove(raw(tx))]
        trial.rollback()

    assert found == ["lacks_are_carried_once"]


def test_what_is_nowhere_is_told_and_paid_back_to_the_card_s_account(shop: WebShop, depot_hand: Person) -> None:
    shirt = shop.goods(depot=1)
    cart = sold(shop, shirt, tender="card")
    said_missing(shop, depot_hand, cart)

    (lack,) = lacks(shop, shop.till.cashier, cart)
    without = act(shop, shop.till.cashier, lack, "refund", form="transfer")
    by_depot = act(shop, depot_hand, lack, "refund", form="transfer", pay_to=ACCOUNT)
    given = act(shop, shop.till.cashier, lack, "refund", form="transfer", pay_to=ACCOUNT)
    again = act(shop, shop.till.cashier, lack, "refund", form="transfer", pay_to=ACCOUNT)

    assert (lack["state"], lack["refund_vnd"], lack["place_id"]) == ("nowhere", 100_000, None)
    assert {form["kind"]: form["reason"] for form in lack["forms"]} == {
        "card": "other_tender",
        "transfer": None,
        "store_credit": None,
    }
    assert (without.json()["code"], by_depot.status_code) == ("lack_form", 403)
    assert (given.status_code, given.json()["amount_vnd"], again.json()) == (200, 100_000, given.json())
    with shop.database.transaction() as tx:
        paid = tx.execute(
            text(
                "SELECT y.kind, y.amount_vnd FROM payment y JOIN sale_line n ON n.sale_id = y.sale_id "
                "WHERE n.returns_sale_id = :id"
            ),
            {"id": cart["id"]},
        ).all()
        matters = tx.execute(
            text("SELECT kind, state FROM exception_log WHERE refs ->> 'sale' = :id ORDER BY kind"), {"id": cart["id"]}
        ).all()
    assert [tuple(row) for row in paid] == [("transfer", -100_000)]
    assert [tuple(row) for row in matters] == [("not_found", "open"), ("sending_nowhere", "closed")]
    assert told(shop, lack) == ["sending_nowhere", "sending_refunded"]
    assert shop.stock(shop.depot_id, shirt) == (1, 0)
    shop.prove()


def test_cash_goes_back_as_credit_and_only_to_somebody(shop: WebShop, depot_hand: Person) -> None:
    shirt = shop.goods(depot=2)
    known, unknown = sold(shop, shirt), sold(shop, shirt, member=False)
    for cart in (known, unknown):
        said_missing(shop, depot_hand, cart)

    (lack,), (nobodys,) = lacks(shop, shop.owner, known), lacks(shop, shop.owner, unknown)
    given = act(shop, shop.owner, lack, "refund", form="store_credit")
    refused = act(shop, shop.owner, nobodys, "refund", form="store_credit")

    assert given.status_code == 200, given.text
    assert (refused.json()["code"], refused.json()["facts"]) == ("lack_form", {"reason": "no_customer"})
    with shop.database.transaction() as tx:
        query = text(
            "SELECT sum(amount_vnd)::int FROM credit_entry WHERE customer_id = (SELECT customer_id FROM sale WHERE id = :id)"
        )
        assert tx.scalar(query, {"id": known["id"]}) == 100_000
    assert (told(shop, lack), told(shop, nobodys)) == (["sending_nowhere", "sending_refunded"], [])
    shop.prove()


def test_the_branch_hands_over_a_piece_that_turns_up_on_its_shelf(shop: WebShop, depot_hand: Person) -> None:
    shirt = shop.goods(depot=1)
    cart = sold(shop, shirt)
    said_missing(shop, depot_hand, cart)
    (lack,) = lacks(shop, shop.till.cashier, cart)
    here = str(shop.branch_id)

    none = act(shop, shop.till.cashier, lack, "hand-over", location_id=here)
    with shop.database.transaction() as tx:
        inventory.adjust(
            tx,
            document_id=UUID(lack["id"][:-4] + "0001"),
            kind="receipt",
            reason="found",
            location_id=shop.branch_id,
            lines=[inventory.Move(shirt, 1)],
            by=inventory.By(shop.owner.id),
            now=clock.now(),
        )
    given = act(shop, shop.till.cashier, lack, "hand-over", location_id=here)
    late = act(shop, shop.till.cashier, lack, "refund", form="transfer", pay_to=ACCOUNT)

    assert none.json()["code"] == "would_break_promise"
    assert (given.status_code, late.json()["code"]) == (204, "lack_over")
    assert (shop.stock(shop.branch_id, shirt), shop.stock(shop.depot_id, shirt)) == ((0, 0), (1, 0))
    shop.prove()


def test_a_sale_that_is_voided_lets_go_of_what_was_found_for_it(shop: WebShop, depot_hand: Person) -> None:
    shirt = shop.goods(depot=1, far=1)
    cart = sold(shop, shirt)
    said_missing(shop, depot_hand, cart)
    (lack,) = lacks(shop, shop.owner, cart)

    voided = shop.client.post(f"/api/sales/{cart['id']}/void", json={"reason": "mistake"}, headers=shop.owner.bearer)
    lacking_jobs.see_to(shop.database, now=clock.now())

    assert (lack["state"], voided.status_code) == ("found", 200), voided.text
    assert (lacks(shop, shop.owner, cart), shop.stock(shop.far_id, shirt)) == ([], (1, 0))
    shop.prove()


def test_what_the_depot_has_not_sent_yet_is_back_on_its_shelf_when_the_till_takes_it_back(
    shop: WebShop, depot_hand: Person
) -> None:
    shirt = shop.goods(depot=3)
    unsent, posted = sold(shop, shirt), sold(shop, shirt)
    route = f"/api/order-tasks/sendings/{posted['id']}/{shop.depot_id}"
    sent = shop.client.post(route, json={"recipient": HOME, "carrier": "GHN"}, headers=depot_hand.bearer)

    answers = [taken_back(shop, cart) for cart in (unsent, posted)]

    assert (sent.status_code, [answer.status_code for answer in answers]) == (200, [201, 201]), answers[0].text
    assert (shop.stock(shop.depot_id, shirt), shop.stock(shop.branch_id, shirt)) == ((2, 0), (1, 0))
    assert waiting(shop, depot_hand, unsent) == []
    late = shop.client.post(route.replace(posted["id"], unsent["id"]), json={"recipient": HOME}, headers=depot_hand.bearer)
    assert late.json()["code"] == "already_sent"
    shop.prove()


@pytest.mark.parametrize("how", ["depot_sends", "another_place_sends", "handed_over"])
def test_a_return_reckoned_before_the_piece_has_left_is_reckoned_again(
    shop: WebShop, depot_hand: Person, far_hand: Person, how: str
) -> None:
    shirt = shop.goods(depot=1, far=1)
    cart = sold(shop, shirt)
    if how != "depot_sends":
        said_missing(shop, depot_hand, cart)
    with ThreadPoolExecutor(1) as pool:
        with shop.database.transaction() as held:  # posting waits for the till's numbers, after the refund was reckoned
            held.execute(text("SELECT 1 FROM till_epoch WHERE till_id = :till FOR UPDATE"), {"till": shop.till.id})
            back = pool.submit(taken_back, shop, cart)
            until(shop.is_waiting, what="the return did not come as far as its posting")
            left = leaves(shop, depot_hand, far_hand, cart, how)
        early = back.result()
    shop.till.last_receipt_no -= 1  # what was refused leaves its number to the next
    late = taken_back(shop, cart)

    assert (left.is_success, early.status_code, early.json().get("code")) == (True, 409, "return_changed"), left.text
    assert late.status_code == 201, late.text
    at_depot = 0 if how == "depot_sends" else 1
    places = (shop.depot_id, shop.branch_id, shop.far_id)
    assert [shop.stock(place, shirt)[0] for place in places] == [at_depot, 1, 1 - at_depot]
    shop.prove()


def leaves(shop: WebShop, depot_hand: Person, far_hand: Person, cart: dict[str, Any], how: str) -> httpx.Response:
    """A sold piece leaves the place that has it."""
    parcel = {"recipient": HOME, "carrier": "GHN"}
    if how == "depot_sends":
        route = f"/api/order-tasks/sendings/{cart['id']}/{shop.depot_id}"
        return shop.client.post(route, json=parcel, headers=depot_hand.bearer)
    (lack,) = lacks(shop, far_hand, cart)
    there = {"location_id": str(shop.far_id)}
    if how == "handed_over":
        return act(shop, far_hand, lack, "hand-over", **there)
    return act(shop, far_hand, lack, "send", **there | parcel)


@pytest.mark.parametrize("end", ["returned", "voided"])
def test_nobody_sends_what_its_customer_does_not_wait_for_any_more(
    shop: WebShop, depot_hand: Person, far_hand: Person, end: str
) -> None:
    shirt = shop.goods(depot=1, far=1)
    said_missing(shop, depot_hand, cart := sold(shop, shirt))
    if end == "returned":
        ended = taken_back(shop, cart)
    else:
        ended = shop.client.post(f"/api/sales/{cart['id']}/void", json={"reason": "mistake"}, headers=shop.owner.bearer)

    with shop.database.transaction() as tx:  # before the clock has let go of what was found
        lack_id = tx.scalars(text("SELECT id FROM sending_lack WHERE sale_id = :sale"), {"sale": cart["id"]}).one()
    gone = act(shop, far_hand, {"id": lack_id}, "hand-over", location_id=str(shop.far_id))
    lacking_jobs.see_to(shop.database, now=clock.now())

    assert ended.is_success, ended.text
    assert (gone.status_code, gone.json()["code"]) == (409, "lack_over")
    assert (shop.stock(shop.far_id, shirt), shop.stock(shop.depot_id, shirt)[0]) == ((1, 0), 1)
    shop.prove()


def taken_back(shop: WebShop, cart: dict[str, Any]) -> httpx.Response:
    """The till takes a piece back for cash."""
    back = {"sale_id": cart["id"], "line_no": 1, "qty": 1, "refund_vnd": 100_000, "reason": "size", "condition": "sell"}
    tender = [{"kind": "cash", "amount_vnd": -100_000}]
    body = a_cart(shop.till) | {"total_vnd": -100_000, "tenders": tender, "returns": [back]}
    return shop.client.post("/api/sales", json=body, headers=shop.till.cashier.bearer)
