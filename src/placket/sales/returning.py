"""Goods that a customer brings back: what is given for them, by which rules, and what stands against it.

Everything is read and reckoned here, before the posting desk; the desk refuses it when another return of the same sale came
in between (docs/rules/returns.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from placket.core import clock
from placket.core.clock import business_day
from placket.core.refusals import NotFound, Refusal
from placket.sales import return_queries
from placket.sales.families import Family, families
from placket.sales.return_promotions import Lost, reckoning
from placket.sales.return_queries import Sold
from placket.sales.return_rules import (
    Policy,
    Refund,
    as_given,
    last_day,
    off_bp,
    policy_for,
    refunds,
    swap_prices,
    tender_limits,
)

MONEY = frozenset({"cash", "card", "transfer"})


class AlreadyReturned(Refusal):
    """More pieces of a line than are still with the customer; ``lines`` says which, when and where they came back."""

    code = "already_returned"
    vi = "Món này đã trả lúc {when} tại {place} (phiếu {receipt_code})."
    en = "This piece was returned at {when} in {place} (receipt {receipt_code})."


class ReturnOfVoid(Refusal):
    """The sale was undone: nothing of it can come back."""

    code = "return_of_void"
    vi = "Hóa đơn {receipt_code} đã hủy, không còn gì để trả."
    en = "Receipt {receipt_code} was voided; there is nothing to return."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Some pieces of a sold line that come back; for ``swapped`` of them another size or colour goes out at their price."""

    sale_id: UUID
    line_no: int
    qty: int
    swapped: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """What the policy says of a line: until when, in which forms; why approval is needed, if it is."""

    policy: Policy
    until: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Returned:
    """A sale that goods come back from, with what is given for them."""

    sold: Sold
    refunds: tuple[Refund, ...]
    rules: Mapping[int, Rule]
    lost: tuple[Lost, ...] = ()
    kept: int = 0
    """How many pieces stay with the customer."""

    @property
    def sale_id(self) -> UUID:
        """Whose goods they are."""
        found: UUID = self.sold.head.id
        return found

    @property
    def refund_vnd(self) -> int:
        """What is given back."""
        return sum(refund.refund_vnd for refund in self.refunds)


@dataclass(frozen=True, slots=True)
class ReturnQuote:
    """Everything that comes back, and how much of it may go out by which form.

    ``family`` are other sales whose goods were reckoned with: what was swapped for goods that come back, or the reverse.
    """

    sales: tuple[Returned, ...]
    tender_limits: Mapping[str, int]
    family: tuple[Sold, ...] = ()

    @property
    def refund_vnd(self) -> int:
        """What is given back in all."""
        return sum(returned.refund_vnd for returned in self.sales)

    def form_limit(self, *forms: str) -> int:
        """How much of it the policy lets go out in one of these forms."""
        return sum(
            refund.refund_vnd
            for returned in self.sales
            for refund in returned.refunds
            if returned.rules[refund.line_no].policy.forms.intersection(forms)
        )


def quote(tx: Session, wanted: Sequence[Wanted], *, now: datetime) -> ReturnQuote:
    """Reckon a return. Refuses ``NotFound``, ``AlreadyReturned``, ``ReturnOfVoid``."""
    ids = list(dict.fromkeys(want.sale_id for want in wanted))
    found = return_queries.sold(tx, return_queries.families_of(tx, ids))
    if not found.keys() >= set(ids):
        raise NotFound
    rules = rules_of(tx, [found[sale_id] for sale_id in ids], now=now)
    taken = {sale_id: _taken(found[sale_id], [want for want in wanted if want.sale_id == sale_id]) for sale_id in ids}
    reckoned = [_reckoned(tx, family, wanted, taken) for family in families(found)]
    sales = [_returned(found[sale_id], rules[sale_id], reckoned) for sale_id in ids]
    back_by = return_queries.back_by(tx, business_day(now))
    return ReturnQuote(
        tuple(sales),
        tender_limits(return_queries.left_of_tenders(tx, ids), back_by),
        tuple(sold for sale_id, sold in found.items() if sale_id not in taken),
    )


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """What is given for the goods of one family: refunds by sale, what it lost, how many pieces are kept."""

    refunds: Mapping[UUID, Sequence[Refund]]
    lost: Sequence[Lost]
    kept: int


def _reckoned(tx: Session, family: Family, wanted: Sequence[Wanted], taken: Mapping[UUID, Mapping[int, int]]) -> _Reckoned:
    back = {
        no: taken[place.sale_id][place.line_no]
        for no, place in family.places.items()
        if taken.get(place.sale_id, {}).get(place.line_no)
    }
    if not back:
        return _Reckoned({}, (), 0)
    asked = {family.number_of(want.sale_id, want.line_no): 0 for want in wanted}
    for want in wanted:
        asked[family.number_of(want.sale_id, want.line_no)] += want.swapped
    swaps = {no: min(qty, back[no]) for no, qty in asked.items() if no in back and qty}
    whole, new = family.with_swaps(swaps)
    again = reckoning(tx, whole, new)
    before = {line.line_no: line.kept for line in whole.lines}
    kept = {no: qty - back.get(no, 0) for no, qty in before.items()} | {line.line_no: line.qty for line in new}
    by_sale: dict[UUID, list[Refund]] = {}
    for refund in refunds(whole.lines, back, worth=again.worth, swapped=new):
        place, line = whole.places[refund.line_no], whole.lines[refund.line_no - 1]
        prices = swap_prices(line, swaps.get(refund.line_no, 0))
        by_sale.setdefault(place.sale_id, []).append(replace(refund, line_no=place.line_no, swap_vnd=prices))
    return _Reckoned(by_sale, again.lost(before, kept), sum(kept.values()))


def _returned(sold: Sold, rules: Mapping[int, Rule], reckoned: Sequence[_Reckoned]) -> Returned:
    mine = [one for one in reckoned if sold.head.id in one.refunds]
    return Returned(
        sold,
        tuple(sorted((each for one in mine for each in one.refunds[sold.head.id]), key=lambda refund: refund.line_no)),
        rules,
        tuple(lost for one in mine for lost in one.lost),
        sum(one.kept for one in mine),
    )


def given(tx: Session, wanted: Mapping[Wanted, int], *, now: datetime) -> ReturnQuote:
    """A return that has happened, with what was given for each piece, right or wrong. Refuses ``NotFound``."""
    ids = list(dict.fromkeys(want.sale_id for want in wanted))
    found = return_queries.sold(tx, ids)
    if any(want.sale_id not in found or not _has(found[want.sale_id], want.line_no) for want in wanted):
        raise NotFound
    rules = rules_of(tx, list(found.values()), now=now)
    sales = []
    for sale_id in ids:
        mine = {want.line_no: (want.qty, vnd) for want, vnd in wanted.items() if want.sale_id == sale_id}
        taken = {line_no: qty for line_no, (qty, _) in mine.items()}
        told = {line_no: vnd for line_no, (_, vnd) in mine.items()}
        sales.append(Returned(found[sale_id], tuple(as_given(found[sale_id].lines, taken, told)), rules[sale_id]))
    return ReturnQuote(
        tuple(sales), tender_limits(return_queries.left_of_tenders(tx, ids), return_queries.back_by(tx, business_day(now)))
    )


def twice(reckoned: ReturnQuote) -> list[Returned]:
    """The sales of which more comes back than was still with the customer."""
    return [
        returned
        for returned in reckoned.sales
        for lines in [{line.line_no: line for line in returned.sold.lines}]
        if returned.sold.head.state != "posted"
        or any(refund.qty > lines[refund.line_no].kept for refund in returned.refunds)
    ]


def _has(sold: Sold, line_no: int) -> bool:
    return any(line.line_no == line_no for line in sold.lines)


def rules_of(tx: Session, sales: Sequence[Sold], *, now: datetime) -> dict[UUID, dict[int, Rule]]:
    """What the policy of the day of each sale says of its lines."""
    rows = [row for sold in sales for row in sold.rows]
    policies = return_queries.policies(tx)
    above = return_queries.categories_of(tx, [row.category_id for row in rows])
    today = business_day(now)
    rules: dict[UUID, dict[int, Rule]] = {}
    for sold in sales:
        top = return_queries.top_prices(tx, [row.variant_id for row in sold.rows], sold_at=sold.head.sold_at)
        rules[sold.head.id] = {}
        for row, line in zip(sold.rows, sold.lines, strict=True):
            points_vnd = sum(part.amount_vnd for part in line.parts if part.kind == "points")
            policy = policy_for(
                policies,
                sold_on=row.first_sold_on,
                categories=above[row.category_id],
                off_bp=off_bp(
                    top_vnd=max(top.get(row.variant_id, 0), row.unit_vnd) * row.qty, paid_vnd=row.total_vnd + points_vnd
                ),
            )
            until = last_day(policy, row.first_sold_on)  # a swapped piece has no more days than the first one
            reason = "never" if not policy.days else "too_late" if today > until else None
            rules[sold.head.id][line.line_no] = Rule(policy, until.isoformat(), reason)
    return rules


def _taken(sold: Sold, wanted: Sequence[Wanted]) -> dict[int, int]:
    if sold.head.state != "posted":
        raise ReturnOfVoid(receipt_code=sold.head.receipt_code)
    lines = {line.line_no: line for line in sold.lines}
    taken: dict[int, int] = {}
    for want in wanted:
        if want.line_no not in lines:
            raise NotFound
        taken[want.line_no] = taken.get(want.line_no, 0) + want.qty
    over = [line_no for line_no, qty in taken.items() if qty > lines[line_no].kept]
    if over:
        raise AlreadyReturned(**_already(sold, over))
    return taken


def _already(sold: Sold, over: Sequence[int]) -> dict[str, Any]:
    """When and where the pieces of a line came back last."""
    facts: dict[str, Any] = {"sale_id": str(sold.head.id), "lines": list(over)}
    last = [row for row in sold.back if row.line_no in over][-1:]
    for row in last:
        when = row.at.astimezone(clock.VIETNAM).strftime("%H:%M %d/%m/%Y")
        facts |= {"at": row.at.isoformat(), "when": when, "place": row.location_name, "receipt_code": row.receipt_code}
    return facts


def needs(reckoned: ReturnQuote, out: Mapping[str, int], *, limit_vnd: int | None) -> list[str]:
    """Why somebody has to approve a return that pays out so much by each form: the empty list if nobody has to."""
    reasons = {rule.reason for returned in reckoned.sales for rule in _used(returned) if rule.reason is not None}
    money_vnd = sum(amount_vnd for form, amount_vnd in out.items() if form in MONEY)
    out_vnd = sum(out.values())
    if any(out[form] > reckoned.tender_limits.get(form, 0) for form in MONEY.intersection(out)):
        reasons.add("tender")
    if money_vnd > reckoned.form_limit("original") or out_vnd > reckoned.form_limit("original", "store_credit"):
        reasons.add("form")
    if limit_vnd is not None and out_vnd > limit_vnd:
        reasons.add("limit")
    return sorted(reasons)


def _used(returned: Returned) -> list[Rule]:
    return [returned.rules[refund.line_no] for refund in returned.refunds]
