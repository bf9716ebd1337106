"""A counter whose customers are known: two tills, shirts at 100.000 ₫, the loyalty rule of the company's beginning."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from books import UNIT_VND, VAT_BP, Line, a_sale, post, raw
from builders import LONG_AGO, TillAtWork
from placket import crm, identity, sales, verify
from placket.core.ids import new_id
from placket.core.money import vat_within
from placket.pos import journal

NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TEXT = "loyalty-2026-11"


@dataclass
class Shop:
    """Where customers of the tests buy."""

    tx: Session
    branch_id: UUID
    one: TillAtWork
    other: TillAtWork
    shirt: UUID
    seqs: dict[UUID, tuple[int, str]] = field(default_factory=dict)

    def customer(self, phone: str = "0912345678", name: str = "Trần Bảo Ngọc", *, agrees: bool = True) -> UUID:
        """Somebody at home here, who collects points unless they do not."""
        made = crm.create_customer(
            self.tx,
            customer_id=new_id(),
            details=crm.Details(name, phone),
            home_location_id=self.branch_id,
            agreed=[crm.Agreed("loyalty", granted=True, text_version=TEXT)] if agrees else [],
            channel="till",
            by=crm.By(self.one.cashier.id, self.one.id),
            now=LONG_AGO,
        )
        return made.id

    def sells(
        self,
        customer_id: UUID,
        shirts: int,
        *,
        at: datetime = NOON,
        till: TillAtWork | None = None,
        sale_id: UUID | None = None,
        mode: str = "ask",
        spends: list[dict[str, Any]] | None = None,
    ) -> tuple[UUID, sales.Outcome]:
        """Shirts at 100.000 ₫, less what the spent points are worth; answers the sale's id and what became of it."""
        sale = a_sale(till or self.one, Line(self.shirt, shirts), customer_id=customer_id, at=at, sale_id=sale_id, mode=mode)
        off_vnd = sum(spend["value_vnd"] for spend in spends or [] if spend["type"] == "points")
        if off_vnd:
            sale = less(sale, off_vnd)
        (outcome,) = post(self.tx, msgspec.structs.replace(sale, spends=spends or []))
        if outcome.kind != "accepted":
            (till or self.one).last_receipt_no -= 1
        return sale.id, outcome

    def takes_back(self, customer_id: UUID, sale_id: UUID, shirts: int, *, at: datetime = NOON) -> UUID:
        """Some shirts of a sale come back; answers the id of the sale that takes them."""
        back = a_sale(self.one, Line(self.shirt, -shirts, returns=(sale_id, 1)), customer_id=customer_id, at=at)
        (outcome,) = post(self.tx, back)
        assert outcome.kind == "accepted", outcome
        return back.id

    def holds(
        self,
        customer_id: UUID,
        amount: int,
        *,
        no: int,
        sale_id: UUID,
        till: TillAtWork | None = None,
        right: str = "points",
        at: datetime = NOON,
    ) -> dict[str, Any]:
        """Keep points or credit for a sale; answers the spend that the sale names."""
        kept = crm.hold(
            self.tx,
            right=right,  # type: ignore[arg-type] # a test says which
            customer_id=customer_id,
            amount=amount,
            request_no=no,
            sale_id=sale_id,
            till_id=(till or self.one).id,
            epoch=1,
            staff_id=(till or self.one).cashier.id,
            now=at,
            on=at.date(),
        )
        return {"hold_id": str(kept.id), "type": right, "amount": amount, "value_vnd": kept.value_vnd}

    def voids(self, sale_id: UUID, *, at: datetime = NOON) -> None:
        """Undo a sale."""
        who = identity.principal_of_session(self.tx, self.one.cashier.session_id, now=LONG_AGO)
        assert who is not None
        sales.void_sale(self.tx, sale_id=sale_id, receipt_no=None, reason="Khách đổi ý", who=who, now=at)

    def voids_late(self, sale_id: UUID, *, at: datetime) -> None:
        """Undo a sale on whatever day it is: as the journal does."""
        number = self.tx.scalars(text("SELECT receipt_no FROM sale WHERE id = :id"), {"id": sale_id}).one()
        body = {"sale_id": str(sale_id), "receipt_no": number, "staff_id": str(self.one.cashier.id), "reason": "Khách đổi ý"}
        self.seqs.clear()
        self.tx.execute(text("UPDATE till_epoch SET posted_seq = 0, posted_hash = NULL"))
        self.tx.execute(text("DELETE FROM sync_entry"))
        (taken,) = self.push(self.one, ("VOID", body), at=at)
        assert taken.status == "posted"

    def push(self, till: TillAtWork, *entries: tuple[str, dict[str, Any]], at: datetime = NOON) -> list[journal.Taken]:
        """Hand in entries behind those of before; answers what became of each."""
        seq, last = self.seqs.get(till.id, (0, journal.NO_HASH))
        sent = []
        for kind, body in entries:
            seq += 1
            content = msgspec.json.encode(
                {
                    "entry_id": str(new_id()),
                    "epoch": 1,
                    "seq": seq,
                    "opening": 1,
                    "kind": kind,
                    "at": at.isoformat(),
                    "clock_offset_ms": 0,
                    "schema_v": 1,
                    "app_v": "test",
                    "body": body,
                }
            ).decode()
            last = journal.chained(last, content)
            sent.append(journal.Sent(seq, last, content))
        facts = identity.till_facts_of(self.tx, till.id)
        _, taken = journal.take_over(self.tx, till=facts, epoch=1, entries=sent, head_seq=seq, now=at + DAY)
        self.seqs[till.id] = (seq, last)
        return taken

    def points(self, customer_id: UUID) -> int:
        """The balance of a customer's account."""
        return int(
            self.tx.scalars(text("SELECT points FROM customer_account WHERE customer_id = :id"), {"id": customer_id}).one()
        )

    def credit(self, customer_id: UUID) -> tuple[int, int]:
        """Store credit, and how much of it is held."""
        row = self.tx.execute(
            text("SELECT credit_vnd, credit_held_vnd FROM customer_account WHERE customer_id = :id"), {"id": customer_id}
        ).one()
        return row.credit_vnd, row.credit_held_vnd

    def entries(self, customer_id: UUID) -> list[tuple[str, int]]:
        """The point ledger."""
        rows = self.tx.execute(
            text("SELECT kind, points FROM loyalty_entry WHERE customer_id = :id ORDER BY id"), {"id": customer_id}
        )
        return [(row.kind, row.points) for row in rows]

    def prove(self) -> None:
        """The books are right."""
        assert verify.prove(raw(self.tx)) == []


def less(sale: sales.SaleToPost, off_vnd: int) -> sales.SaleToPost:
    """A sale of one line with something off its price."""
    total_vnd = sale.total_vnd - off_vnd
    vat_vnd = vat_within(total_vnd, VAT_BP)
    (line,) = sale.lines
    parts = [{"no": 1, "kind": "points", "amount_vnd": off_vnd}]
    return msgspec.structs.replace(
        sale,
        discount_vnd=off_vnd,
        total_vnd=total_vnd,
        vat_vnd=vat_vnd,
        lines=[{**line, "discount_vnd": off_vnd, "total_vnd": total_vnd, "vat_vnd": vat_vnd, "discounts": parts}],
        tenders=[{**tender, "amount_vnd": total_vnd} for tender in sale.tenders],
    )


def journal_sale(till: TillAtWork, shirt: UUID, shirts: int, **more: Any) -> dict[str, Any]:
    """The body of a SALE entry: shirts at 100.000 ₫ for cash."""
    total_vnd = shirts * UNIT_VND
    return {
        "id": str(new_id()),
        "receipt_no": till.next_receipt_no(),
        "staff_id": str(till.cashier.id),
        "lines": [{"variant_id": str(shirt), "qty": shirts, "source_id": str(till.location_id), "unit_vnd": UNIT_VND}],
        "total_vnd": total_vnd,
        "rounding_vnd": 0,
        "tenders": [{"kind": "cash", "amount_vnd": total_vnd, "tendered_vnd": total_vnd, "change_vnd": 0}],
        "price_version": 1,
        "promo_version": 0,
        **more,
    }
