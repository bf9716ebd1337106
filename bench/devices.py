"""Tills as devices for benchmarks: paired, attached, with somebody signed in, and a journal that is hashed as theirs is."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from bench.stage import Stage, sign_in
from placket import identity, inventory
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.pos import journal

APP = {"clock_offset_ms": 0, "schema_v": 1, "app_v": "bench"}
PUSH_ENTRIES = 200


@dataclass
class Device:
    """A paired till: its own token, the token of whoever is signed in, and its journal."""

    id: UUID
    location_id: UUID
    device_token: str
    person_token: str
    staff_id: UUID
    entries: list[journal.Sent] = field(default_factory=list)

    def sells(self, goods: Sequence[tuple[str, int, str | None]], many: int, *, lines: int = 3) -> None:
        """Sales without network, each of some pieces for cash, written into the journal."""
        for _ in range(many):
            chosen = random.sample(goods, lines)
            total_vnd = sum(price_vnd for _, price_vnd, _ in chosen)
            rounding_vnd = (total_vnd + 500) // 1000 * 1000 - total_vnd
            paid_vnd = total_vnd + rounding_vnd
            self._write(
                {
                    "id": new_id(),
                    "receipt_no": len(self.entries) + 1,
                    "staff_id": self.staff_id,
                    "lines": [
                        {"variant_id": variant_id, "qty": 1, "source_id": self.location_id, "unit_vnd": price_vnd}
                        for variant_id, price_vnd, _ in chosen
                    ],
                    "total_vnd": total_vnd,
                    "rounding_vnd": rounding_vnd,
                    "tenders": [{"kind": "cash", "amount_vnd": paid_vnd, "tendered_vnd": paid_vnd, "change_vnd": 0}],
                    "price_version": 1,
                    "promo_version": 0,
                }
            )

    def pushes(self) -> list[bytes]:
        """The bodies of the requests that hand the whole journal in, as the app cuts it."""
        head_seq = len(self.entries)
        return [
            msgspec.json.encode(
                {
                    "epoch": 1,
                    "head_seq": head_seq,
                    "entries": [
                        {"seq": e.seq, "hash": e.hash, "text": e.text} for e in self.entries[at : at + PUSH_ENTRIES]
                    ],
                }
            )
            for at in range(0, head_seq, PUSH_ENTRIES)
        ]

    def _write(self, body: dict[str, Any]) -> None:
        seq = len(self.entries) + 1
        entry = {"entry_id": new_id(), "epoch": 1, "seq": seq, "opening": 1, "kind": "SALE", "at": clock.now(), **APP}
        content = msgspec.json.encode(entry | {"body": body}).decode()
        previous = self.entries[-1].hash if self.entries else journal.NO_HASH
        self.entries.append(journal.Sent(seq, journal.chained(previous, content), content))


def devices(at: Stage, count: int, *, branch: int) -> list[Device]:
    """New tills of one branch (counted from nought), each paired, signed in and attached."""
    database = Database(at.url, pool_size=1)
    made = []
    with database.transaction() as tx:
        now = clock.now()
        query = text("SELECT id FROM location WHERE kind = 'branch' ORDER BY position OFFSET :branch LIMIT 1")
        location_id = tx.scalars(query, {"branch": branch}).one()
        for number in range(count):
            till = identity.create_till(tx, location_id=location_id, name=f"Máy {number}", now=now)
            token = identity.new_token()
            tx.execute(
                text("UPDATE till SET token_hash = :hash, paired_at = :now WHERE id = :till"),
                {"hash": identity.token_hash(token), "now": now, "till": till.id},
            )
            person = sign_in(tx, role="cashier", till_id=till.id, name=f"Thu ngân {number}")
            staff = tx.scalars(
                text("SELECT staff_id FROM staff_session WHERE token_hash = :hash"), {"hash": identity.token_hash(person)}
            ).one()
            inventory.attach(tx, till_id=till.id, epoch=1, opening=1, head_seq=0, location_id=location_id, now=now)
            made.append(Device(till.id, location_id, token, person, staff))
    database.dispose()
    return made
