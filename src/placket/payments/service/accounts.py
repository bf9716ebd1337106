"""Verbs of receiving accounts: whose they are decides where the customers' money goes, so every change is audited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket import identity
from placket.core.ids import new_id
from placket.core.refusals import NotFound, Refusal
from placket.payments.banks import BANKS
from placket.payments.models import BankAccount


class UnknownBank(Refusal):
    """No bank that takes VietQR has this number."""

    code = "unknown_bank"
    status = 422
    vi = "Không có ngân hàng nào nhận VietQR mang mã {bank_bin}."
    en = "No bank that takes VietQR has the number {bank_bin}."


def set_account(
    tx: Session,
    *,
    location_id: UUID,
    bank_bin: str,
    account_no: str,
    account_name: str,
    who: identity.Principal,
    now: datetime,
) -> BankAccount:
    """Let a branch receive into this account from now on. Refuses ``NotFound``, ``UnknownBank``."""
    if bank_bin not in BANKS:
        raise UnknownBank(bank_bin=bank_bin)
    here = text("SELECT 1 FROM location WHERE id = :id AND kind = 'branch' FOR UPDATE")
    if not who.may("payment.accounts", location_id) or tx.scalar(here, {"id": location_id}) is None:
        raise NotFound
    before = account_of(tx, location_id)
    if before is not None:
        if (before.bank_bin, before.account_no, before.account_name) == (bank_bin, account_no, account_name):
            return before
        before.active = False
        tx.flush()
    made = BankAccount(
        id=new_id(),
        location_id=location_id,
        bank_bin=bank_bin,
        account_no=account_no,
        account_name=account_name,
        active=True,
        created_at=now,
        created_by=who.staff_id,
    )
    tx.add(made)
    tx.flush()
    identity.audit(
        tx,
        action="bank_account.changed",
        subject_type="location",
        subject_id=location_id,
        actor=who,
        before=None if before is None else _facts(before),
        after=_facts(made),
    )
    return made


def account_of(tx: Session, location_id: UUID) -> BankAccount | None:
    """Where a branch's transfers go now; none when it takes no transfers by code."""
    return tx.scalar(select(BankAccount).where(BankAccount.location_id == location_id, BankAccount.active))


def web_account(tx: Session, location_id: UUID | None) -> BankAccount | None:
    """Where the transfers of an online order go: to its branch's account, else to that of the first branch that has one."""
    found = text(
        "SELECT a.id FROM bank_account a JOIN location l ON l.id = a.location_id WHERE a.active "
        "ORDER BY l.id IS DISTINCT FROM CAST(:here AS uuid), l.kind <> 'depot', l.position LIMIT 1"
    )
    account_id = tx.scalar(found, {"here": location_id})
    return None if account_id is None else tx.get(BankAccount, account_id)


def _facts(account: BankAccount) -> dict[str, Any]:
    return {"bank_bin": account.bank_bin, "account_no": account.account_no, "account_name": account.account_name}
