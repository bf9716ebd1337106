"""Devices become tills by a code that works once; a new device starts a new epoch; a lost one is out at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import a_branch, a_depot, a_person, a_till
from placket import identity
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.identity import queries
from placket.identity.access import find_principal, token_hash
from placket.identity.models import Till
from placket.identity.service import tills

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def code_for(tx: Session, location_id, till_id=None, *, name: str = "Quầy 1") -> str:
    """A pairing code made at the console."""
    code, expires_at = identity.make_pairing_code(
        tx, location_id=location_id, till_name=name, till_id=till_id, actor=None, now=NOW
    )
    assert expires_at == NOW + timedelta(minutes=10)
    return code


def pair(tx: Session, code: str, *, at: datetime = NOW) -> tuple[str, Till]:
    """A device types the code."""
    return tills.pair(tx, code=code, public_key=None, app_version="1", now=at)


def test_a_code_makes_a_device_a_till_once(tx: Session) -> None:
    here = a_branch(tx, "HN01")
    code = code_for(tx, here)
    token, till = pair(tx, code)
    assert (till.location_id, till.number, till.epoch, till.name) == (here, 1, 1, "Quầy 1")
    assert queries.till_of_token(tx, token) is till
    with pytest.raises(tills.PairingCodeInvalid):
        pair(tx, code)
    assert queries.till_of_token(tx, token) is till


@pytest.mark.parametrize("late", [timedelta(minutes=10), timedelta(days=1)])
def test_a_code_lives_ten_minutes(tx: Session, late: timedelta) -> None:
    code = code_for(tx, a_branch(tx))
    with pytest.raises(tills.PairingCodeInvalid):
        pair(tx, code, at=NOW + late)
    assert pair(tx, code, at=NOW + timedelta(minutes=10) - timedelta(seconds=1))[0]


def test_a_code_is_kept_as_a_hash(tx: Session) -> None:
    code = code_for(tx, a_branch(tx))
    kept = tx.execute(text("SELECT code_hash, created_by FROM pairing_code")).one()
    assert (bytes(kept.code_hash), kept.created_by) == (token_hash(code), None)


def test_a_till_paired_again_starts_a_new_epoch_and_ends_the_old_device(tx: Session) -> None:
    here = a_branch(tx, "HN01")
    till = a_till(tx, here)
    token, paired = pair(tx, code_for(tx, here, till.id, name="Quầy mới"))
    assert (paired.id, paired.epoch, paired.number, paired.till_no) == (till.id, 2, till.number, till.till_no)
    assert queries.till_of_token(tx, till.device_token) is None
    assert find_principal(tx, token_hash(till.cashier.token), now=NOW) is None
    assert queries.till_of_token(tx, token) is paired
    series = tx.execute(
        text("SELECT epoch, receipt_prefix, end_reason FROM till_epoch WHERE till_id = :till ORDER BY epoch"),
        {"till": till.id},
    ).all()
    assert series == [(1, "HN01-1-1", "replaced"), (2, "HN01-1-2", None)]
    told = tx.scalars(text("SELECT payload->>'session_id' FROM event WHERE topic = 'session.revoked'")).all()
    assert told == [str(till.cashier.session_id)]


def test_the_numbers_of_tills_go_on_in_their_branch_and_in_the_chain(tx: Session) -> None:
    here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
    made = [pair(tx, code_for(tx, place))[1] for place in (here, there, here)]
    first = made[0].till_no
    assert [(till.number, till.till_no) for till in made] == [(1, first), (1, first + 1), (2, first + 2)]


def test_there_is_no_code_for_another_branchs_till(tx: Session) -> None:
    here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
    till = a_till(tx, there)
    for till_id in (till.id, new_id()):
        with pytest.raises(NotFound):
            code_for(tx, here, till_id)


def test_only_branches_have_tills(tx: Session) -> None:
    queries.demand_branch(tx, a_branch(tx))
    for place in (a_depot(tx), new_id()):
        with pytest.raises(NotFound):
            queries.demand_branch(tx, place)


def revoke(tx: Session, till_id, who: identity.Principal) -> None:
    """Report a till lost."""
    tills.revoke_till(tx, till_id=till_id, status="lost", reason="Mất máy", actor=who, now=NOW)


def test_a_lost_till_is_out_at_once(tx: Session) -> None:
    till = a_till(tx, a_branch(tx))
    owner = find_principal(tx, token_hash(a_person(tx, "owner").token), now=NOW)
    assert owner is not None
    revoke(tx, till.id, owner)
    assert queries.till_of_token(tx, till.device_token) is None
    assert find_principal(tx, token_hash(till.cashier.token), now=NOW) is None
    with pytest.raises(NotFound):
        revoke(tx, new_id(), owner)


def test_who_revokes_tills_of_one_branch_reaches_no_other(tx: Session) -> None:
    here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
    mine, other = a_till(tx, here), a_till(tx, there)
    helper = find_principal(tx, token_hash(a_person(tx, "it", at=here).token), now=NOW)
    assert helper is not None
    revoke(tx, mine.id, helper)
    with pytest.raises(NotFound):
        revoke(tx, other.id, helper)
    assert queries.till_of_token(tx, other.device_token) is not None
