"""The worked example of docs/rules/prices.md, and the corners of its rule."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from placket.catalog import NoPrice, PriceBook, UnknownVariant
from placket.catalog.models import PriceList
from placket.core.ids import new_id

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
HN01, HN03 = new_id(), new_id()
STYLE, S, M = new_id(), new_id(), new_id()
CLOTHES = new_id()


def at(day: int, month: int, *, hour: int = 12, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)


def a_list(code: str, **values: Any) -> PriceList:
    defaults = {
        "id": new_id(),
        "code": code,
        "name": code,
        "channel": None,
        "location_id": None,
        "starts_at": at(1, 1, hour=0),
        "ends_at": None,
        "priority": 0,
        "created_at": at(1, 1),
    }
    return PriceList(**{**defaults, **values})


def a_book(
    *lists: tuple[PriceList, dict[UUID | None, int]],
    vat: tuple[tuple[date, int], ...] = ((date(2025, 1, 1), 800),),
) -> PriceBook:
    """A book over one style with variants S and M; None in a list's prices is the style's own price."""
    return PriceBook(
        catalogue_version=1,
        price_version=1,
        styles=[(STYLE, CLOTHES)],
        variants=[(S, STYLE), (M, STYLE)],
        lists=[price_list for price_list, _ in lists],
        prices=[
            (price_list.id, STYLE, variant_id, vnd) for price_list, prices in lists for variant_id, vnd in prices.items()
        ],
        vat_rates=[(CLOTHES, starts_on, rate_bp) for starts_on, rate_bp in vat],
    )


def price(book: PriceBook, variant_id: UUID, channel: str, location_id: UUID, moment: datetime) -> int:
    return book.price_at(variant_id, channel=channel, location_id=location_id, at=moment)[0]


@pytest.fixture
def example() -> PriceBook:
    return a_book(
        (a_list("base"), {None: 500_000, M: 520_000}),
        (a_list("web", channel="web"), {None: 480_000}),
        (a_list("HN03", location_id=HN03, starts_at=at(1, 3, hour=0)), {None: 490_000}),
        (
            a_list("sale", starts_at=at(10, 3, hour=0), ends_at=at(13, 3, hour=0), priority=10),
            {None: 350_000},
        ),
    )


@pytest.mark.parametrize(
    ("variant_id", "channel", "location_id", "moment", "expected_vnd"),
    [
        (S, "store", HN01, at(5, 2), 500_000),
        (M, "store", HN01, at(5, 2), 520_000),
        (S, "web", HN01, at(5, 2), 480_000),
        (M, "web", HN01, at(5, 2), 480_000),
        (M, "store", HN03, at(5, 3), 490_000),
        (S, "web", HN03, at(5, 3), 490_000),
        (M, "store", HN01, at(9, 3, hour=23, minute=59), 520_000),
        (M, "store", HN01, at(10, 3, hour=0), 350_000),
        (S, "web", HN03, at(12, 3, hour=23, minute=59), 350_000),
        (M, "store", HN01, at(13, 3, hour=0), 520_000),
    ],
)
def test_worked_example(
    example: PriceBook, variant_id: UUID, channel: str, location_id: UUID, moment: datetime, expected_vnd: int
) -> None:
    assert price(example, variant_id, channel, location_id, moment) == expected_vnd


def test_moments_are_compared_not_their_zones(example: PriceBook) -> None:
    last_instant = at(13, 3, hour=0).astimezone(UTC) - timedelta(microseconds=1)
    assert price(example, S, "store", HN01, last_instant) == 350_000


def test_the_later_start_wins_among_equals_whatever_their_order_in_the_table() -> None:
    old = (a_list("old"), {None: 500_000})
    new = (a_list("new", starts_at=at(1, 2)), {None: 510_000})
    for book in (a_book(old, new), a_book(new, old)):
        assert price(book, S, "store", HN01, at(5, 2)) == 510_000
        assert price(book, S, "store", HN01, at(31, 1)) == 500_000


def test_a_place_and_a_channel_is_more_specific_than_a_place() -> None:
    book = a_book(
        (a_list("here", location_id=HN01, starts_at=at(1, 2)), {None: 490_000}),
        (a_list("here on the web", location_id=HN01, channel="web"), {None: 470_000}),
    )
    assert price(book, S, "web", HN01, at(5, 2)) == 470_000
    assert price(book, S, "store", HN01, at(5, 2)) == 490_000


def test_a_list_that_does_not_price_the_variant_lets_the_next_one_decide() -> None:
    book = a_book((a_list("base"), {None: 500_000}), (a_list("only M", priority=5), {M: 400_000}))
    assert price(book, S, "store", HN01, at(5, 2)) == 500_000
    assert price(book, M, "store", HN01, at(5, 2)) == 400_000


def test_zero_is_a_price() -> None:
    book = a_book((a_list("base"), {None: 500_000}), (a_list("gift", priority=1), {S: 0}))
    assert price(book, S, "store", HN01, at(5, 2)) == 0


def test_refuses_what_no_list_prices() -> None:
    book = a_book((a_list("base", starts_at=at(1, 2)), {None: 500_000}))
    with pytest.raises(NoPrice) as refused:
        price(book, S, "store", HN01, at(31, 1))
    assert refused.value.facts == {"variant_id": str(S), "missing": "price"}


def test_refuses_a_variant_it_does_not_know(example: PriceBook) -> None:
    neighbour = UUID(int=S.int + 1)  # shares the upper half of its id
    for stranger in (new_id(), neighbour, UUID(int=0)):
        with pytest.raises(UnknownVariant):
            price(example, stranger, "store", HN01, at(5, 2))


def test_vat_follows_the_business_day_in_vietnam() -> None:
    book = a_book((a_list("base"), {None: 199_000}), vat=((date(2025, 7, 1), 800), (date(2027, 1, 1), 1_000)))
    before = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)
    for moment, rate_bp in ((before, 800), (before + timedelta(seconds=1), 1_000)):
        assert book.price_at(S, channel="store", location_id=HN01, at=moment) == (199_000, rate_bp)


def test_refuses_a_day_before_the_first_vat_rate() -> None:
    book = a_book((a_list("base"), {None: 199_000}), vat=((date(2026, 2, 1), 800),))
    with pytest.raises(NoPrice) as refused:
        price(book, S, "store", HN01, at(31, 1))
    assert refused.value.facts["missing"] == "vat"


def test_tells_the_next_price_and_its_moment(example: PriceBook) -> None:
    def following(variant_id: UUID, location_id: UUID, moment: datetime) -> tuple[datetime, int] | None:
        return example.next_price(variant_id, channel="store", location_id=location_id, at=moment)

    assert following(M, HN01, at(5, 2)) == (at(10, 3, hour=0), 350_000)
    assert following(M, HN01, at(10, 3, hour=0)) == (at(13, 3, hour=0), 520_000)
    assert following(M, HN01, at(13, 3, hour=0)) is None
    assert following(S, HN03, at(5, 2)) == (at(1, 3, hour=0), 490_000)


def test_ids_of_one_millisecond_are_told_apart() -> None:
    upper = new_id().int >> 64 << 64
    ids = [UUID(int=upper | low) for low in (5, 1, 9)]
    base = a_list("base")
    book = PriceBook(
        catalogue_version=1,
        price_version=1,
        styles=[(STYLE, CLOTHES)],
        variants=[(variant_id, STYLE) for variant_id in ids],
        lists=[base],
        prices=[(base.id, STYLE, variant_id, 1_000 * place) for place, variant_id in enumerate(ids, 1)],
        vat_rates=[(CLOTHES, date(2025, 1, 1), 800)],
    )
    assert [price(book, variant_id, "store", HN01, at(5, 2)) for variant_id in ids] == [1_000, 2_000, 3_000]
