"""Who hears what: the table of topics, and audiences."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from builders import a_branch, a_person
from placket import events, identity
from placket.core import clock
from placket.core.ids import new_id
from placket.realtime.rules import HEARERS, Audience

TOPICS = {value for name, value in vars(events).items() if name.isupper() and isinstance(value, str)}


def audience(tx: Session, role: str, at: UUID | None = None) -> Audience:
    """The audience somebody with a role belongs to."""
    who = identity.principal_of_session(tx, a_person(tx, role, at=at).session_id, now=clock.now())
    assert who is not None
    return Audience.of(who)


def test_every_topic_has_its_hearers_and_revocations_have_none():
    assert TOPICS - set(HEARERS) == {events.SESSION_REVOKED}
    assert set(HEARERS) <= TOPICS
    assert {verb for verb in HEARERS.values() if verb} <= set(identity.VERBS)
    assert {topic for topic, verb in HEARERS.items() if verb is None} == {
        events.STOCK_CHANGED,
        events.CATALOGUE_CHANGED,
        events.PRICES_CHANGED,
        events.PROMOTIONS_CHANGED,
        events.PROMOTION_USED,
        events.LOCATION_CHANGED,
        events.SETTINGS_CHANGED,
    }


@pytest.mark.parametrize(
    ("role", "topics"),
    [
        (
            "cashier",
            {
                events.SALE_COMPLETED,
                events.SALE_VOIDED,
                events.PARKED_CHANGED,
                events.PROMISE_CHANGED,
                events.BOARD_CHANGED,
                events.PAYMENT_CHANGED,
                events.CUSTOMER_CHANGED,
                events.TRANSFER_CHANGED,
                events.COUNT_CHANGED,
                events.LACK_CHANGED,
            },
        ),
        (
            "warehouse",
            {
                events.PROMISE_CHANGED,
                events.BOARD_CHANGED,
                events.MATTERS_CHANGED,
                events.TRANSFER_CHANGED,
                events.ORDER_CHANGED,
                events.COUNT_CHANGED,
                events.LACK_CHANGED,
            },
        ),
        (
            "store_manager",
            {
                events.SALE_COMPLETED,
                events.SALE_VOIDED,
                events.PARKED_CHANGED,
                events.PROMISE_CHANGED,
                events.BOARD_CHANGED,
                events.TILL_CHANGED,
                events.STAFF_CHANGED,
                events.SHIFT_CHANGED,
                events.PAYMENT_CHANGED,
                events.CREDIT_CHANGED,
                events.CUSTOMER_CHANGED,
                events.MATTERS_CHANGED,
                events.TRANSFER_CHANGED,
                events.ORDER_CHANGED,
                events.COUNT_CHANGED,
                events.LACK_CHANGED,
            },
        ),
    ],
)
def test_people_of_a_branch_hear_of_it_what_their_role_may_see_and_of_others_the_stock(
    tx: Session, role: str, topics: set[str]
):
    here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
    heard_everywhere = {topic for topic, verb in HEARERS.items() if verb is None}

    people = audience(tx, role, here)

    assert {topic for topic in TOPICS if people.hears(topic, here)} == topics | heard_everywhere
    assert {topic for topic in TOPICS if people.hears(topic, there)} == heard_everywhere


def test_the_owner_hears_everything_everywhere_but_revocations(tx: Session):
    owner = audience(tx, "owner")

    assert {topic for topic in TOPICS if owner.hears(topic, new_id())} == TOPICS - {events.SESSION_REVOKED}


def test_people_with_equal_rights_are_one_audience(tx: Session):
    here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")

    assert audience(tx, "cashier", here) == audience(tx, "cashier", here)
    assert audience(tx, "cashier", here) != audience(tx, "cashier", there)
