"""Signing in to the office and at a till: who gets in, how guessing is slowed down, and codes that work once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import a_branch, a_person, a_till
from placket.identity import queries
from placket.identity.access import Principal, find_principal, token_hash
from placket.identity.models import Staff, Till
from placket.identity.service import people, sessions

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PASSWORD = "đầm lụa cổ yếm"
LATER = timedelta(seconds=61)


def sign_in(tx: Session, email: str = "chu@lua.vn", password: str = PASSWORD, totp: str | None = None, *, at=NOW):
    return sessions.sign_in(tx, email=email, password=password, totp=totp, ip="10.0.0.1", agent="Test", now=at)


def the_owner(tx: Session) -> Principal:
    """An owner with a password, signed in."""
    a_person(tx, "owner", email="chu@lua.vn", password=PASSWORD)
    token, _ = sign_in(tx)
    who = find_principal(tx, token_hash(token), now=NOW)
    assert who is not None
    return who


def test_the_right_password_opens_a_session(tx: Session) -> None:
    who = the_owner(tx)
    assert who.expires_at == NOW + timedelta(hours=12)
    assert who.may("settings.write")


@pytest.mark.parametrize(
    ("email", "password"), [("chu@lua.vn", "wrong"), ("ai@lua.vn", PASSWORD), ("", ""), ("chu@lua.vn", "")]
)
def test_a_wrong_password_and_an_unknown_email_are_answered_alike(tx: Session, email: str, password: str) -> None:
    the_owner(tx)
    with pytest.raises(sessions.WrongCredentials) as refused:
        sign_in(tx, email, password)
    assert refused.value.facts == {}


def test_an_email_is_one_whatever_its_case(tx: Session) -> None:
    the_owner(tx)
    assert sign_in(tx, "  Chu@Lua.VN ")[0]


def test_who_has_left_gets_no_session_and_loses_the_old_ones(tx: Session) -> None:
    owner = the_owner(tx)
    someone = a_person(tx, "accountant", email="an@lua.vn", password=PASSWORD)
    token, _ = sign_in(tx, "an@lua.vn")
    change = {"full_name": None, "email": people.KEPT, "status": "left", "roles": None}
    people.update_staff(tx, staff_id=someone.id, version=1, actor=owner, now=NOW, **change)
    assert find_principal(tx, token_hash(token), now=NOW) is None
    with pytest.raises(sessions.WrongCredentials):
        sign_in(tx, "an@lua.vn")


def with_totp(tx: Session) -> pyotp.TOTP:
    """The owner's authenticator app."""
    who = the_owner(tx)
    app = pyotp.TOTP(people.start_totp(tx, actor=who)[0])
    people.confirm_totp(tx, actor=who, code=app.at(NOW), now=NOW)
    return app


def test_a_code_works_once(tx: Session) -> None:
    app = with_totp(tx)
    later = NOW + timedelta(seconds=60)
    with pytest.raises(sessions.TotpRequired):
        sign_in(tx, at=later)
    assert sign_in(tx, totp=app.at(later), at=later)[0]
    with pytest.raises(sessions.WrongCredentials):
        sign_in(tx, totp=app.at(later), at=later)
    assert sign_in(tx, totp=app.at(later + timedelta(seconds=30)), at=later)[0]


def test_the_code_that_confirmed_signs_nobody_in(tx: Session) -> None:
    app = with_totp(tx)
    with pytest.raises(sessions.WrongCredentials):
        sign_in(tx, totp=app.at(NOW))


def test_a_code_from_long_ago_or_of_another_app_is_wrong(tx: Session) -> None:
    app = with_totp(tx)
    later = NOW + timedelta(minutes=10)
    for code in (app.at(later - timedelta(minutes=2)), pyotp.TOTP(pyotp.random_base32()).at(later)):
        with pytest.raises(sessions.WrongCredentials):
            sign_in(tx, totp=code, at=later)


def test_a_stolen_session_cannot_replace_codes_in_force(tx: Session) -> None:
    app = with_totp(tx)
    later = NOW + timedelta(seconds=60)
    token, _ = sign_in(tx, totp=app.at(later), at=later)
    thief = find_principal(tx, token_hash(token), now=later)
    assert thief is not None
    with pytest.raises(people.TotpInForce):
        people.start_totp(tx, actor=thief)
    with pytest.raises(sessions.WrongCredentials):
        people.drop_totp(tx, actor=thief, password="guessed")
    people.drop_totp(tx, actor=thief, password=PASSWORD)
    assert sign_in(tx, at=later)[0]


def attempts(tx: Session, count: int, *, email: str = "chu@lua.vn", addresses: int = 1, at: datetime = NOW) -> int:
    """How many of so many attempts are let through to the password."""
    passed = 0
    for number in range(count):
        try:
            sessions.count_sign_in(tx, email=email, address=f"10.0.0.{number % addresses}", now=at)
        except sessions.TooManyAttempts:
            continue
        passed += 1
    return passed


def test_guessing_from_one_place_stops_after_five(tx: Session) -> None:
    assert attempts(tx, 9) == 5
    with pytest.raises(sessions.TooManyAttempts) as refused:
        sessions.count_sign_in(tx, email="Chu@lua.vn", address="10.0.0.0", now=NOW + timedelta(seconds=20))
    assert refused.value.facts == {"retry_after_s": 41}
    assert attempts(tx, 9, at=NOW + LATER) == 5


def test_guessing_one_email_from_everywhere_stops_after_twenty(tx: Session) -> None:
    assert attempts(tx, 60, addresses=30) == 20
    assert attempts(tx, 3, email="an@lua.vn", addresses=3) == 3


def test_guessing_every_email_from_one_place_stops_after_a_hundred(tx: Session) -> None:
    assert sum(attempts(tx, 1, email=f"{number}@lua.vn") for number in range(150)) == 100


def test_who_gets_in_starts_anew(tx: Session) -> None:
    for _ in range(8):
        assert attempts(tx, 4) == 4
        sessions.clear_sign_in(tx, email="chu@lua.vn", address="10.0.0.0")


def test_attempts_long_ago_count_no_more(tx: Session) -> None:
    assert attempts(tx, 4) == 4
    assert attempts(tx, 4, at=NOW + timedelta(minutes=16)) == 4


def pin(tx: Session, till_id: UUID, staff_id: UUID, code: str) -> bool:
    """Whether a PIN opens a session at a till."""
    try:
        sessions.sign_in_with_pin(tx, till=tx.get_one(Till, till_id), staff_id=staff_id, pin=code, attempts_left=4, now=NOW)
    except sessions.WrongPin:
        return False
    return True


def test_a_pin_opens_a_session_at_the_tills_of_ones_own_branch(tx: Session) -> None:
    here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
    one, other = a_till(tx, here), a_till(tx, there)
    thu = a_person(tx, "cashier", at=here, pin="246810")
    chi = a_person(tx, "owner", pin="135790")
    assert pin(tx, one.id, thu.id, "246810")
    assert not pin(tx, one.id, thu.id, "246811")
    assert not pin(tx, other.id, thu.id, "246810")
    assert pin(tx, other.id, chi.id, "135790")
    assert not pin(tx, one.id, one.cashier.id, "")


def test_at_a_till_ones_reach_is_its_branch(tx: Session) -> None:
    here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
    till = a_till(tx, here)
    chi = a_person(tx, "owner", pin="135790")
    token, _ = sessions.sign_in_with_pin(
        tx, till=tx.get_one(Till, till.id), staff_id=chi.id, pin="135790", attempts_left=4, now=NOW
    )
    who = find_principal(tx, token_hash(token), now=NOW)
    assert who is not None
    assert who.till is not None
    assert (who.till.code, who.scope("sale.read")) == ("HN01-1", [here])
    assert not who.may("sale.read", there)


def test_the_tiles_are_of_those_who_sell_here_and_have_a_pin(tx: Session) -> None:
    here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
    people_here = {
        "Thu": a_person(tx, "cashier", at=here, pin="246810"),
        "Quản": a_person(tx, "store_manager", at=here, pin="246810"),
        "Chủ": a_person(tx, "owner", pin="246810"),
        "Kho": a_person(tx, "warehouse", at=here, pin="246810"),
        "Kế": a_person(tx, "accountant", pin="246810"),
        "Xa": a_person(tx, "cashier", at=there, pin="246810"),
        "Mới": a_person(tx, "cashier", at=here),
        "Cũ": a_person(tx, "cashier", at=here, pin="246810"),
    }
    for name, person in people_here.items():
        tx.get_one(Staff, person.id).full_name = name
    tx.get_one(Staff, people_here["Cũ"].id).status = "left"
    tx.flush()
    tiles = {row.full_name: row.role for row in queries.staff_at(tx, here)}
    assert tiles == {"Thu": "cashier", "Quản": "store_manager", "Chủ": "owner"}
    tx.execute(text("INSERT INTO role_grant (role, verb) VALUES ('warehouse', 'sale.sell')"))
    assert "Kho" in {row.full_name for row in queries.staff_at(tx, here)}
