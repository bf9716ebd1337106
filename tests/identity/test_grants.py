"""Verbs that came later reach chains that were there before, and what a company took away stays away."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from builders import LONG_AGO, a_company
from placket import identity
from placket.commands.schema import bring_up_to_date
from placket.core.db import Database
from placket.identity.roles import GRANTS, VERBS


def holders(tx: Session, verb: str) -> list[str]:
    """The roles that hold a verb."""
    return list(tx.scalars(text("SELECT role FROM role_grant WHERE verb = :verb ORDER BY role"), {"verb": verb}))


def seeded(verb: str) -> list[str]:
    """The roles that have a verb from the start."""
    return sorted(role for role, grants in GRANTS.items() if verb in grants)


def founded_before(tx: Session, verb: str, **note: Any) -> None:
    """A company of a time when there was no such verb."""
    a_company(tx)
    tx.execute(text("DELETE FROM role_grant WHERE verb = :verb"), {"verb": verb})
    tx.execute(text("DELETE FROM setting WHERE key = 'verbs_seeded'"))
    if note:
        known = [known for known in VERBS if known != verb]
        insert = (
            "INSERT INTO setting (key, value, updated_at) VALUES ('verbs_seeded', to_jsonb(CAST(:known AS text[])), now())"
        )
        tx.execute(text(insert), {"known": known})


def test_a_new_verb_reaches_a_chain_that_was_there_before(tx: Session) -> None:
    for noted in ({}, {"noted": True}):
        founded_before(tx, "sale.discount", **noted)
        assert identity.seed_grants(tx, now=LONG_AGO) == ["sale.discount"]
        assert holders(tx, "sale.discount") == seeded("sale.discount") != []
        limit = "SELECT discount_bp_max FROM role_grant WHERE role = 'store_manager' AND verb = 'sale.discount'"
        assert tx.scalar(text(limit)) == GRANTS["store_manager"]["sale.discount"].discount_bp_max
        tx.expire_all()
        assert identity.seed_grants(tx, now=LONG_AGO) == []
        tx.expunge_all()


def test_what_a_company_took_away_stays_away(tx: Session) -> None:
    a_company(tx)
    tx.execute(text("DELETE FROM role_grant WHERE verb = 'sale.void'"))
    tx.execute(text("DELETE FROM role_grant WHERE role = 'cashier' AND verb = 'stock.read'"))
    assert identity.seed_grants(tx, now=LONG_AGO) == []
    assert holders(tx, "sale.void") == []
    assert "cashier" not in holders(tx, "stock.read")


def test_a_role_that_lost_a_verb_does_not_get_it_back_with_a_new_one(tx: Session) -> None:
    founded_before(tx, "report.read")
    tx.execute(text("DELETE FROM role_grant WHERE role = 'cashier' AND verb = 'stock.read'"))
    assert identity.seed_grants(tx, now=LONG_AGO) == ["report.read"]
    assert "cashier" not in holders(tx, "stock.read")


def test_migrating_brings_new_verbs_and_says_so(fresh: Database) -> None:
    said: list[str] = []
    bring_up_to_date(fresh.url, said.append)
    assert said == []
    with fresh.transaction() as tx:
        assert holders(tx, "stock.read") == [], "there is no company yet"
        founded_before(tx, "report.read")
    bring_up_to_date(fresh.url, said.append)
    bring_up_to_date(fresh.url, said.append)
    assert said == ["new verbs for the roles that have them from the start: report.read"]
    with fresh.transaction() as tx:
        assert holders(tx, "report.read") == seeded("report.read")
        logged = tx.scalars(text("SELECT after FROM audit_log WHERE action = 'roles.seeded'")).all()
    assert logged == [{"verbs": ["report.read"]}]
