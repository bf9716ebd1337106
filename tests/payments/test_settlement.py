"""Settlement: an acquirer's file against our card tenders, what differs, and who accepted it."""

import io
from datetime import date
from uuid import UUID

import pytest
from openpyxl import Workbook

from books import Line, a_sale, count, kinds, post
from builders import a_person
from paypoint import NOW, PayPoint, a_pay_point, principal
from placket.core.ids import new_id
from placket.core.refusals import NotFound
from placket.core.sheets import Unreadable, rows_of
from placket.payments import queries
from placket.payments.service import settlement
from placket.payments.settlement_rules import BankLine, Tender, compare, folded, read_lines

DAY = date(2026, 11, 25)


def ours(reference: str, amount_vnd: int, on: date = DAY) -> Tender:
    return Tender(new_id(), 1, on, reference, amount_vnd)


def found(lines: list[BankLine], tenders: list[Tender]) -> list[tuple[str, int | None, int | None]]:
    """What every line came to: (outcome, bank, ours)."""
    return [
        (one.outcome, one.bank and one.bank.amount_vnd, one.ours and one.ours.amount_vnd) for one in compare(lines, tenders)
    ]


def test_the_same_reference_and_amount_agree_however_the_bank_writes_the_reference():
    assert folded(" 00-4512 ") == folded("4512")
    assert found([BankLine(DAY, "ab 004512", 100_000)], [ours("AB004512", 100_000)]) == [("matched", 100_000, 100_000)]


def test_every_kind_of_difference_is_told():
    lines = [BankLine(DAY, "1", 100_000), BankLine(DAY, "2", 90_000), BankLine(DAY, "3", 50_000)]
    tenders = [ours("1", 100_000), ours("2", 99_000), ours("4", 70_000)]
    assert found(lines, tenders) == [
        ("matched", 100_000, 100_000),
        ("other_amount", 90_000, 99_000),
        ("missing_here", 50_000, None),
        ("missing_there", None, 70_000),
    ]


def test_two_sales_of_one_reference_are_told_apart_by_their_amounts():
    lines = [BankLine(DAY, "7", 20_000), BankLine(DAY, "7", 10_000)]
    assert found(lines, [ours("7", 10_000), ours("7", 20_000)]) == [("matched", 20_000, 20_000), ("matched", 10_000, 10_000)]


def test_a_tender_without_a_reference_is_missing_at_the_bank_and_never_guessed():
    assert found([BankLine(DAY, "0", 10_000)], [ours("", 10_000)]) == [
        ("missing_here", 10_000, None),
        ("missing_there", None, 10_000),
    ]


def test_a_tender_of_another_day_matches_but_is_not_missing():
    yesterday = date(2026, 11, 24)
    assert found([BankLine(DAY, "8", 10_000)], [ours("8", 10_000, yesterday), ours("9", 5_000, yesterday)]) == [
        ("matched", 10_000, 10_000)
    ]


def test_a_bank_writes_days_and_amounts_in_its_own_way():
    body = "STT;Ngày giao dịch;Mã chuẩn chi;Số tiền\n1;25/11/2026;004512;1.290.000\n2;25/11/2026 14:32:05;77;199000 VND\n"
    assert read_lines(rows_of(body.encode())) == [BankLine(DAY, "004512", 1_290_000), BankLine(DAY, "77", 199_000)]


def test_a_workbook_is_read_too():
    book, body = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Date", "Reference", "Amount"])
    sheet.append(["2026-11-25", "A1", 5000])
    book.save(body)
    assert read_lines(rows_of(body.getvalue())) == [BankLine(DAY, "A1", 5_000)]


@pytest.mark.parametrize(
    "body",
    [
        "a,b\n1,2\n",
        "Date,Reference,Amount\nyesterday,1,5000\n",
        "Date,Reference,Amount\n2026-11-25,,5000\n",
        "Date,Reference,Amount\n2026-11-25,1,-5000\n",
        "Date,Reference,Amount\n2026-11-25,1,=1+1\n",
    ],
)
def test_a_file_that_is_not_that_is_given_up_whole(body: str):
    with pytest.raises(Unreadable):
        read_lines(rows_of(body.encode()))


def settled(point: PayPoint, body: str) -> UUID:
    """Compare a file as the owner."""
    return settlement.settle_file(
        point.tx,
        file_id=new_id(),
        location_id=point.branch_id,
        filename="vcb.csv",
        body=body.encode(),
        who=point.owner,
        now=NOW,
    ).id


def test_a_file_is_compared_with_the_branchs_own_sales_and_kept(point: PayPoint):
    sale = a_sale(point.till, Line(point.variant_id, 3), at=NOW)
    sale.tenders[0]["reference"] = "004512"
    assert kinds(post(point.tx, sale)) == ["accepted"]
    file_id = settled(point, "Date,Reference,Amount\n2026-11-25,4512,300000\n2026-11-25,9,5000\n")
    rows = queries.settlement_lines(point.tx, file_id)
    assert [(row.outcome, row.sale_id) for row in rows] == [("missing_here", None), ("matched", sale.id)]
    (listed,) = queries.settlements(point.tx, scope=None)
    assert (listed.lines, listed.differences, listed.open) == (2, 1, 1)


def test_the_same_file_again_is_refused(point: PayPoint):
    body = "Date,Reference,Amount\n2026-11-25,9,5000\n"
    settled(point, body)
    with pytest.raises(settlement.AlreadySettled):
        settled(point, body)
    assert count(point.tx, "settlement_file") == 1


def test_a_difference_is_accepted_once_with_a_note(point: PayPoint):
    file_id = settled(point, "Date,Reference,Amount\n2026-11-25,9,5000\n")
    settlement.accept_line(point.tx, file_id=file_id, no=1, note="Thẻ quẹt thử máy", who=point.owner, now=NOW)
    (row,) = queries.settlement_lines(point.tx, file_id)
    assert (row.note, row.accepted_at) == ("Thẻ quẹt thử máy", NOW)
    with pytest.raises(settlement.LineSettled):
        settlement.accept_line(point.tx, file_id=file_id, no=1, note="Lần nữa", who=point.owner, now=NOW)


def test_another_branchs_accountant_sees_and_settles_nothing(point: PayPoint):
    elsewhere = a_pay_point(point.tx, "SG01")
    stranger = principal(point.tx, a_person(point.tx, "accountant", at=elsewhere.branch_id).session_id)
    file_id = settled(point, "Date,Reference,Amount\n2026-11-25,9,5000\n")
    assert queries.settlements(point.tx, scope=stranger.scope("payment.read")) == []
    with pytest.raises(NotFound):
        settlement.accept_line(point.tx, file_id=file_id, no=1, note="Không phải của tôi", who=stranger, now=NOW)


def test_a_file_that_cannot_be_read_says_why_and_leaves_nothing(point: PayPoint):
    with pytest.raises(settlement.SettlementUnreadable) as caught:
        settled(point, "a,b\n1,2\n")
    assert caught.value.facts["cause"] == "missing_column"
    assert count(point.tx, "settlement_file") == 0
