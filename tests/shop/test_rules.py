"""What the window decides without a database: addresses, words of stock, filters and their counts."""

from datetime import UTC, datetime

import pytest

from placket.core.ids import new_id
from placket.shop.rules import Design, Left, Piece, Tag, Tint, Wanted, choose, code_in, plain_words, said, slug_of, told

NOW = datetime(2026, 11, 26, tzinfo=UTC)
TINTS = {code: Tint(code, code.title(), code.title(), "#111111") for code in ("DEN", "KEM")}


def a_design(code: str, cells: dict[str, int], *, category: str = "dam", occasions: tuple[str, ...] = ()) -> Design:
    """A style whose variants (``DEN-S``) stand in the given rows of the table of stock."""
    pieces = tuple(Piece(new_id(), f"{code}-{cell}", *cell.split("-"), row) for cell, row in cells.items())
    colours = tuple(TINTS[colour] for colour in dict.fromkeys(piece.colour for piece in pieces))
    sizes = tuple(dict.fromkeys(piece.size for piece in pieces))
    return Design(
        new_id(), code, code, code, None, None, category, occasions, None, colours, sizes, pieces, {None: ("a",)}, NOW
    )


DRESS = a_design("DM1", {"DEN-S": 0, "DEN-M": 1, "KEM-M": 2}, occasions=("dạo phố",))
SKIRT = a_design("CV1", {"KEM-M": 3, "KEM-L": 4}, category="chan-vay")
PRICES = {"DM1": Tag(800_000, 1_000_000, ("sale",)), "CV1": Tag(500_000, 500_000)}
# Free: the dress in black S (3, at branch 1) and cream M (1, at branch 0); the skirt in cream L (9, at both).
LEFT = Left(total=[3, 0, 1, 0, 9], where=[0b10, 0, 0b01, 0, 0b11])


def found(**wanted: object):
    return choose([DRESS, SKIRT], Wanted(**wanted), left=LEFT, tag_of=lambda design: PRICES[design.code])


@pytest.mark.parametrize(
    ("name", "code", "slug"),
    [
        ("Đầm lụa tơ tằm cổ đổ", "DM2041", "dam-lua-to-tam-co-do-dm2041"),
        ("Áo dài “cưới” 100%", "AD-01", "ao-dai-cuoi-100-ad-01"),
        ("…", "X1", "x1"),
    ],
)
def test_an_address_is_the_name_without_marks_and_the_code_at_its_end(name: str, code: str, slug: str):
    assert slug_of(name, code) == slug
    assert code in code_in(slug)


def test_three_or_fewer_are_told_by_number_and_more_are_not():
    assert [said(free) for free in (-1, 0, 1, 3, 4)] == ["out", "out", "few", "few", "in"]
    assert [told(free) for free in (0, 1, 3, 4)] == [None, 1, 3, None]


def test_what_is_off_is_told_in_whole_per_cent():
    assert [Tag(now, 1_000_000).off_bp for now in (1_000_000, 845_000, 844_999, 1_100_000)] == [0, 1_600, 1_600, 0]
    assert Tag(846_000, 1_000_000).off_bp == 1_500


def test_without_a_wish_everything_that_is_left_is_shown():
    everything = found()

    assert [design.code for design in everything.designs] == ["CV1", "DM1"]
    assert everything.sizes == {"S": 1, "M": 1, "L": 1}
    assert everything.colours == {"DEN": 1, "KEM": 2}
    assert everything.branches == {0: 2, 1: 2}
    assert (everything.lowest_vnd, everything.highest_vnd, everything.reduced) == (500_000, 800_000, 1)


def test_a_size_is_looked_for_in_the_colour_that_is_asked_for():
    assert [design.code for design in found(sizes=frozenset("M"), colours=frozenset({"KEM"})).designs] == ["DM1"]
    assert found(sizes=frozenset("M"), colours=frozenset({"DEN"})).designs == []
    assert found(sizes=frozenset("M"), colours=frozenset({"DEN"}), sold_out_too=True).designs == [DRESS]


def test_a_facet_counts_what_it_would_leave_under_the_other_ones():
    in_black = found(colours=frozenset({"DEN"}))

    assert in_black.sizes == {"S": 1}
    assert in_black.colours == {"DEN": 1, "KEM": 2}
    assert in_black.branches == {1: 1}


def test_a_branch_shows_what_it_has_itself():
    at_first = found(branch=0)

    assert [design.code for design in at_first.designs] == ["CV1", "DM1"]
    assert at_first.sizes == {"M": 1, "L": 1}
    assert found(branch=0, sold_out_too=True).sizes == {"M": 1, "L": 1}


def test_prices_occasions_and_reductions_narrow_and_sort():
    assert found(to_vnd=600_000).designs == [SKIRT]
    assert found(from_vnd=600_000).designs == [DRESS]
    assert found(reduced=True).designs == [DRESS]
    assert found(occasion="dạo phố").designs == [DRESS]
    assert found(category="chan-vay").designs == [SKIRT]
    assert [design.code for design in found(sort="price_desc").designs] == ["DM1", "CV1"]
    assert [design.code for design in found(sort="discount").designs] == ["DM1", "CV1"]


def test_words_are_compared_without_marks():
    assert plain_words("ĐẦM lụa, cổ-đổ") == {"dam", "lua", "co", "do"}
