"""Verbs of an order before it is paid: placed, asked for place by place, held for longer, ended. docs/rules/orders.md.

Every step is a transaction of its own that locks the order first, then one place: two orders that want the same pieces at
two places never wait for each other.
"""

import contextlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from placket import events, identity, inventory, promotions
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.sales import order_messages, order_points
from placket.sales import order_rules as rules
from placket.sales.order_models import OPEN, WebOrder, WebOrderLine, WebOrderQuestion, WebOrderTimeline
from placket.sales.order_refusals import HoldOver, NoMoreExtensions, OrderIdReused
from placket.sales.order_rules import Source, Wanted, Wish
from placket.sales.order_splitting import take_apart
from placket.sales.quoting import Priced
from placket.sales.rules import PricedLine
from placket.sales.shapes import discounts_of

Answer = Literal["asked", "kept", "declined"]
KEPT: Final = frozenset({"confirmed", "bagged", "to_scan_back"})


def known(tx: Session, wish: Wish) -> WebOrder | None:
    """The order that was made of this wish before, if it was. Refuses ``OrderIdReused``."""
    found = tx.get(WebOrder, wish.id)
    if found is not None and found.fingerprint != wish.fingerprint:
        raise OrderIdReused
    return found


def place(tx: Session, *, wish: Wish, priced: Priced, now: datetime) -> tuple[WebOrder, bool]:
    """Make the order, or find it; answers whether it is new. Nothing is asked for yet.

    Refuses ``OrderIdReused``, ``crm.NotEnough``, ``promotions.VoucherNotUsable``.
    """
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:id, 0))"), {"id": str(wish.id)})
    known = tx.get(WebOrder, wish.id)
    if known is not None:
        if known.fingerprint != wish.fingerprint:
            raise OrderIdReused
        return known, False
    quote = priced.quote
    number = tx.scalars(text("SELECT nextval('web_order_no')")).one()
    order = WebOrder(
        id=wish.id,
        code=f"W-{number:08d}",
        state="asking",
        kind=wish.kind,
        language=wish.language,
        customer_id=wish.customer_id,
        location_id=wish.location_id,
        province_code=wish.province_code,
        list_vnd=quote.list_vnd,
        discount_vnd=quote.discount_vnd,
        total_vnd=quote.total_vnd,
        price_version=quote.price_version,
        promo_version=quote.promo_version,
        offers=priced.applied,
        vouchers=list(priced.vouchers),
        points=0 if priced.points is None else priced.points.points,
        points_vnd=sum(line.points_vnd for line in quote.lines),
        fingerprint=wish.fingerprint,
        placed_at=now,
        held_until=now + rules.HOLD,
        extensions=0,
        version=1,
    )
    tx.add(order)
    tx.flush()
    tx.add_all(_line(order.id, line_no, line) for line_no, line in enumerate(quote.lines, start=1))
    tx.flush()
    hold_vouchers(tx, order, until=order.held_until + rules.GRACE, now=now)
    order_points.keep(tx, order, quote.lines, now=now)
    note(tx, order, "placed", at=now)
    tell(tx, order)
    return order, True


def _line(order_id: UUID, line_no: int, line: PricedLine) -> WebOrderLine:
    return WebOrderLine(
        order_id=order_id,
        line_no=line_no,
        variant_id=line.line.variant_id,
        qty=line.line.qty,
        unit_vnd=line.unit_vnd,
        discount_vnd=line.discount_vnd,
        total_vnd=line.total_vnd,
        vat_bp=line.vat_bp,
        vat_vnd=line.vat_vnd,
        discounts=discounts_of(line, None),
        state="open",
    )


def step(tx: Session, *, order_id: UUID, floor: int, now: datetime) -> bool:
    """Bring an asking order one step on; answers whether the next step may be taken at once.

    What the places have answered is noted; then the next place is asked for what nobody keeps yet, or, when nobody has it or
    the time is over, everything is given back. A place that is let go of ends the step: the next is locked in the next one.
    """
    order = locked(tx, order_id)
    if order.state != "asking":
        return False
    questions = questions_of(tx, order_id)
    if any(_hear(tx, question, now) for question in questions):
        return True
    lines = lines_of(tx, order_id)
    state_of = {question.ref: question.state for question in questions}
    uncovered = [line for line in lines if line.ref is None or state_of[line.ref] == "declined"]
    if not uncovered:
        if all(question.state != "asked" for question in questions):
            _hold(tx, order, now)
        return False
    wanted = [Wanted(line.variant_id, line.qty) for line in uncovered]
    tried = {question.location_id for question in questions if question.state != "kept"}
    sources = _sources(tx, order, wanted, floor=floor, tried=tried, now=now)
    asked, lacking = rules.cover(wanted, sources)
    if lacking or now >= order.placed_at + rules.ASK_IN_ALL:
        short = {line.variant_id for line in lacking or wanted}
        order.lacking = [
            {"variant_id": str(line.variant_id), "asked": line.qty} for line in _wished(lines) if line.variant_id in short
        ]
        end(tx, order, "refused", reason="out_of_stock", at=now)
        return False
    location_id, of_place = next(iter(asked.items()))
    found, is_cut = _cut_out(tx, order, lines, uncovered, of_place)
    if is_cut:  # which may have locked the customer's points, and stock is locked before those: asked in the next step
        return True
    answers = {_ask(tx, order, location_id, part, now) for part in _once_each(found)}
    is_kept = answers == {"kept"} and len(found) == len(uncovered) and "asked" not in state_of.values()
    if is_kept:
        _hold(tx, order, now)
    return not is_kept


def _hold(tx: Session, order: WebOrder, now: datetime) -> None:
    order.state = "held"
    note(tx, order, "held", at=now)
    changed(tx, order)


def _hear(tx: Session, question: WebOrderQuestion, now: datetime) -> bool:
    """What has become of a question; answers whether it is withdrawn, since nobody has answered it in time."""
    if question.state != "asked":
        return False
    phases = {promise.phase for promise in inventory.promises_of(tx, ref=question.ref)}
    if phases <= KEPT:
        question.state = "kept"
    elif phases - KEPT - {"asked"}:
        question.state = "declined"
    elif now >= question.until:
        inventory.release(tx, ref=question.ref)
        question.state = "declined"
        return True
    return False


def _sources(
    tx: Session, order: WebOrder, wanted: Sequence[Wanted], *, floor: int, tried: set[UUID], now: datetime
) -> list[Source]:
    """The places that may serve the order and have not been asked: its branch alone, or all that ship."""
    found = []
    for servant in inventory.servants(tx, variant_ids=[line.variant_id for line in wanted], now=now):
        here = servant.location_id
        if here in tried or (order.kind == "collect" and here != order.location_id):
            continue
        keeps = floor if order.kind == "ship" and servant.kind == "branch" else 0
        free = {variant_id: left - keeps for variant_id, left in servant.free.items()}
        far = rules.distance(servant.city, order.province_code)
        found.append(Source(here, servant.kind == "depot", far, servant.position, free))
    return found


def _cut_out(
    tx: Session,
    order: WebOrder,
    lines: Sequence[WebOrderLine],
    uncovered: Sequence[WebOrderLine],
    parts: Sequence[Wanted],
) -> tuple[list[WebOrderLine], bool]:
    """The lines that are one place's part of an order, and whether one was cut for it: no place has that one whole."""
    open_lines = list(uncovered)
    last_no = max(line.line_no for line in lines)
    found = []
    for part in parts:
        enough = (line for line in open_lines if line.variant_id == part.variant_id and line.qty >= part.qty)
        line = min(enough, key=lambda each: each.qty)
        open_lines.remove(line)
        if line.qty > part.qty:
            last_no += 1
            open_lines.append(take_apart(tx, order, line, first=part.qty, line_no=last_no))
        found.append(line)
    return found, last_no > max(line.line_no for line in lines)


def _once_each(lines: Sequence[WebOrderLine]) -> list[list[WebOrderLine]]:
    """Lines shared out so that none holds a variant twice: a promise is known by its question and its variant."""
    shared: list[list[WebOrderLine]] = []
    for line in lines:
        free = (part for part in shared if all(each.variant_id != line.variant_id for each in part))
        part = next(free, None)
        if part is None:
            shared.append([line])
        else:
            part.append(line)
    return shared


def _ask(tx: Session, order: WebOrder, location_id: UUID, lines: Sequence[WebOrderLine], now: datetime) -> Answer:
    """Ask a place for lines; answers what it says to that at once."""
    ref = new_id()
    answer: Answer
    try:
        with tx.begin_nested():
            made = inventory.reserve(
                tx,
                ref=ref,
                kind=_kind(order),
                location_id=location_id,
                lines=[inventory.Move(line.variant_id, line.qty) for line in lines],
                pay_by=order.held_until + rules.GRACE,
                holder=inventory.Holder(order.code, None, order.customer_id, None, None),
                now=now,
            )
        answer = "kept" if {promise.phase for promise in made} <= KEPT else "asked"
    except (inventory.OutOfStock, inventory.BranchSilent, inventory.BranchRecovering):
        answer = "declined"
    until = min(now + rules.ASK_A_PLACE, order.placed_at + rules.ASK_IN_ALL)
    tx.add(WebOrderQuestion(ref=ref, order_id=order.id, location_id=location_id, state=answer, asked_at=now, until=until))
    tx.flush()
    for line in lines:
        line.ref = ref
    return answer


def _kind(order: WebOrder) -> Literal["ship", "collect"]:
    return "ship" if order.kind == "ship" else "collect"


def extend(tx: Session, *, order_id: UUID, now: datetime) -> WebOrder:
    """Hold an order for ten minutes more. Refuses ``NotFound``, ``HoldOver``, ``NoMoreExtensions``."""
    order = locked(tx, order_id)
    if order.state not in OPEN or now >= order.held_until:
        raise HoldOver
    if order.extensions >= rules.EXTENSIONS_MAX:
        raise NoMoreExtensions
    order.extensions += 1
    hold_until(tx, order, order.held_until + rules.HOLD, now=now)
    note(tx, order, "extended", at=now, until=order.held_until.isoformat())
    changed(tx, order)
    return order


def hold_vouchers(tx: Session, order: WebOrder, *, until: datetime, now: datetime) -> None:
    """Keep an order's vouchers for it: nobody else spends them meanwhile. Refuses ``promotions.VoucherNotUsable``."""
    for code in order.vouchers:
        promotions.hold_voucher(
            tx, code=code, sale_id=order.id, customer_id=order.customer_id, until=until, actor_id=None, now=now
        )


def keep_vouchers(tx: Session, order: WebOrder, *, until: datetime, now: datetime) -> None:
    """Keep them for longer; one whose time is over stays as it is, since its order was priced when it was good."""
    for code in order.vouchers:
        with contextlib.suppress(promotions.VoucherNotUsable):
            promotions.hold_voucher(
                tx, code=code, sale_id=order.id, customer_id=order.customer_id, until=until, actor_id=None, now=now
            )


def free_vouchers(tx: Session, order: WebOrder, *, now: datetime) -> None:
    """Let an order's vouchers go that it has not used."""
    for code in order.vouchers:
        promotions.release_voucher(tx, code=code, sale_id=order.id, actor_id=None, now=now)


def hold_until(tx: Session, order: WebOrder, until: datetime, *, now: datetime) -> None:
    """Let an order, its promises and its vouchers last until a moment."""
    order.held_until = until
    keep_vouchers(tx, order, until=until + rules.GRACE, now=now)
    refs = [question.ref for question in questions_of(tx, order.id) if question.state != "declined"]
    inventory.extend(tx, refs=refs, pay_by=until + rules.GRACE)


def end(
    tx: Session, order: WebOrder, state: Literal["refused", "expired", "cancelled"], *, reason: str | None, at: datetime
) -> None:
    """End an order that nobody has paid: everything that is promised to it is given back."""
    inventory.release_all(tx, refs=[question.ref for question in questions_of(tx, order.id)])
    lines = lines_of(tx, order.id)
    for line in lines:
        line.state = "cancelled"
    free_vouchers(tx, order, now=at)
    order_points.free(tx, order, lines, now=at)
    order.state, order.reason, order.ended_at = state, reason, at
    note(tx, order, state, at=at, reason=reason)
    changed(tx, order)


def order_of(tx: Session, order_id: UUID) -> WebOrder:
    """An order as it stands. Refuses ``NotFound``."""
    order = tx.get(WebOrder, order_id, populate_existing=True)
    if order is None:
        raise NotFound
    return order


def keyed(tx: Session, order_id: UUID, key: str) -> WebOrder:
    """An order for whoever shows its key. Refuses ``NotFound``: nobody learns whether there is such an order."""
    if not hmac.compare_digest(identity.order_key(tx, order_id), key):
        raise NotFound
    return order_of(tx, order_id)


def wish_again(tx: Session, order: WebOrder) -> Wish:
    """What an order was made of."""
    return Wish(
        id=order.id,
        lines=_wished(lines_of(tx, order.id)),
        kind=_kind(order),
        province_code=order.province_code,
        location_id=order.location_id,
        vouchers=tuple(order.vouchers),
        language="en" if order.language == "en" else "vi",
        customer_id=order.customer_id,
        points=order.points,
    )


def _wished(lines: Sequence[WebOrderLine]) -> tuple[Wanted, ...]:
    """What was wished for: each variant once, also where its line was cut."""
    sums: dict[UUID, int] = {}
    for line in lines:
        sums[line.variant_id] = sums.get(line.variant_id, 0) + line.qty
    return tuple(Wanted(variant_id, qty) for variant_id, qty in sums.items())


def locked(tx: Session, order_id: UUID) -> WebOrder:
    """An order, under its lock. Refuses ``NotFound``."""
    order = tx.get(WebOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound
    return order


def questions_of(tx: Session, order_id: UUID) -> Sequence[WebOrderQuestion]:
    """Every place that was asked for an order, in order."""
    wanted = select(WebOrderQuestion).where(WebOrderQuestion.order_id == order_id)
    return tx.scalars(wanted.order_by(WebOrderQuestion.asked_at, WebOrderQuestion.ref)).all()


def lines_of(tx: Session, order_id: UUID) -> Sequence[WebOrderLine]:
    """The lines of an order, as they are now."""
    wanted = select(WebOrderLine).where(WebOrderLine.order_id == order_id).order_by(WebOrderLine.line_no)
    return tx.scalars(wanted.execution_options(populate_existing=True)).all()


def note(tx: Session, order: WebOrder, verb: str, *, at: datetime, staff_id: UUID | None = None, **facts: Any) -> None:  # noqa: ANN401 - JSON
    """A line of the order's timeline; its customer is told of what concerns them."""
    told = {name: fact for name, fact in facts.items() if fact is not None}
    tx.add(WebOrderTimeline(order_id=order.id, at=at, verb=verb, staff_id=staff_id, facts=told))
    order_messages.tell(tx, order, verb, at=at, facts=told)


def changed(tx: Session, order: WebOrder) -> None:
    """Count the version up and tell whoever listens."""
    order.version += 1
    tx.flush()
    tell(tx, order)


def tell(tx: Session, order: WebOrder) -> None:
    """The state of an order, as the office hears it."""
    payload = {"id": str(order.id), "code": order.code, "state": order.state, "total_vnd": order.total_vnd}
    events.publish(tx, events.ORDER_CHANGED, key=str(order.id), key_version=order.version, payload=payload)


def settings_of(tx: Session) -> dict[str, Any]:
    """The company's rules for orders of the web: how many pieces stay in a branch, what cash on delivery goes up to."""
    kept: dict[str, Any] = identity.setting(tx, "web_orders")
    return kept
