"""The rules of counting alone: pairs that look swapped, and how right the books were."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from placket.inventory.count_rules import Line, accuracy_bp, swaps

RED, BLUE = UUID(int=91), UUID(int=92)


def a_line(no: int, difference: int, *, style: int = 1, colour: UUID = RED, size: int = 0) -> Line:
    """A line that differs by so much."""
    return Line(
        variant_id=UUID(int=no),
        style_id=UUID(int=style),
        colour_id=colour,
        size_no=size,
        in_scope=True,
        round=1,
        counted=50 + difference,
        expected=50,
        moved=False,
        twice=False,
        superseded=False,
        decision=None,
        unit_vnd=1,
    )


def pairs(*lines: Line) -> list[tuple[int, int, int]]:
    """The pairs by the numbers of their variants."""
    return [(fewer.int, more.int, pieces) for fewer, more, pieces in swaps(lines)]


def test_one_size_too_few_and_the_next_too_many_are_a_pair() -> None:
    assert pairs(a_line(1, -1, size=1), a_line(2, 1, size=2)) == [(1, 2, 1)]


def test_the_nearest_size_comes_first_and_the_rest_goes_to_the_next() -> None:
    lines = (a_line(1, -3, size=1), a_line(2, 1, size=3), a_line(3, 1, size=2))
    assert pairs(*lines) == [(1, 3, 1), (1, 2, 1)]


def test_one_colour_is_nearer_than_two() -> None:
    lines = (a_line(1, -1, size=1), a_line(2, 1, size=1, colour=BLUE), a_line(3, 1, size=4))
    assert pairs(*lines) == [(1, 3, 1)]
    assert pairs(*lines[:2]) == [(1, 2, 1)]


def test_other_styles_or_both_colour_and_size_are_no_pair() -> None:
    assert pairs(a_line(1, -1, size=1), a_line(2, 1, size=2, colour=BLUE), a_line(3, 1, size=2, style=2)) == []


@given(st.lists(st.tuples(st.integers(-5, 5), st.sampled_from([RED, BLUE]), st.integers(0, 3)), max_size=12))
def test_no_piece_is_in_two_pairs(drawn: list[tuple[int, UUID, int]]) -> None:
    lines = [a_line(no, difference, colour=colour, size=size) for no, (difference, colour, size) in enumerate(drawn)]
    found = pairs(*lines)
    for no, (difference, *_) in enumerate(drawn):
        paired = sum(pieces for fewer, more, pieces in found if no in (fewer, more))
        assert paired <= abs(difference)
        assert all(pieces > 0 for *_, pieces in found)


def test_accuracy_is_gross_and_never_netted() -> None:
    assert accuracy_bp(expected=200, off=2) == 9_900
    assert accuracy_bp(expected=1_000, off=32) == 9_680
    assert accuracy_bp(expected=3, off=1) == 6_667
    assert (accuracy_bp(expected=0, off=0), accuracy_bp(expected=0, off=1), accuracy_bp(expected=1, off=5)) == (10_000, 0, 0)
