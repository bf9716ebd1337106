"""A till taken out of use in the office: it is not asked any more, and what it may have sold is not forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import text

from books import balance
from builders import Person, TillAtWork, a_branch, a_person
from placket.core.ids import new_id
from protocol.offices import ServedChain


@dataclass(frozen=True)
class Office(ServedChain):
    """A chain, and what is asked of it here."""

    def ask(self, place: UUID) -> str:
        """Ask a branch for a shirt; answers the promise's phase."""
        asked = {"id": str(new_id()), "location_id": str(place), "kind": "ship"}
        asked |= {"lines": [{"variant_id": str(self.shirt), "qty": 1}]}
        answer = self.http.post("/api/promises", json=asked, headers=self.owner.bearer).json()
        return answer.get("phase") or answer["code"]

    def takes_out(self, till: TillAtWork, status: str, who: Person | None = None) -> int:
        """Take a till out of use; answers the status of the answer."""
        body = {"status": status, "reason": "Máy hỏng"}
        path = f"/api/tills/{till.id}/revoke"
        return self.http.post(path, json=body, headers=(who or self.owner).bearer).status_code

    def opening(self, till: TillAtWork) -> tuple[str, str | None, UUID | None]:
        """How the till's opening stands."""
        with self.database.transaction() as tx:
            query = text("SELECT state, end_reason, asserted_by FROM till_opening WHERE till_id = :till")
            return tuple(tx.execute(query, {"till": till.id}).one())

    def doubts(self, place: UUID) -> list[str]:
        """Why the branch is not trusted."""
        with self.database.transaction() as tx:
            query = text("SELECT reason FROM stock_doubt WHERE location_id = :place AND closed_at IS NULL")
            return list(tx.scalars(query, {"place": place}))


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with Office.open("out_of_use") as made:
        yield made


def test_a_lost_till_is_attached_no_more_and_its_branch_is_in_doubt(office: Office) -> None:
    place, till = office.branch("HN01")
    assert office.takes_out(till, "lost") == 204
    assert office.opening(till) == ("ended", "lost", None)
    assert office.doubts(place) == ["lost_till"]
    shown = office.http.get(f"/api/tills?location_id={place}", headers=office.owner.bearer).json()["items"]
    assert [(one["status"], one["attached"]) for one in shown] == [("lost", False)]


def test_a_question_that_waited_for_a_lost_till_is_answered_at_once(office: Office) -> None:
    place, till = office.branch("HN02")
    assert office.ask(place) == "asked"
    assert office.takes_out(till, "lost") == 204
    with office.database.transaction() as tx:
        assert tx.scalar(text("SELECT phase FROM promise WHERE location_id = :place"), {"place": place}) == "declined"
        assert balance(tx, place, office.shirt) == (2, 0, 0)


def test_who_retires_a_till_signs_that_it_sold_nothing_more(office: Office) -> None:
    place, till = office.branch("HN03")
    assert office.ask(place) == "asked"
    assert office.takes_out(till, "retired") == 204
    assert office.opening(till) == ("ended", "asserted", office.owner.id)
    assert office.doubts(place) == []
    with office.database.transaction() as tx:
        assert tx.scalar(text("SELECT phase FROM promise WHERE location_id = :place"), {"place": place}) == "confirmed"


def test_a_retired_till_that_keeps_sales_back_counts_as_lost(office: Office) -> None:
    place, till = office.branch("HN04")
    with office.database.transaction() as tx:
        tx.execute(text("UPDATE till_epoch SET reported_head_seq = 1 WHERE till_id = :till"), {"till": till.id})
    assert office.takes_out(till, "retired") == 204
    assert office.opening(till) == ("ended", "lost", None)
    assert office.doubts(place) == ["lost_till"]


def test_a_till_beyond_ones_reach_stays_as_it_is(office: Office) -> None:
    place, till = office.branch("HN05")
    with office.database.transaction() as tx:
        stranger = a_person(tx, "it", at=a_branch(tx, "HN06"))
    assert office.takes_out(till, "lost", stranger) == 404
    assert office.opening(till) == ("attached", None, None)
    assert office.doubts(place) == []
