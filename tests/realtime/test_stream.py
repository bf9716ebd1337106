"""The stream as terminals meet it: a real server, real sockets, sales through HTTP."""

import time
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from builders import TillAtWork, a_cart, a_person
from placket import catalog, events
from placket.core import clock
from placket.core.ids import new_id
from placket.identity.service.sessions import end_session, tell_revoked
from placket.realtime.models import SocketTicket
from terminals import a_deaf_terminal, a_terminal, a_ticket


def sell(chain, till: TillAtWork, variant_id: UUID, qty: int = 1) -> str:
    """Sell through the API; answers the sale's id."""
    cart = a_cart(till, (variant_id, qty, 250_000))
    answer = httpx.post(f"{chain.url}/api/sales", json=cart, headers=till.bearer)
    assert answer.status_code == 201, answer.text
    return str(cart["id"])


def announce(chain, key: str, *, version: int = 1, topic: str = events.STOCK_CHANGED, filler: int = 0) -> None:
    """Publish an event of no consequence."""
    with chain.database.transaction() as tx:
        events.publish(tx, topic, key=key, key_version=version, payload={"filler": "x" * filler})


def has(key: str):
    """Whether a terminal has heard of a key."""
    return lambda terminal: any(event["key"] == key for event in terminal.events)


def test_a_sale_is_on_every_screen_the_sellers_own_included(chain):
    seller = a_terminal(chain.url, chain.till.cashier)
    elsewhere = a_terminal(chain.url, chain.other_till.cashier)
    variant_id = chain.goods.variants["DEN-S"]
    with chain.database.transaction() as tx:
        query = text("SELECT on_hand, version FROM stock WHERE location_id = :l AND variant_id = :v")
        before = tx.execute(query, {"l": chain.here, "v": variant_id}).one()

    sell(chain, chain.till, variant_id, qty=2)

    for terminal in (seller, elsewhere):
        (stock,) = terminal.listen(has(f"{chain.here}:{variant_id}")).heard(events.STOCK_CHANGED)
        assert stock == {
            "topic": "stock.changed",
            "key": f"{chain.here}:{variant_id}",
            "version": before.version + 1,
            "payload": {
                "location_id": str(chain.here),
                "variant_id": str(variant_id),
                "on_hand": before.on_hand - 2,
                "promised": 0,
                "bagged": 0,
                "asked": 0,
                "short": 0,
            },
        }


def test_sales_are_heard_in_their_branch_and_by_whoever_may_read_them(chain):
    people = {
        "seller": chain.till.cashier,
        "cashier of another branch": chain.other_till.cashier,
        "warehouse here": chain.person("warehouse", chain.here),
        "manager here": chain.person("store_manager", chain.here),
        "manager there": chain.person("store_manager", chain.there),
        "owner": chain.person("owner"),
        "marketer of the chain": chain.person("marketer"),
        "technician": chain.person("it"),
    }
    terminals = {name: a_terminal(chain.url, who) for name, who in people.items()}

    sale_id = sell(chain, chain.till, chain.goods.variants["DEN-M"])
    announce(chain, "the end of it")

    for terminal in terminals.values():
        terminal.listen(has("the end of it"))
    told = {name for name, terminal in terminals.items() if has(sale_id)(terminal)}
    assert told == {"seller", "manager here", "owner", "marketer of the chain"}
    assert all(terminal.heard(events.STOCK_CHANGED) for terminal in terminals.values())


def test_hello_names_the_life_of_the_data_and_where_to_continue(chain):
    terminal = a_terminal(chain.url, chain.till.cashier)

    with chain.database.transaction() as tx:
        assert terminal.incarnation == str(tx.scalar(text("SELECT incarnation FROM company")))
    assert terminal.cursor is not None
    assert terminal.cursor.startswith(f"{terminal.incarnation}/")


def test_a_terminal_that_was_away_is_told_what_it_missed_and_nothing_that_is_not_for_it(chain):
    mine, foreign = a_terminal(chain.url, chain.till.cashier), a_terminal(chain.url, chain.other_till.cashier)
    mine.hang_up()
    foreign.hang_up()
    sale_id = sell(chain, chain.till, chain.goods.variants["DEN-L"])
    keys = {f"{chain.here}:{chain.goods.variants['DEN-L']}", sale_id}

    again = a_terminal(chain.url, chain.till.cashier, cursor=mine.cursor).listen(has(sale_id))
    foreign_again = a_terminal(chain.url, chain.other_till.cashier, cursor=foreign.cursor)
    foreign_again.listen(lambda terminal: bool(terminal.events))

    assert {event["key"] for event in again.events} == keys
    assert {event["key"] for event in foreign_again.events} == keys - {sale_id}
    once_more = a_terminal(chain.url, chain.till.cashier, cursor=again.cursor)
    announce(chain, "the only news")
    once_more.listen(has("the only news"))
    assert len(once_more.events) == 1


def test_a_snapshot_and_the_stream_from_its_cursor_leave_no_gap(chain):
    variant_id = chain.goods.variants["DEN-S"]
    answer = httpx.get(
        f"{chain.url}/api/stock/snapshot", params={"location_id": str(chain.depot)}, headers=chain.till.bearer
    ).json()
    cart = a_cart(chain.till, (variant_id, 3, 250_000), source_id=chain.depot)
    assert httpx.post(f"{chain.url}/api/sales", json=cart, headers=chain.till.bearer).status_code == 201

    terminal = a_terminal(chain.url, chain.till.cashier, cursor=answer["cursor"])
    terminal.listen(has(f"{chain.depot}:{variant_id}"))

    (before,) = [item for item in answer["items"] if item[0] == str(variant_id)]
    version, state = terminal.mirror.state[f"{chain.depot}:{variant_id}"]
    assert (version, state["on_hand"]) == (before[5] + 1, before[1] - 3)


def test_the_server_killed_in_between_loses_nothing(chain):
    terminal = a_terminal(chain.url, chain.till.cashier)
    chain.server.kill()
    announce(chain, "while it was down")
    assert terminal.end() == 1006
    chain.server.start()

    again = a_terminal(chain.url, chain.till.cashier, cursor=terminal.cursor)

    again.listen(has("while it was down"))
    assert len(again.events) == 1


@pytest.mark.parametrize(
    "cursor", ["nonsense", "/", "{other}/{snapshot}", "{own}/9:5:", "{own}/999999999999:999999999999:", "{own}/1:2:x"]
)
def test_a_cursor_that_cannot_be_continued_asks_for_a_snapshot(chain, cursor: str):
    known = a_terminal(chain.url, chain.till.cashier)
    own, snapshot = str(known.cursor).split("/")
    names = {"{other}": str(new_id()), "{own}": own, "{snapshot}": snapshot}
    for name, value in names.items():
        cursor = cursor.replace(name, value)

    terminal = a_terminal(chain.url, chain.till.cashier, cursor=cursor)

    assert terminal.end() == 1000
    assert terminal.needs_snapshot
    assert terminal.events == []


def test_more_than_twenty_thousand_events_behind_asks_for_a_snapshot(chain):
    behind = a_terminal(chain.url, chain.till.cashier)
    behind.hang_up()
    with chain.database.transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO event (topic, key, key_version, payload) "
                "SELECT 'stock.changed', 'flood', n, '{}' FROM generate_series(1, 20001) n"
            )
        )

    again = a_terminal(chain.url, chain.till.cashier, cursor=behind.cursor)

    assert again.end() == 1000
    assert again.needs_snapshot


def test_a_ticket_opens_one_socket_for_half_a_minute(chain):
    ticket = a_ticket(chain.url, chain.till.cashier)
    expired = a_ticket(chain.url, chain.till.cashier)
    with chain.database.transaction() as tx:
        assert a_terminal(chain.url, chain.till.cashier, ticket=ticket).closed is None
        newest = tx.query(SocketTicket).one()
        newest.expires_at = clock.now()

    assert a_terminal(chain.url, chain.till.cashier, ticket=ticket).closed == 4401
    assert a_terminal(chain.url, chain.till.cashier, ticket=expired).closed == 4401
    assert a_terminal(chain.url, chain.till.cashier, ticket="made-up").closed == 4401


def test_a_revoked_session_ends_its_sockets_and_its_token_within_a_second(chain):
    kept, took_s = a_terminal(chain.url, chain.person("cashier", chain.here)), []
    for _ in range(3):
        who = chain.person("cashier", chain.here)
        lines = [a_terminal(chain.url, who) for _ in range(2)]
        assert httpx.get(f"{chain.url}/api/me", headers=who.bearer).status_code == 200

        with chain.database.transaction() as tx:
            end_session(tx, session_id=who.session_id, now=clock.now())
        began = time.monotonic()

        assert [line.end() for line in lines] == [4409, 4409]
        took_s.append(time.monotonic() - began)
        assert httpx.get(f"{chain.url}/api/me", headers=who.bearer).status_code == 401
    assert min(took_s) < 1  # the machine may be elsewhere for one of them
    announce(chain, "to those who are left")
    kept.listen(has("to those who are left"))
    assert kept.heard(events.SESSION_REVOKED) == []


def test_changed_rights_make_a_terminal_come_again(chain):
    who = chain.person("store_manager", chain.here)
    line = a_terminal(chain.url, who)
    with chain.database.transaction() as tx:
        tx.execute(text("UPDATE staff_role SET role = 'warehouse' WHERE staff_id = :id"), {"id": who.id})
        tell_revoked(tx, who.session_id, ends=False)
    assert line.end() == 1012

    again = a_terminal(chain.url, who, cursor=line.cursor)
    sale_id = sell(chain, chain.till, chain.goods.variants["DEN-M"])
    announce(chain, "after the sale")

    again.listen(has("after the sale"))
    assert not has(sale_id)(again)


def test_a_session_that_runs_out_ends_its_socket(chain):
    with chain.database.transaction() as tx:
        who = a_person(tx, "cashier", at=chain.here)
        tx.execute(
            text("UPDATE staff_session SET expires_at = now() + interval '2 s' WHERE id = :id"), {"id": who.session_id}
        )

    assert a_terminal(chain.url, who).end() == 4409


def test_a_slow_terminal_is_dropped_and_recovers_from_its_cursor(chain):
    deaf, quick = a_deaf_terminal(chain.url, chain.till.cashier), a_terminal(chain.url, chain.other_till.cashier)
    told = [f"large {number}" for number in range(120)]
    for key in told:
        announce(chain, key, filler=120_000)
        quick.listen(has(key))  # nobody waits for the deaf one

    assert deaf.end() == 4408
    got = [event["key"] for event in deaf.events]
    assert got == told[: len(got)]
    again = a_terminal(chain.url, chain.till.cashier, cursor=deaf.cursor).listen(has(told[-1]))
    assert got + [event["key"] for event in again.events] == told
    assert 'placket_sockets_closed_total{reason="too_slow"}' in httpx.get(f"{chain.url}/metrics").text


def test_what_a_terminal_says_is_not_heard_and_a_long_speech_ends_it(chain):
    terminal = a_terminal(chain.url, chain.till.cashier)
    terminal.line.send('{"t":"events","events":[]}')
    announce(chain, "after its words")
    terminal.listen(has("after its words"))

    terminal.line.send("x" * 5_000)

    assert terminal.end() == 1009


def test_new_prices_are_in_force_in_every_process_without_a_restart(chain):
    variant_id = chain.goods.variants["DEN-S"]
    with chain.database.transaction() as tx:
        list_id = tx.scalar(text("SELECT id FROM price_list"))
        catalog.set_prices(tx, price_list_id=list_id, prices=[(chain.goods.style_id, variant_id, 230_000)])
    asked = {
        "channel": "store",
        "location_id": str(chain.there),
        "lines": [{"variant_id": str(variant_id), "qty": 1, "source_id": str(chain.there)}],
    }

    deadline = time.monotonic() + 5
    total_vnd = 0
    while total_vnd != 230_000 and time.monotonic() < deadline:
        total_vnd = httpx.post(f"{chain.url}/api/sales/quote", json=asked, headers=chain.till.bearer).json()["total_vnd"]

    assert total_vnd == 230_000
    with chain.database.transaction() as tx:
        catalog.set_prices(tx, price_list_id=list_id, prices=[(chain.goods.style_id, variant_id, 250_000)])
