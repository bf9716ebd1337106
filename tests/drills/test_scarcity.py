"""The scarcity run at a size that every run of the tests can afford."""

from drills.scarcity import Size, scarcity
from served import own_database


def test_promises_and_money_add_up_when_a_crowd_wants_too_few_pieces() -> None:
    with own_database("scarcity") as database:
        figures = scarcity(database, Size(shoppers=40, tills=6, variants=16, seconds=4.0, kills=0))

    assert {"kept", "cancelled", "released unpaid"} <= set(figures["became"])
