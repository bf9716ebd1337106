"""A segment's sentence is true of exactly the people it says, at once and at night, and reaches prices and tills."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from builders import a_branch
from loyal import DAY, NOON, TEXT
from placket import crm
from placket.core import clock
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.crm.queries import branch_row
from placket.crm.segments import (
    SegmentChanged,
    SegmentNameTaken,
    SegmentTermsWrong,
    archive_segment,
    preview,
    terms_of,
)
from placket.crm.service.customers import note_consent

ON = clock.business_day(NOON)


@pytest.fixture
def people(shop) -> dict[str, UUID]:
    """Somebody of every kind: often and much, once and lately, once and long ago, never."""
    made = {name: shop.customer(f"09123456{n:02d}", name) for n, name in enumerate(("often", "new", "old", "never"))}
    for visit in range(6):
        shop.sells(made["often"], 10, at=NOON - (10 + visit * 20) * DAY)
    shop.sells(made["new"], 2, at=NOON - 5 * DAY)
    shop.sells(made["old"], 3, at=NOON - 500 * DAY)
    crm.score_by_night(shop.tx, now=NOON)
    return made


def meant(shop, people: dict[str, UUID], *every: dict) -> set[str]:
    """Whom a sentence is true of, by name; the count says the same, and so does the query that people may read."""
    found = preview(shop.tx, terms_of({"every": list(every)}), on=ON)
    ids = set(shop.tx.scalars(text(found.sql.replace(":", r"\:"))))
    assert found.people == len(ids)
    assert found.of == len(people)
    return {name for name, customer_id in people.items() if customer_id in ids}


CASES = [
    ({"kind": "group", "any_of": ["hibernating"]}, {"old"}),
    ({"kind": "group", "any_of": ["hibernating"], "isnt": True}, {"often", "new", "never"}),
    ({"kind": "tier", "any_of": ["silver"]}, {"often"}),
    ({"kind": "orders", "least": 2}, {"often"}),
    ({"kind": "orders", "most": 0}, {"never"}),
    ({"kind": "orders", "least": 2, "most": 4, "days": 60}, {"often"}),
    ({"kind": "orders", "most": 1, "days": 60}, {"new", "old", "never"}),
    ({"kind": "orders", "days": 5}, set()),
    ({"kind": "orders", "days": 6}, {"new"}),
    ({"kind": "orders", "most": 0, "days": 60}, {"old", "never"}),
    ({"kind": "spent", "least_vnd": 6_000_000}, {"often"}),
    ({"kind": "spent", "under_vnd": 250_000}, {"new", "never"}),
    ({"kind": "spent", "least_vnd": 2_000_000, "under_vnd": 3_000_001, "days": 51}, {"often"}),
    ({"kind": "last", "within_days": 7}, {"new"}),
    ({"kind": "last", "longer_days": 90}, {"old"}),
    ({"kind": "channel", "channel": "store"}, {"often", "new", "old"}),
    ({"kind": "channel", "channel": "web", "isnt": True}, {"often", "new", "old", "never"}),
    ({"kind": "points", "least": 500}, {"often"}),
    ({"kind": "agrees", "purpose": "loyalty"}, {"often", "new", "old", "never"}),
    ({"kind": "agrees", "purpose": "marketing"}, set()),
    ({"kind": "agrees", "purpose": "marketing", "isnt": True}, {"often", "new", "old", "never"}),
]


@pytest.mark.parametrize(("condition", "expected"), CASES, ids=lambda one: str(one) if isinstance(one, dict) else "")
def test_a_condition_is_true_of_whom_it_says(shop, people, condition: dict, expected: set[str]) -> None:
    assert meant(shop, people, condition) == expected


def test_every_condition_must_be_true(shop, people) -> None:
    assert meant(shop, people, {"kind": "orders", "most": 1}, {"kind": "last", "within_days": 30}) == {"new"}


def test_goods_count_with_the_categories_below_and_birthdays_over_the_turn_of_the_year(shop, people) -> None:
    category = shop.tx.scalar(
        text("SELECT y.category_id FROM variant v JOIN style y ON y.id = v.style_id WHERE v.id = :id"), {"id": shop.shirt}
    )
    above = new_id()
    shop.tx.execute(
        text("INSERT INTO category (id, slug, name_vi, name_en, position) SELECT :id, 'tren', 'Trên', 'Above', 99"),
        {"id": above},
    )
    shop.tx.execute(text("UPDATE category SET parent_id = :above WHERE id = :id"), {"above": above, "id": category})
    bought = {"kind": "bought", "categories": [str(above)]}
    assert meant(shop, people, bought | {"days": 30}) == {"often", "new"}
    assert meant(shop, people, bought | {"isnt": True}) == {"never"}
    shop.tx.execute(text("UPDATE customer SET birth_day = 2, birth_month = 12 WHERE id = :id"), {"id": people["old"]})
    assert meant(shop, people, {"kind": "birthday", "days": 7}) == {"old"}
    assert meant(shop, people, {"kind": "birthday", "days": 6}) == set()


def test_who_wants_no_profile_is_in_no_segment(shop, people) -> None:
    word = crm.Agreed("personalisation", granted=False, text_version=TEXT)
    note_consent(shop.tx, customer_id=people["new"], word=word, channel="office", by=crm.By(None), at=NOON)
    terms = terms_of({"every": [{"kind": "last", "within_days": 7}]})
    assert preview(shop.tx, terms, on=ON).people == 0


def written(shop, *every: dict, name: str = "Nhóm thử", segment_id: UUID | None = None, version: int = 0) -> UUID:
    segment_id = segment_id or new_id()
    crm.write_segment(
        shop.tx,
        segment_id=segment_id,
        name=name,
        terms=terms_of({"every": list(every)}),
        version=version,
        by=None,
        on=ON,
        now=NOON,
    )
    return segment_id


def members(shop, segment_id: UUID) -> set[UUID]:
    return set(shop.tx.scalars(text("SELECT customer_id FROM segment_member WHERE segment_id = :id"), {"id": segment_id}))


def test_whoever_buys_is_in_the_segment_at_once_and_their_till_hears_of_it(shop, people) -> None:
    segment_id = written(shop, {"kind": "orders", "least": 2, "days": 30})
    assert members(shop, segment_id) == set()
    before = shop.tx.scalar(text("SELECT count(*) FROM event WHERE key = 'scores'"))
    shop.sells(people["new"], 1, at=NOON)
    crm.catch_up(shop.tx, now=NOON)
    assert members(shop, segment_id) == {people["new"]}
    buyer = crm.buyer(shop.tx, people["new"])
    assert buyer is not None
    assert (buyer.tier, str(segment_id) in buyer.segments) == ("member", True)
    row = branch_row(shop.tx, location_id=shop.branch_id, customer_id=people["new"], now=NOON)
    assert (row.tier, set(row.segments)) == ("member", buyer.segments)
    assert shop.tx.scalar(text("SELECT count(*) FROM event WHERE key = 'scores'")) > before
    assert shop.tx.scalar(text("SELECT people FROM segment WHERE id = :id"), {"id": segment_id}) == 1


def test_what_time_alone_changes_is_changed_at_night(shop, people) -> None:
    segment_id = written(shop, {"kind": "last", "within_days": 7})
    assert members(shop, segment_id) == {people["new"]}
    crm.score_by_night(shop.tx, now=NOON + timedelta(days=3))
    assert members(shop, segment_id) == set()
    sizes = shop.tx.execute(text("SELECT on_date, people FROM segment_size ORDER BY 1")).all()
    assert [(row.on_date, row.people) for row in sizes] == [(ON, 1), (ON + timedelta(days=3), 0)]


def test_a_segment_is_written_by_one_at_a_time_under_a_name_of_its_own_and_put_away_when_nobody_asks_for_it(shop) -> None:
    one = written(shop, {"kind": "orders", "least": 2})
    with pytest.raises(SegmentNameTaken):
        written(shop, {"kind": "orders", "least": 3}, name="NHÓM thử")
    with pytest.raises(SegmentChanged):
        written(shop, {"kind": "orders", "least": 3}, segment_id=one, version=0)
    written(shop, {"kind": "orders", "least": 3}, segment_id=one, version=1)
    archive_segment(shop.tx, segment_id=one)
    with pytest.raises(NotFound):
        archive_segment(shop.tx, segment_id=one)
    with pytest.raises(SegmentTermsWrong):
        terms_of({"every": [{"kind": "magic"}]})


def test_a_branch_knows_its_people(shop, people) -> None:
    other = a_branch(shop.tx, "HN09")
    assert meant(shop, people, {"kind": "branch", "locations": [str(shop.branch_id)]}) == set(people)
    assert meant(shop, people, {"kind": "branch", "locations": [str(other)]}) == set()
