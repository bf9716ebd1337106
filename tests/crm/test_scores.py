"""Scores equal a reference that knows nothing of our SQL, for every customer, whatever happened and in whatever order."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from builders import a_company
from loyal import DAY, NOON, TEXT
from placket import crm
from placket.core import clock
from placket.core.db import Database
from placket.crm.service.customers import merge_customers, note_consent
from scored import GRID, borders_of, goods_bought, goods_kept, kept, reference


def test_every_buyer_scores_as_the_reference_says_and_equal_customers_score_equally(shop) -> None:
    people = [shop.customer(f"09123456{n:02d}", f"Khách {n}") for n in range(12)]
    for n, customer_id in enumerate(people[:11]):
        for visit in range(n % 4 + 1):
            shop.sells(customer_id, n // 2 + 1, at=NOON - (n * 9 + visit) * DAY)
    alike = people[2], people[6]  # three visits each; made alike in everything that counts
    crm.score_by_night(shop.tx, now=NOON)
    scores = kept(shop.tx)
    assert scores == reference(shop.tx)
    assert set(scores) == set(people[:11])
    assert (scores[people[0]].r, scores[people[0]].f) == (5, 1)
    assert [scores[one].f for one in alike] == [3, 3]
    assert scores[people[10]].r == 1


def test_what_a_transaction_changed_itself_is_scored_also_when_others_have_begun_since(shop) -> None:
    customer_id = shop.customer("0912345600")
    shop.sells(customer_id, 1, at=NOON - 9 * DAY)
    with shop.tx.get_bind().engine.connect() as other:
        other.execute(text("SELECT pg_current_xact_id()"))
    crm.score_by_night(shop.tx, now=NOON - DAY)
    shop.sells(customer_id, 3, at=NOON)
    crm.catch_up(shop.tx, now=NOON)
    assert kept(shop.tx)[customer_id].orders == 2


def test_who_buys_is_scored_at_once_by_the_borders_of_the_night_and_moves(shop) -> None:
    people = [shop.customer(f"09123456{n:02d}") for n in range(5)]
    for n, customer_id in enumerate(people):
        shop.sells(customer_id, 1, at=NOON - (200 - 40 * n) * DAY)
    crm.score_by_night(shop.tx, now=NOON - DAY)
    borders = borders_of(shop.tx)
    assert kept(shop.tx)[people[0]].group == "hibernating"
    shop.sells(people[0], 3, at=NOON)
    crm.catch_up(shop.tx, now=NOON)
    assert borders_of(shop.tx) == borders
    assert kept(shop.tx) == reference(shop.tx, borders)
    assert kept(shop.tx)[people[0]].group == "potential_loyalist"
    moved = shop.tx.execute(text("SELECT * FROM customer_move WHERE on_date = :on"), {"on": clock.business_day(NOON)}).all()
    assert [(row.customer_id, row.from_group, row.to_group) for row in moved] == [
        (people[0], "hibernating", "potential_loyalist")
    ]


def test_who_wants_no_profile_has_sums_but_no_score_until_they_want_one_again(shop) -> None:
    customer_id = shop.customer()
    shop.sells(customer_id, 1)
    crm.score_by_night(shop.tx, now=NOON)

    def says(*, granted: bool) -> None:
        word = crm.Agreed("personalisation", granted=granted, text_version=TEXT)
        note_consent(shop.tx, customer_id=customer_id, word=word, channel="office", by=crm.By(None), at=NOON)
        crm.catch_up(shop.tx, now=NOON)

    says(granted=False)
    row = shop.tx.execute(text("SELECT orders, r, group_key FROM customer_score")).one()
    assert (row.orders, row.r, row.group_key) == (1, None, None)
    says(granted=True)
    assert kept(shop.tx)[customer_id].r == 5


def test_a_void_takes_the_score_of_an_only_purchase_away(shop) -> None:
    customer_id = shop.customer(agrees=False)
    sale_id, _ = shop.sells(customer_id, 1)
    crm.score_by_night(shop.tx, now=NOON)
    shop.voids(sale_id)
    crm.catch_up(shop.tx, now=NOON)
    assert kept(shop.tx) == {}


def test_changes_are_found_by_their_transactions_also_those_that_were_slow(fresh: Database) -> None:
    with fresh.transaction() as tx:
        a_company(tx)

    def made(tx, name: str) -> UUID:
        return crm.create_customer(
            tx,
            customer_id=UUID(int=len(name)),
            details=crm.Details(name, None),
            home_location_id=None,
            agreed=[],
            channel="office",
            by=crm.By(None),
            now=NOON,
        ).id

    def caught_up() -> int:
        with fresh.transaction() as tx:
            return crm.catch_up(tx, now=NOON)

    with fresh.transaction() as tx:
        made(tx, "An")
    assert caught_up() == 1  # nobody knows of a last time: everybody
    assert caught_up() == 0
    with fresh.transaction() as slow:
        made(slow, "Lan")
        slow.flush()
        with fresh.transaction() as quick:
            made(quick, "Hương")
        assert caught_up() == 1  # the other is not there yet
    assert caught_up() == 1
    assert caught_up() == 0


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["buy", "buy", "buy", "return", "void", "merge", "off", "on", "night"]),
        st.integers(0, 5),
        st.integers(1, 90),
    ),
    min_size=4,
    max_size=16,
)


@settings(
    max_examples=10, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_scored_one_by_one_equals_scored_as_a_whole_and_the_reference_after_any_history(shop, steps: list[Step]) -> None:
    with shop.tx.begin_nested() as point:
        shop.one.last_receipt_no = 0
        people = [shop.customer(f"09123456{n:02d}", agrees=n % 2 == 0) for n in range(6)]
        everybody = tuple(people)
        sold: list[tuple[UUID, UUID]] = []
        at = NOON - 400 * DAY
        for verb, which, much in steps:
            at += timedelta(days=much // 3, minutes=1)
            happens(shop, verb, people, which, sold, much, at)
            for one in everybody:
                scored(shop.tx, [one], at)
        if shop.tx.scalar(text("SELECT count(*) FROM rfm_borders")):
            one_by_one = kept(shop.tx)
            assert one_by_one == reference(shop.tx, borders_of(shop.tx))
            goods = goods_kept(shop.tx)
            assert goods == goods_bought(shop.tx)
            scored(shop.tx, None, at)
            assert (kept(shop.tx), goods_kept(shop.tx)) == (one_by_one, goods)
            crm.score_by_night(shop.tx, now=at)
            if kept(shop.tx):
                assert kept(shop.tx) == reference(shop.tx)
        point.rollback()


def happens(shop, verb: str, people: list[UUID], which: int, sold: list[tuple[UUID, UUID]], much: int, at) -> None:
    """One step of a history."""
    if verb == "buy":
        sold.append((people[which], shop.sells(people[which], much % 5 + 1, at=at)[0]))
    elif verb == "return" and sold:
        customer_id, sale_id = sold.pop()
        shop.takes_back(customer_id, sale_id, 1, at=at)
    elif verb == "void" and sold:
        shop.voids_late(sold.pop(0)[1], at=at)
    elif verb == "merge" and people[which] != people[0]:
        loser = people[which]
        merge_customers(shop.tx, loser_id=loser, survivor_id=people[0], at=at)
        people[:] = [people[0] if one == loser else one for one in people]
    elif verb in {"off", "on"}:
        word = crm.Agreed("personalisation", granted=verb == "on", text_version=TEXT)
        note_consent(shop.tx, customer_id=people[which], word=word, channel="office", by=crm.By(None), at=at)
    elif verb == "night":
        crm.score_by_night(shop.tx, now=at)


def scored(tx, only: list[UUID] | None, at) -> None:
    """Score some people and nobody else."""
    facts = {"ids": only, "on": clock.business_day(at), "at": at}
    tx.execute(text("SELECT keep_bought(CAST(:ids AS uuid[]))"), facts)
    tx.execute(text("SELECT score_customers(CAST(:ids AS uuid[]), :on, :at)"), facts)


@pytest.mark.parametrize("cell", sorted(GRID))
def test_the_grid_is_the_published_one(tx, cell: str) -> None:
    facts = {"r": int(cell[0]), "f": int(cell[1])}
    assert tx.scalar(text("SELECT group_key FROM rfm_cell WHERE r = :r AND f = :f"), facts) == GRID[cell]
