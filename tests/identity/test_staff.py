"""People and what they may do: limits as data, owners whom only owners touch, and a log that nobody rewrites."""

from contextvars import copy_context
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from builders import Person, a_branch, a_company, a_person
from placket import identity
from placket.core import origin
from placket.core.ids import new_id
from placket.identity.access import NotPermitted, Principal, find_principal, token_hash
from placket.identity.roles import GRANTS, VERBS
from placket.identity.service import people, sessions

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def as_principal(tx: Session, person: Person) -> Principal:
    """The person, as a route meets them."""
    who = find_principal(tx, token_hash(person.token), now=NOW)
    assert who is not None
    return who


def change(tx: Session, actor: Principal, staff_id, *, version: int = 1, **changes):
    """Change a person's record."""
    unchanged = {"full_name": None, "email": people.KEPT, "status": None, "roles": None}
    return people.update_staff(tx, staff_id=staff_id, version=version, actor=actor, now=NOW, **{**unchanged, **changes})


def take_on(tx: Session, actor: Principal | None, *roles: identity.RoleHeld, **values):
    """Somebody new."""
    defaults = {"staff_id": new_id(), "full_name": "Lê An", "email": None, "password": None, "pin": None}
    return people.create_staff(tx, roles=roles, actor=actor, now=NOW, **{**defaults, **values})


def test_the_rows_of_a_new_company_are_the_table_of_roles(tx: Session) -> None:
    a_company(tx)
    rows = tx.execute(text("SELECT role, verb, discount_bp_max, refund_vnd_max FROM role_grant")).all()
    assert {(row.role, row.verb): (row.discount_bp_max, row.refund_vnd_max) for row in rows} == {
        (role, verb): (limits.discount_bp_max, limits.refund_vnd_max)
        for role, grants in GRANTS.items()
        for verb, limits in grants.items()
    }
    assert {verb for grants in GRANTS.values() for verb in grants} == set(VERBS)


def test_roles_add_up_and_the_wider_limit_wins(tx: Session) -> None:
    here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
    person = a_person(tx, "cashier", at=here)
    tx.execute(
        text("INSERT INTO staff_role (id, staff_id, role, location_id) VALUES (:id, :staff, 'store_manager', :there)"),
        {"id": new_id(), "staff": person.id, "there": there},
    )
    who = as_principal(tx, person)
    assert who.scope("sale.void") == sorted([here, there])
    assert (who.grants["sale.void"].refund_vnd_max, who.grants["sale.discount"].discount_bp_max) == (20_000_000, 2_000)
    assert not who.may("stock.adjust", here)
    assert who.may("stock.adjust", there)


def test_what_the_company_changes_holds_at_once(tx: Session) -> None:
    person = a_person(tx, "cashier", at=a_branch(tx))
    tx.execute(text("UPDATE role_grant SET refund_vnd_max = 500000 WHERE role = 'cashier' AND verb = 'sale.void'"))
    tx.execute(text("DELETE FROM role_grant WHERE role = 'cashier' AND verb = 'customer.read'"))
    who = as_principal(tx, person)
    assert who.grants["sale.void"].refund_vnd_max == 500_000
    assert not who.may("customer.read")


def test_one_owner_always_remains(tx: Session) -> None:
    one = as_principal(tx, a_person(tx, "owner"))
    other = a_person(tx, "owner")
    change(tx, one, other.id, status="left")
    for changes in ({"status": "left"}, {"roles": [people.RoleHeld("it", None)]}):
        with tx.begin_nested() as nested:
            with pytest.raises(people.LastOwner):
                change(tx, one, one.staff_id, **changes)
            nested.rollback()


def test_only_an_owner_touches_owners(tx: Session) -> None:
    owner = a_person(tx, "owner")
    helper = as_principal(tx, a_person(tx, "it"))
    for trespass in (
        lambda: people.set_password(tx, staff_id=owner.id, password="0123456789", actor=helper, now=NOW),
        lambda: people.set_pin(tx, staff_id=owner.id, pin="000000", actor=helper),
        lambda: change(tx, helper, owner.id, email="it@lua.vn"),
        lambda: take_on(tx, helper, people.RoleHeld("owner", None)),
        lambda: change(tx, helper, helper.staff_id, roles=[people.RoleHeld("owner", None)]),
    ):
        with pytest.raises(NotPermitted):
            trespass()
    take_on(tx, helper, people.RoleHeld("accountant", None))


def test_who_manages_a_branchs_staff_reaches_no_further(tx: Session) -> None:
    here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
    manager = a_person(tx, "store_manager", at=here)
    tx.execute(text("INSERT INTO role_grant (role, verb) VALUES ('store_manager', 'staff.manage')"))
    who = as_principal(tx, manager)
    mine, other = a_person(tx, "cashier", at=here), a_person(tx, "cashier", at=there)
    people.set_pin(tx, staff_id=mine.id, pin="135790", actor=who)
    for trespass in (
        lambda: people.set_pin(tx, staff_id=other.id, pin="135790", actor=who),
        lambda: take_on(tx, who, people.RoleHeld("cashier", there)),
        lambda: take_on(tx, who, people.RoleHeld("cashier", None)),
    ):
        with pytest.raises(NotPermitted):
            trespass()
    take_on(tx, who, people.RoleHeld("cashier", here))


def test_a_record_changes_at_the_version_it_was_read_at(tx: Session) -> None:
    owner = as_principal(tx, a_person(tx, "owner"))
    person = a_person(tx, "cashier", at=a_branch(tx))
    assert change(tx, owner, person.id, full_name="Trần Bình").version == 2
    with pytest.raises(people.AlreadyChanged):
        change(tx, owner, person.id, full_name="Trần Bảo")


def test_other_roles_end_the_sessions_that_had_the_old_ones(tx: Session) -> None:
    owner = as_principal(tx, a_person(tx, "owner"))
    person = a_person(tx, "accountant")
    change(tx, owner, person.id, roles=[people.RoleHeld("marketer", None)])
    assert find_principal(tx, token_hash(person.token), now=NOW) is None


def test_a_new_password_of_ones_own_ends_the_other_sessions_only(tx: Session) -> None:
    person = a_person(tx, "accountant", email="an@lua.vn", password="0123456789")
    who = as_principal(tx, person)
    other, _ = sessions.sign_in(tx, email="an@lua.vn", password="0123456789", totp=None, ip=None, agent=None, now=NOW)
    with pytest.raises(sessions.WrongCredentials):
        people.change_own_password(tx, actor=who, current="guessed", new="9876543210", now=NOW)
    people.change_own_password(tx, actor=who, current="0123456789", new="9876543210", now=NOW)
    assert find_principal(tx, token_hash(other), now=NOW) is None
    assert find_principal(tx, token_hash(person.token), now=NOW) is not None


def test_an_id_an_email_and_a_place_are_checked(tx: Session) -> None:
    person = take_on(tx, None, people.RoleHeld("cashier", a_branch(tx)), email="an@lua.vn")
    with pytest.raises(people.StaffIdTaken):
        take_on(tx, None, staff_id=person.id)
    with pytest.raises(people.EmailTaken):
        take_on(tx, None, email="AN@lua.vn")
    with pytest.raises(people.UnknownLocation):
        take_on(tx, None, people.RoleHeld("cashier", new_id()))
    assert take_on(tx, None).code == str(int(person.code) + 1)


def test_the_audit_log_knows_who_what_and_from_where(tx: Session) -> None:
    owner = as_principal(tx, a_person(tx, "owner"))
    person = a_person(tx, "cashier", at=a_branch(tx))

    def asked() -> None:
        origin.address.set("10.0.0.7")
        origin.request_id.set("01a2")
        change(tx, owner, person.id, full_name="Trần Bình")

    copy_context().run(asked)
    tx.flush()
    line = tx.execute(text("SELECT * FROM audit_log ORDER BY id DESC LIMIT 1")).one()
    assert (line.staff_id, line.action, line.subject_id) == (owner.staff_id, "staff.changed", str(person.id))
    assert (line.ip, line.request_id) == ("10.0.0.7", "01a2")
    assert (line.before["full_name"], line.after["full_name"]) == ("Nguyễn Thị cashier", "Trần Bình")


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"])
def test_nobody_rewrites_the_audit_log(tx: Session, statement: str) -> None:
    a_person(tx, "owner")
    with pytest.raises(IntegrityError, match="append only"), tx.begin_nested():
        tx.execute(text(statement))
    assert tx.scalar(text("SELECT count(*) FROM audit_log")) == 1
