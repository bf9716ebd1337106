"""A dozen people whom the demo chain knows twice: a mistyped digit, a web account beside the card, a new number.

Nobody is added: somebody who buys in the history turns out to be somebody else who does, so both halves have purchases.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, Literal, get_args

from placket.demo.chain import DEPOT
from placket.demo.customers import CUSTOMER_MASK, Person

How = Literal["mistyped", "web", "new number"]

PAIRS_OF_KIND: Final = 4
# Prefixes that ``customers.PREFIXES`` does not draw, so no number is anybody else's.
_MISTYPED: Final = "92"
_NEW: Final = "87"
_REST: Final = len("+8490")
_REGULAR: Final = 3


def known_twice(people: Iterable[Person], *, homes: Sequence[int], visits: Sequence[Sequence[int]]) -> Iterator[Person]:
    """The same people in the same order, a few of whom are the second entry of somebody before them."""
    again = _pairs(homes, visits)
    firsts = {first for first, _ in again.values()}
    known: dict[int, Person] = {}
    for number, person in enumerate(people, 1):
        if number in firsts:
            mail = person.email or f"khach{number}@example.com"
            known[number] = replace(person, email=mail, birth_day=person.birth_day or 8, birth_month=person.birth_month or 3)
            yield known[number]
        elif number in again:
            first, how = again[number]
            yield _entered_again(known[first], how)
        else:
            yield person


def _pairs(homes: Sequence[int], visits: Sequence[Sequence[int]]) -> dict[int, tuple[int, How]]:
    """Whose second entry a number is, and how it came about. The first is a regular of a branch and was there before."""
    came = [0] * (len(homes) + 1)
    for day in visits:
        for one in day:
            came[one & CUSTOMER_MASK] += 1
    regulars: dict[int, list[int]] = {}
    left = dict.fromkeys(get_args(How), PAIRS_OF_KIND)
    found: dict[int, tuple[int, How]] = {}
    for number, home in enumerate(homes, 1):
        if home != DEPOT and came[number] >= _REGULAR:
            regulars.setdefault(home, []).append(number)
            continue
        kind: How = "web" if home == DEPOT else max(("mistyped", "new number"), key=left.__getitem__)
        there = regulars.get(home) if home != DEPOT else next(filter(None, regulars.values()), None)
        if there and came[number] and left[kind]:
            left[kind] -= 1
            found[number] = there.pop(0), kind
    return found


def _entered_again(first: Person, how: How) -> Person:
    """The same person as somebody else has written them down."""
    assert first.phone is not None, "who was there first has a number"
    if how == "web":
        family, *_, given = _bare(first.full_name).split()
        return replace(first, full_name=f"{given} {family}", given_name=family, phone=None)
    if how == "mistyped":
        bare = _bare(first.full_name)
        mistyped = f"+84{_MISTYPED}{first.phone[_REST:]}"
        return replace(first, full_name=bare, given_name=bare.rsplit(" ", 1)[1], phone=mistyped, email=None)
    return replace(first, phone=f"+84{_NEW}{first.phone[: _REST - 1 : -1]}", email=None)


def _bare(name: str) -> str:
    """A name as it is typed without marks."""
    letters = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
