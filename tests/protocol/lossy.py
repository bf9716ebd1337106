"""The model's shop floor on the real verbs and a real PostgreSQL: the network loses, repeats, delays and reorders.

`World` (the model's) plays four tills, their customers, thieves and pickers; `Books` stands where the model's server stood
and calls the product. The invariants are the model's own, read from the tables after every step.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import json
from sqlalchemy import text
from sqlalchemy.orm import Session

import builders
from placket import catalog, identity, inventory, promotions
from placket.core import clock
from placket.core.db import Database
from placket.core.ids import new_id
from placket.core.refusals import Refusal
from placket.inventory.models import Location
from placket.pos import journal
from placket.sales import records
from placket.sales.shapes import LineAsked, TenderGiven
from protocol.model.simulation import BRANCHES, DEPOT, VARIANTS, Till, World

HOUR = timedelta(hours=1)
UNIT_VND = 100_000
PHASES = {
    "bagged": "picked",
    "to_scan_back": "undoing",
    "shipped": "fulfilled",
    "collected": "fulfilled",
    "released": "refunded",
}


class Shop:
    """One shop in the database, made once and stocked anew for every history."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as tx:
            self.places = [builders.a_branch(tx, "HN01"), builders.a_branch(tx, "HN02"), builders.a_depot(tx)]
            goods = builders.a_style(tx, price_vnd=UNIT_VND, sizes=("S", "M"))
            self.variants = dict(zip(VARIANTS, goods.all, strict=True))
            self.manager = builders.a_person(tx, "owner")
            self.cashier = self.manager.id
        inventory.places.refresh(database)
        catalog.price_books.refresh(database)
        promotions.promo_books.refresh(database)

    def stocked(self, pieces: Mapping[tuple[int, str], int]) -> None:
        """End what an earlier history left, and put these pieces on every shelf."""
        now = clock.now()
        with self.database.transaction() as tx:
            tx.execute(
                text(
                    "UPDATE till_opening SET state = 'ended', ended_at = :now, end_reason = 'lost' WHERE state = 'attached'"
                ),
                {"now": now},
            )
            tx.execute(
                text("UPDATE stock_doubt SET closed_at = :now, closed_by = 'assertion' WHERE closed_at IS NULL"),
                {"now": now},
            )
            tx.execute(
                text("UPDATE promise SET phase = 'refunded' WHERE phase IN ('asked', 'confirmed', 'bagged', 'to_scan_back')")
            )
            tx.execute(text("UPDATE till SET status = 'retired'"))
            tx.execute(text("DELETE FROM till_return"))
            tx.execute(text("UPDATE stock SET promised = 0, asked = 0, bagged = 0, short = 0, counted_at = NULL"))
            for place in self.places:
                counted = {self.variants[v]: pieces[self.places.index(place), v] for v in VARIANTS}
                inventory.record_count(
                    tx,
                    document_id=new_id(),
                    location_id=place,
                    counted=counted,
                    reason="Tồn đầu ngày",
                    by=inventory.By(None),
                    now=now,
                )
            tx.execute(text("UPDATE stock SET counted_at = NULL"))


class Books:
    """The model's ``Server``, played by the product. Each method is the transactions of one request."""

    def __init__(self, shop: Shop, stock: Mapping[tuple[int, str], int], tills: list[Till]) -> None:
        self.shop, self.database = shop, shop.database
        shop.stocked(stock)
        self.opening_books = dict(stock)
        self.out: list[tuple[str, dict[str, Any]]] = []
        self.kind_of: Callable[[str], str] = lambda _order: "ship"
        self._known: dict[str, Any] = {}
        self.facts: dict[str, identity.TillFacts] = {}
        self.tills = {till.name: {"branch": till.branch, "epoch": 1, "attached": 0} for till in tills}
        self.chains: dict[tuple[str, int], list[journal.Sent]] = {}
        self.sale_ids: dict[str, UUID] = {}
        self.refs: dict[str, list[UUID]] = {}
        self.moved = 0
        self.incarnation = 0
        self.stranger = new_id()
        self.head = self._scalar("SELECT coalesce(max(id), 0) FROM event")
        self.ledger_head = self._scalar("SELECT coalesce(max(id), 0) FROM stock_ledger")
        with self._tx() as tx:
            for till in tills:
                made = identity.create_till(tx, location_id=shop.places[till.branch], name=till.name, now=clock.now())
                made.paired_at = clock.now()
                self.facts[till.name] = identity.till_facts_of(tx, made.id)

    # ---- what the model reads
    @property
    def books(self) -> dict[tuple[int, str], int]:
        """On hand by (place, variant)."""
        return {self._key(row): row.on_hand for row in self._rows("SELECT location_id, variant_id, on_hand FROM stock")}

    @property
    def ledger(self) -> list[tuple[int, str, int, str]]:
        """Every move since the history began."""
        rows = self._rows(
            "SELECT location_id, variant_id, qty, kind FROM stock_ledger WHERE id > :head", head=self.ledger_head
        )
        return [(*self._key(row), row.qty, row.kind) for row in rows]

    @property
    def promises(self) -> dict[str, dict[str, Any]]:
        """The promises of this history, by the model's names; an order that moved is its newest promise."""
        rows = {
            row.ref: row
            for row in self._rows(
                "SELECT * FROM promise WHERE ref = ANY(:refs)", refs=[r for x in self.refs.values() for r in x]
            )
        }
        found = {}
        for order, refs in self.refs.items():
            row = rows.get(refs[-1])
            if row is None:  # made after the backup, and nobody knows of it any more
                continue
            found[order] = {
                "place": self.shop.places.index(row.location_id),
                "v": self._name(row.variant_id),
                "q": row.qty,
                "phase": "refunded" if row.phase == "moved" else PHASES.get(row.phase, row.phase),
                "id": row.id,
            }
        return found

    @property
    def doubt(self) -> set[tuple[int, str]]:
        """(place, variant) nobody trusts."""
        found: set[tuple[int, str]] = set()
        for row in self._rows("SELECT location_id, variant_id FROM stock_doubt WHERE closed_at IS NULL"):
            place = self.shop.places.index(row.location_id)
            found |= {(place, v) for v in VARIANTS if row.variant_id in (None, self.shop.variants[v])}
        return found

    @property
    def posted(self) -> dict[tuple[str, int], int]:
        """The watermark of every epoch."""
        names = {facts.id: name for name, facts in self.facts.items()}
        rows = self._rows("SELECT till_id, epoch, posted_seq FROM till_epoch WHERE till_id = ANY(:tills)", tills=list(names))
        return {(names[row.till_id], row.epoch): row.posted_seq for row in rows}

    @property
    def sales(self) -> dict[str, str]:
        """What is known of every sale id."""
        known = {
            row.id: row.state
            for row in self._rows("SELECT id, state FROM sale WHERE id = ANY(:ids)", ids=list(self.sale_ids.values()))
        }
        return {name: known[sale_id] for name, sale_id in self.sale_ids.items() if sale_id in known}

    @property
    def quarantine(self) -> list[tuple[str, int, dict[str, int]]]:
        """Entries that wait for a person."""
        names = {facts.id: name for name, facts in self.facts.items()}
        rows = self._rows(
            "SELECT till_id, epoch, seq FROM sync_entry "
            "WHERE status = 'quarantined' AND till_id = ANY(:tills) ORDER BY recorded_at",
            tills=list(names),
        )
        return [(names[row.till_id], row.epoch, {"seq": row.seq}) for row in rows]

    # ---- what the model asks for
    def ask(self, order: str, v: str, q: int) -> None:
        """An order from the web: each place in turn, the depot last."""
        for place in (*BRANCHES, DEPOT):
            ref = new_id()
            if self._refused(self._reserve, order, ref, place, v, q) is None:
                self.refs.setdefault(order, []).append(ref)
                return self.collect()
        return None

    def not_found(self, order: str) -> None:
        """A picker did not find the piece: the promise moves to the depot, else the customer is refunded."""
        promise = self.promises[order]
        with self._tx() as tx:
            inventory.not_found(tx, promise_id=promise["id"], by=inventory.By(self.shop.cashier), now=clock.now())
        self.moved += 1
        ref = new_id()
        if promise["place"] != DEPOT and self._refused(self._reserve, order, ref, DEPOT, promise["v"], promise["q"]) is None:
            self.refs[order].append(ref)
        self.collect()

    def set(self, order: str, phase: str) -> None:
        """A step of a picker, a carrier or a customer."""
        promise_id = self.promises[order]["id"]
        with self._tx() as tx:
            if phase in {"picked", "fulfilled"}:
                inventory.pay(tx, ref=self.refs[order][-1])
            if phase == "picked":
                inventory.bag(tx, promise_id=promise_id)
            elif phase == "fulfilled":
                inventory.let_go(
                    tx, promise_id=promise_id, becomes="shipped", by=inventory.By(self.shop.cashier), at=clock.now()
                )
            elif phase == "refunded" and self.promises[order]["phase"] == "undoing":
                inventory.scan_back(tx, promise_id=promise_id)
            elif phase in {"undoing", "refunded"}:
                inventory.undo(tx, promise_id=promise_id)
            else:
                assert phase == "declined"
                inventory.settle(
                    tx, location_id=self.shop.places[self.promises[order]["place"]], give_up_before=clock.now() + HOUR
                )
        self.collect()

    def change(self, place: int, v: str, q: int, why: str) -> None:
        """The model books a shipped piece itself; the product does when it lets it go."""

    def settle(self, _order: str) -> None:
        """Confirm or decline what can be."""
        for place in self.shop.places[:DEPOT]:
            with self._tx() as tx:
                inventory.settle(tx, location_id=place)
        self.collect()

    def declare_lost(self, name: str) -> None:
        """The till is lost; its next life is enrolled."""
        facts = self.facts[name]
        now = clock.now()
        with self._tx() as tx:
            inventory.lose(tx, till_id=facts.id, location_id=facts.location_id, now=now)
            tx.execute(
                text("UPDATE till_epoch SET ended_at = :now, end_reason = 'lost' WHERE till_id = :till AND epoch = :epoch"),
                {"now": now, "till": facts.id, "epoch": facts.epoch},
            )
            self._enrol(tx, name)
        self.tills[name].update(epoch=facts.epoch + 1, attached=0)
        self.settle("")

    def count(self, place: int, v: str, pieces: int) -> None:
        """Somebody counts; refused while a till has not handed in its sales."""

        def counting() -> None:
            with self._tx() as tx:
                inventory.record_count(
                    tx,
                    document_id=new_id(),
                    location_id=self.shop.places[place],
                    counted={self.shop.variants[v]: pieces},
                    reason="Kiểm kê",
                    by=inventory.By(self.shop.cashier),
                    now=clock.now(),
                )

        self._refused(counting)
        self.collect()

    def apply(self, name: str, epoch: int, entry: Mapping[str, Any]) -> None:
        """A person mends the cause, an unknown customer, and has the entry posted."""
        with self._tx() as tx:
            tx.execute(
                text(
                    "INSERT INTO customer (id, full_name, given_name, created_at) "
                    "VALUES (:id, 'Khách', 'Khách', now()) ON CONFLICT DO NOTHING"
                ),
                {"id": self.stranger},
            )
            at = {"till_id": self.facts[name].id, "epoch": epoch, "seq": entry["seq"]}
            by = {"by": self._person(), "now": clock.now()}
            try:
                journal.resolve(tx, **at, **by)
            except journal.StillFails:  # a bag that went out before a restore, and is noted by hand already
                journal.set_aside(tx, **at, reason="Đã ghi tay", **by)

    def send_board(self, place: int) -> None:
        """A board goes out again, as with a heartbeat."""
        with self._tx() as tx:
            location = tx.get_one(Location, self.shop.places[place])
            board = inventory.board_of(tx, location_id=location.id)
            self.incarnation = location.incarnation
            self._send(place, location.board_no, board)

    # ---- messages of tills
    def on(self, message: dict[str, Any]) -> None:
        """A request arrives, perhaps again, perhaps hours late."""
        name, epoch = message["till"], message.get("epoch", 1)
        if message["kind"] == "push":
            self._refused(self._push, name, epoch, message["entries"])
        elif epoch == self.tills[name]["epoch"]:
            getattr(self, f"_on_{message['kind']}")(name, message)
        self.settle("")

    def _push(self, name: str, epoch: int, entries: list[Any]) -> None:
        sent = [self.sent(name, epoch, entry) for entry in entries]
        with self._tx() as tx:
            journal.take_over(tx, till=self.facts[name], epoch=epoch, entries=sent, head_seq=0, now=clock.now())

    def _on_attach(self, name: str, message: dict[str, Any]) -> None:
        facts = self.facts[name]

        def attaching() -> None:
            with self._tx() as tx:
                inventory.attach(
                    tx,
                    till_id=facts.id,
                    epoch=facts.epoch,
                    opening=message["opening"],
                    head_seq=message["head"],
                    location_id=facts.location_id,
                    now=clock.now(),
                    held=message.get("held"),
                )
                location = tx.get_one(Location, facts.location_id)
                board = inventory.board_of(tx, location_id=location.id)
                reply = {
                    "kind": "attached",
                    "opening": message["opening"],
                    "number": location.board_no,
                    "board": self._board(board),
                    "held": self._held(location.incarnation, location.board_no, board),
                }
                self.out.append((name, reply))

        self._refused(attaching)

    def _on_word(self, name: str, message: dict[str, Any]) -> None:
        with self._tx() as tx:
            inventory.give_word(
                tx,
                till_id=self.facts[name].id,
                opening=message["opening"],
                board_no=message["number"],
                head_seq=message["head"],
                in_hand={},
            )

    def _on_sale(self, name: str, message: dict[str, Any]) -> None:
        facts = self.facts[name]
        sold = self._sold(name, message["id"], message["v"], message["q"], message["receipt"])
        record = records.Record(message["opening"], clock.now(), json.encode(sold))
        quote, _ = records.priced_as_told(catalog.price_books.current(), facts.location_id, sold, clock.now())
        to_post = records.to_post_of(facts, facts.epoch, record, sold, quote, exception=None, now=clock.now())
        to_post.mode = "ask"
        to_post.lines[0]["looked_for"] = message["looked_for"]
        with self._tx() as tx:
            records.post(tx, [to_post])

    # ---- translation
    def _sold(self, till: str, name: str, v: str, q: int, receipt: int) -> records.Sold:
        total = UNIT_VND * q
        return records.Sold(
            id=self.sale_ids.setdefault(name, new_id()),
            receipt_no=receipt,
            staff_id=self.shop.cashier,
            lines=[LineAsked(self.shop.variants[v], q, self.shop.places[self.tills[till]["branch"]], UNIT_VND)],
            total_vnd=total,
            rounding_vnd=0,
            tenders=[TenderGiven("cash", total, total, 0)],
            price_version=1,
            promo_version=0,
        )

    def sent(self, name: str, epoch: int, entry: dict[str, Any]) -> journal.Sent:
        """The entry as it goes out: hashed when it is written, the same ever after."""
        chain = self.chains.setdefault((name, epoch), [])
        seq = entry["seq"]
        if len(chain) < seq:
            assert len(chain) == seq - 1, "the till hashes as it writes"
            previous = chain[-1].hash if chain else journal.NO_HASH
            body = self._body(name, entry)
            whole = {
                "entry_id": str(new_id()),
                "epoch": epoch,
                "seq": seq,
                "opening": entry.get("opening", 1),
                "kind": entry["kind"],
                "at": entry["at"].isoformat(),
                "clock_offset_ms": 0,
                "schema_v": 1,
                "app_v": "test",
                "body": body,
            }
            content = json.encode(whole).decode()
            chain.append(journal.Sent(seq, journal.chained(previous, content), content))
        return chain[seq - 1]

    def _body(self, name: str, entry: dict[str, Any]) -> Any:
        if entry["kind"] == "SALE":
            sold = self._sold(name, entry["id"], entry["v"], entry["q"], entry["receipt"])
            sold.light = entry["light"]
            if entry.get("poison"):
                sold.customer_id = self.stranger
            return sold
        if entry["kind"] == "VOID":
            sale_id = self.sale_ids.setdefault(entry["id"], new_id())
            return {
                "sale_id": sale_id,
                "receipt_no": entry["receipt"],
                "staff_id": self.shop.cashier,
                "reason": "Khách đổi ý",
            }
        if entry["kind"] == "HANDOVER":
            return {"promise_id": self.promises[entry["promise"]]["id"], "staff_id": self.shop.cashier}
        return {}

    def collect(self) -> None:
        """Boards that were published since the last look, to every till attached there."""
        rows = self._rows(
            "SELECT id, payload FROM event WHERE id > :head AND topic = 'board.changed' ORDER BY id", head=self.head
        )
        for row in rows:
            self.head, self.incarnation = row.id, row.payload["incarnation"]
            self._send(
                self.shop.places.index(UUID(row.payload["location_id"])), row.payload["board_no"], row.payload["board"]
            )

    def _send(self, place: int, number: int, board: list[dict[str, Any]]) -> None:
        names = {facts.id: name for name, facts in self.facts.items()}
        rows = self._rows(
            "SELECT till_id, opening FROM till_opening WHERE location_id = :place AND state = 'attached'",
            place=self.shop.places[place],
        )
        for row in rows:
            message = {"kind": "board", "opening": row.opening, "number": number, "board": self._board(board)}
            message["held"] = self._held(self.incarnation, number, board)
            self.out.append((names[row.till_id], message))

    def _board(self, board: list[dict[str, Any]]) -> dict[str, tuple[str, int, str]]:
        order_of = {str(ref): order for order, refs in self.refs.items() for ref in refs}
        return {
            order_of.get(str(one["ref"]), str(one["ref"])): (
                self._name(UUID(str(one["variant_id"]))),
                int(one["qty"]),
                PHASES.get(one["phase"], one["phase"]),
            )
            for one in board
        }

    def _held(self, incarnation: int, number: int, board: list[dict[str, Any]]) -> inventory.HeldBoard:
        known = ("id", "ref", "kind", "variant_id", "qty", "phase", "bag_code", "paid", "pay_by", "code")
        shown = [{name: one[name] for name in known} for one in board]
        promises = msgspec.convert(shown, list[inventory.HeldPromise], strict=False)
        return inventory.HeldBoard(incarnation, number, promises)

    def facts_now(self, tx: Session, name: str) -> identity.TillFacts:
        """A till as the books know it."""
        return identity.till_facts_of(tx, self.facts[name].id)

    def _enrol(self, tx: Session, name: str) -> None:
        """The next life of a till: another epoch with receipts of its own."""
        facts = self.facts[name]
        tx.execute(text("UPDATE till SET epoch = epoch + 1 WHERE id = :till"), {"till": facts.id})
        tx.execute(
            text(
                "INSERT INTO till_epoch (till_id, epoch, receipt_prefix, last_receipt_no, started_at) "
                "SELECT till_id, epoch + 1, receipt_prefix || 'x', 0, :now FROM till_epoch "
                "WHERE till_id = :till AND epoch = :epoch"
            ),
            {"now": clock.now(), "till": facts.id, "epoch": facts.epoch},
        )
        self.facts[name] = identity.till_facts_of(tx, facts.id)

    def _reserve(self, order: str, ref: UUID, place: int, v: str, q: int) -> None:
        now = clock.now()
        with self._tx() as tx:
            inventory.reserve(
                tx,
                ref=ref,
                kind=self.kind_of(order),
                location_id=self.shop.places[place],
                lines=[inventory.Move(self.shop.variants[v], q)],
                pay_by=now + HOUR,
                now=now,
            )

    def _refused(self, act: Callable[..., None], *given: Any) -> str | None:
        try:
            act(*given)
        except Refusal as refusal:
            return refusal.code
        return None

    def _person(self) -> identity.Principal:
        return identity.Doorkeeper(self.database).admit(self.shop.manager.token)

    def _name(self, variant_id: UUID) -> str:
        return next(name for name, known in self.shop.variants.items() if known == variant_id)

    def _key(self, row: Any) -> tuple[int, str]:
        return self.shop.places.index(row.location_id), self._name(row.variant_id)

    @contextmanager
    def _tx(self) -> Iterator[Session]:
        """A transaction that may change something: what was read before it, or during it, is read again."""
        try:
            with self.database.transaction() as tx:
                yield tx
        finally:
            self._known.clear()

    def _rows(self, query: str, **given: Any) -> Any:
        key = f"{query} {given}"
        if key not in self._known:
            with self.database.transaction() as tx:
                self._known[key] = tx.execute(text(query), given).all()
        return self._known[key]

    def _scalar(self, query: str) -> Any:
        with self.database.transaction() as tx:
            return tx.scalar(text(query))


class PaperTill(Till):
    """A till whose entries carry the time, and the light they were sold under."""

    def write(self, kind: str, **body: Any) -> None:
        """Write an entry; goods come back to a receipt only, so a return of nothing in particular does not happen."""
        if kind == "RETURN":
            self.refuse_return(self.branch, body["v"])
            return
        super().write(kind, at=clock.now(), **body)
        self.seal(self.name, self.epoch, self.journal[-1])

    held: inventory.HeldBoard | None = None

    def on(self, m: dict[str, Any]) -> list[dict[str, Any]]:
        """A message of the server; the board it brings is kept as it came, for a server that has lost it."""
        words: list[dict[str, Any]] = super().on(m)
        if words and self.number == m["number"] and self.board is m["board"]:
            self.held = m["held"]
        return words

    def fresh(self) -> None:
        """A storage with nothing in it."""
        super().fresh()
        self.held = None

    def refuse_return(self, branch: int, v: str) -> None:
        """Take the piece off the floor that the model is about to put there; set by the floor."""

    def seal(self, name: str, epoch: int, entry: dict[str, Any]) -> None:
        """Hash the entry, chained to the one before; set by the floor."""


class Floor(World):
    """The model's world with the product behind it."""

    books: type[Books] = Books

    def __init__(self, shop: Shop, draw: Callable[[int], int], *, exceptions: bool) -> None:
        self.draw, self.exceptional = draw, exceptions
        self.tills = [PaperTill(f"T{i}", i // 2) for i in range(4)]
        self.floor = {(b, v): 1 + draw(3) for b in (*BRANCHES, DEPOT) for v in VARIANTS}
        self.server = self.books(shop, self.floor, self.tills)
        self.net, self.bags, self.wrong = [], {}, dict.fromkeys(self.floor, 0)
        self.n, self.left, self.lost, self.tails, self.done, self.trace = 0, {}, set(), [], {}, []
        for till in self.tills:
            till.seal = self.server.sent  # type: ignore[method-assign]
            till.refuse_return = self._take_off  # type: ignore[method-assign]
        self.server.kind_of = lambda order: self.done.setdefault(order, ("ship", "collect")[draw(2)])
        for till in self.tills:
            till.opening = till.awaiting = 1
            self.server.on({"kind": "attach", "till": till.name, "epoch": 1, "opening": 1, "head": 0})
        self.talk()

    def _take_off(self, branch: int, v: str) -> None:
        self.floor[branch, v] -= 1

    def send(self, **message: Any) -> None:
        """A sale carries the receipt number that its till has given it."""
        if message["kind"] == "sale":
            message["receipt"] = self.tills[int(message["till"][1])].receipt + 1
        super().send(**message)

    def finish_attempt(self, t: Till, sell: bool) -> None:  # noqa: FBT001 - the model's own signature
        """The attempt ends in the journal: goods left, or they did not; its number is used up either way."""
        name, v, q = t.attempt
        t.attempt = None
        t.receipt += 1
        if sell:
            light = "green" if self.server.sales.get(name) == "posted" else self._light(t, v)
            t.write(
                "SALE", id=name, v=v, q=q, receipt=t.receipt, opening=max(t.open, 1), light=light, poison=not self.draw(25)
            )
            self.left[name] = (t.name, t.epoch, v, q)
        else:
            t.write("VOID", id=name, v=v, q=q, receipt=t.receipt)
            self.floor[t.branch, v] += q

    def _light(self, t: Till, v: str) -> str:
        shown = t.light(v)
        if shown == "amber" and self.floor[t.branch, v] < t.owed(v):
            return "amber_refused"
        return "override" if shown == "locked" else shown
