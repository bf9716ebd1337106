"""What the search box finds, and in which order; the rule is docs/rules/search.md."""

import json
import unicodedata
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.conftest import Shelf
from placket import catalog
from placket.catalog.models import Barcode
from placket.core.db import Database

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "search_vn.json").read_text(encoding="utf-8"))


def found(tx: Session, q: str, *, limit: int = 50) -> list[UUID]:
    return catalog.find_variants(tx, q=q, limit=limit)


@pytest.mark.parametrize("case", VECTORS["search_expect"])
def test_finds_without_marks_or_case(shelf: Shelf, case: dict[str, str]) -> None:
    for number, other in enumerate(VECTORS["fold_cases"]):
        shelf.add(f"V{number}", other["input"])
    _, wanted = shelf.add("WANTED", case["must_find"])
    assert wanted[0] in found(shelf.tx, case["query"])


@pytest.mark.parametrize("case", VECTORS["fold_cases"])
def test_finds_composed_by_decomposed_and_back(shelf: Shelf, case: dict[str, str]) -> None:
    _, composed = shelf.add("AA", unicodedata.normalize("NFC", case["input"]))
    _, decomposed = shelf.add("BB", unicodedata.normalize("NFD", case["input"]))
    for q in (case["input"], case["nfd_input"], case["folded"], case["folded"].upper()):
        assert set(found(shelf.tx, q)) == {*composed, *decomposed}, q


def test_words_stand_in_any_order_and_may_be_begun_only(shelf: Shelf) -> None:
    _, (variant,) = shelf.add("DM01", "Đầm hoa nhí tay phồng", sizes=["L"])
    shelf.add("DM02", "Đầm trơn")
    for q in ("nhí đầm", "pho hoa da", "DM01 l", "den dm01", "hoa-nhí/đầm"):
        assert found(shelf.tx, q) == [variant], q


def test_an_exact_code_goes_first(shelf: Shelf) -> None:
    _, (plain,) = shelf.add("AO1", "Áo AO1-DEN-M giả")
    _, (named,) = shelf.add("AO2", "Áo AO1-DEN-M giả")
    assert found(shelf.tx, "ao1-den-m") == [plain, named]
    barcode = shelf.tx.scalars(select(Barcode.code).where(Barcode.variant_id == named)).one()
    assert found(shelf.tx, f" {barcode} ") == [named]


def test_a_suppliers_upc_is_found_as_it_is_scanned(shelf: Shelf) -> None:
    _, (variant,) = shelf.add("AO1", "Áo")
    catalog.add_barcode(shelf.tx, variant_id=variant, code="036000291452")
    assert found(shelf.tx, "036000291452") == found(shelf.tx, "0036000291452") == [variant]


def test_marks_as_typed_go_before_marks_ignored(shelf: Shelf) -> None:
    _, (dress,) = shelf.add("AA", "Đầm lụa")
    _, (dark,) = shelf.add("BB", "Quần lụa đậm")
    assert found(shelf.tx, "đầm") == [dress, dark]
    assert found(shelf.tx, "đậm") == [dark, dress]


def test_the_name_goes_before_the_colour_when_marks_are_not_typed(shelf: Shelf) -> None:
    _, (dress,) = shelf.add("AA", "Đầm lụa")
    _, (navy,) = shelf.add("BB", "Quần lụa", colours=["XANH"])
    assert found(shelf.tx, "dam") == [dress, navy]


def test_whole_words_go_before_beginnings(shelf: Shelf) -> None:
    _, (whole,) = shelf.add("AA", "Áo sen")
    _, (begun,) = shelf.add("BB", "Áo senior")
    assert found(shelf.tx, "sen") == [whole, begun]


def test_newer_styles_go_first_within_a_rank(shelf: Shelf) -> None:
    _, old = shelf.add("AA", "Áo sen", sizes=["S", "M", "L"])
    _, new = shelf.add("BB", "Áo sen")
    assert found(shelf.tx, "ao sen") == [*new, *old]
    assert found(shelf.tx, "ao sen", limit=2) == [*new, old[0]]


def test_a_typing_error_finds_what_is_alike_when_nothing_else_does(shelf: Shelf) -> None:
    _, (jeans,) = shelf.add("AA", "Quần jean ống rộng")
    shelf.add("BB", "Khăn lụa")
    assert found(shelf.tx, "quann jaen") == [jeans]


def test_leaves_out_what_is_no_longer_sold(shelf: Shelf) -> None:
    shelf.add("AA", "Áo sen", status="archived")
    shelf.add("BB", "Áo sen", status="draft")
    assert found(shelf.tx, "sen") == found(shelf.tx, "áo snn") == []


HOSTILE = ["", "  ", "!!!", "&|!:*<->()'\\", "½ № ŉ", "\u200b", "đ" * 200, "a " * 100, "%_%", "\U0001f457", "\x07"]


@pytest.mark.parametrize("q", HOSTILE)
def test_hostile_words_are_only_words(shelf: Shelf, q: str) -> None:
    shelf.add("AA", "Áo sen")
    assert found(shelf.tx, q) in ([], found(shelf.tx, "áo sen"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200))
def test_no_text_is_a_failure(tx: Session, q: str) -> None:
    with tx.begin_nested():
        found(tx, q)
        tx.execute(catalog.styles_matching(tx, q)).all()


def test_the_search_settings_end_with_its_transaction(fresh: Database) -> None:
    with fresh.transaction() as tx:
        found(tx, "dam")
    with fresh.transaction() as tx:
        assert tx.connection().exec_driver_sql("SHOW enable_seqscan").scalar() == "on"
