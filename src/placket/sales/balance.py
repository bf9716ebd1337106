"""Whether the tenders of a sale pay it: to the đồng, one way only. Pure."""

from placket.sales.refusals import TotalsDiffer, TransferUnconfirmed
from placket.sales.rules import cash_rounding
from placket.sales.shapes import SaleAsked


def demand(asked: SaleAsked, *, step_vnd: int, may_confirm: bool) -> None:
    """Refuse ``TotalsDiffer`` unless the tenders pay the sale exactly, cash rounded to notes, change from cash only.

    ``TransferUnconfirmed`` when a transfer is written by hand by somebody who ``may_confirm`` none.
    """
    other_vnd = sum(tender.amount_vnd for tender in asked.tenders if tender.kind != "cash")
    taken = [tender for tender in asked.tenders if tender.amount_vnd >= 0]
    cash = [tender for tender in asked.tenders if tender.kind == "cash"]
    rounding_vnd = cash_rounding(asked.total_vnd, other_vnd=other_vnd, by_cash=bool(cash), step_vnd=step_vnd)
    due_vnd = asked.total_vnd + rounding_vnd
    paid_vnd = sum(tender.amount_vnd for tender in asked.tenders)
    wrong_change = any(
        tender.tendered_vnd is None
        or tender.change_vnd is None
        or tender.tendered_vnd - tender.change_vnd != tender.amount_vnd
        for tender in cash
        if tender.amount_vnd >= 0
    ) or any(
        tender.tendered_vnd is not None or tender.change_vnd is not None
        for tender in asked.tenders
        if tender.kind != "cash" or tender.amount_vnd < 0
    )
    # Money goes one way: who brings back more than they take is paid, and pays nothing.
    both_ways = bool(taken) if due_vnd < 0 else len(taken) < len(asked.tenders)
    if both_ways or paid_vnd != due_vnd or asked.rounding_vnd != rounding_vnd or wrong_change:
        raise TotalsDiffer(due_vnd=due_vnd, paid_vnd=paid_vnd, rounding_vnd=rounding_vnd)
    by_hand = any(tender.kind == "transfer" and tender.payment_id is None for tender in taken)
    if by_hand and not may_confirm:
        raise TransferUnconfirmed
