"""The rules of docs/rules/offline.md, each left out of the product itself: what is bent, and the scenario that must notice.

A bend replaces some words in the source of one function, or of one routine in SQL, for as long as a test lasts. When the
words are not there any more the test fails, so the table cannot grow stale.
"""

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from sqlalchemy.orm import Session

from placket.core.db import PACKAGE
from placket.inventory.service import counts, fulfil, openings, promises, recovery
from placket.pos import journal
from placket.sales import records
from protocol import scenarios
from protocol import test_word as word
from restore import test_recovery as restored

Scenario = Callable[[Any], None]


@dataclass(frozen=True)
class Bend:
    """Words of a function, and what stands there instead."""

    module: ModuleType
    name: str
    words: str
    instead: str

    def apply(self, monkeypatch: pytest.MonkeyPatch, _tx: Session) -> None:
        """Give the function another body, wherever it is known."""
        function = getattr(self.module, self.name)
        assert isinstance(function, FunctionType)
        source = textwrap.dedent(inspect.getsource(function))
        assert source.count(self.words) == 1, f"{self.name} does not say {self.words!r} once"
        module: dict[str, Any] = dict(function.__globals__)
        exec(compile(source.replace(self.words, self.instead), inspect.getfile(function), "exec"), module)  # noqa: S102
        monkeypatch.setattr(function, "__code__", module[self.name].__code__)


@dataclass(frozen=True)
class SqlBend:
    """Words of a routine in SQL, and what stands there instead; the test's transaction takes it back."""

    file: str
    words: str
    instead: str

    def apply(self, _monkeypatch: pytest.MonkeyPatch, tx: Session) -> None:
        """Replace the routine."""
        source = Path(PACKAGE / self.file).read_text(encoding="utf-8")
        assert source.count(self.words) == 1, f"{self.file} does not say {self.words!r} once"
        tx.connection().exec_driver_sql(source.replace(self.words, self.instead).replace("%", "%%"))


@dataclass(frozen=True)
class TextBend:
    """Words of a query that stands beside its function."""

    module: ModuleType
    name: str
    words: str
    instead: str

    def apply(self, monkeypatch: pytest.MonkeyPatch, _tx: Session) -> None:
        """Give the query other words."""
        query = getattr(self.module, self.name)
        assert query.count(self.words) == 1, f"{self.name} does not say {self.words!r} once"
        monkeypatch.setattr(self.module, self.name, query.replace(self.words, self.instead))


@dataclass(frozen=True)
class Mutant:
    """A rule left out."""

    name: str
    scenario: Scenario
    bends: tuple[Bend | SqlBend | TextBend, ...]


def without(name: str, scenario: Scenario, *bends: Bend | SqlBend | TextBend) -> Mutant:
    """A line of the table."""
    return Mutant(name, scenario, bends)


POSTING = "sales/posting.sql"

MUTANTS = (
    without(
        "HELLO_NOT_DRAINED",
        scenarios.a_till_attaches_when_it_is_drained,
        Bend(openings, "attach", "posted_seq is None or posted_seq < head_seq", "posted_seq is None"),
    ),
    without(
        "STALE_REPLY",
        scenarios.an_attach_that_comes_late_attaches_nothing,
        Bend(openings, "attach", "last is None or opening <= last", "last is None"),
    ),
    without(
        "ONE_WORD",
        word.test_one_till_does_not_answer_for_the_branch,
        Bend(promises, "_word_of_all", "answered.tills == len(tills)", "answered.tills >= min(1, len(tills))"),
    ),
    without(
        "NO_WORD",
        word.test_one_till_does_not_answer_for_the_branch,
        Bend(promises, "_word_of_all", "if answered.tills == len(tills) else None", ""),
    ),
    without(
        "WORD_NOT_DRAINED",
        word.test_a_word_counts_only_when_what_was_sold_before_it_is_handed_in,
        Bend(promises, "_word_of_all", "AND e.posted_seq >= w.head_seq", ""),
    ),
    without(
        "WORD_OF_OLD_OPENING",
        word.test_a_word_of_an_earlier_opening_is_no_word,
        Bend(promises, "_word_of_all", "AND o.opening = w.opening", ""),
    ),
    without(
        "WORD_BY_ORDER",
        scenarios.a_word_belongs_to_one_question,
        Bend(
            promises,
            "_word_of_all",
            "w.promise_id = :promise",
            "w.promise_id IN (SELECT q.id FROM promise p JOIN promise q USING (variant_id) WHERE p.id = :promise)",
        ),
    ),
    without(
        "NO_RECHECK",
        word.test_a_word_counts_only_when_what_was_sold_before_it_is_handed_in,
        Bend(promises, "_confirm_or_decline", "_free(for_asked=True) - in_hand >= promise.qty,", ""),
    ),
    without(
        "LATE_WORD",
        word.test_a_question_nobody_answers_in_time_is_declined_for_good,
        TextBend(promises, "_ASKED_OF", "p.phase = 'asked'", "p.phase IN ('asked', 'declined')"),
        TextBend(promises, "_STORE_WORDS", "p.phase = 'asked'", "p.phase IN ('asked', 'declined')"),
        Bend(promises, "_asked_at", 'Promise.phase == "asked"', 'Promise.phase.in_(("asked", "declined"))'),
        Bend(promises, "settle", 'in_hand is not None and promise.phase == "asked"', "in_hand is not None"),
        Bend(
            promises,
            "_confirm_or_decline",
            "asked=Stock.asked - promise.qty",
            "asked=func.greatest(0, Stock.asked - promise.qty)",
        ),
    ),
    without(
        "CONNECTED_BY_BOOKS",
        scenarios.a_promised_piece_is_looked_for_although_the_books_have_enough,
        SqlBend(POSTING, "line_asks[i] AND line_qty[i] > 0 AND line_unseen[i] > 0", "false"),
    ),
    without(
        "SCAN_LIGHT",
        scenarios.the_light_is_decided_when_the_sale_is_written,
        SqlBend(POSTING, "line_asks[i] AND line_qty[i] > 0 AND line_unseen[i] > 0", "false"),
    ),
    without(
        "SELL_AFTER_SIGNOFF",
        scenarios.nothing_is_sold_on_line_after_signing_off,
        SqlBend(POSTING, "s.mode <> 'record' AND s.attached IS NULL", "false"),
    ),
    without(
        "GAPS",
        word.test_a_hole_in_the_journal_is_refused,
        Bend(
            journal,
            "take_over",
            "        if sent.seq != state.posted_seq + place:\n"
            "            raise JournalGap(expected=state.posted_seq + place)\n"
            "        if chained(previous, sent.text) != sent.hash:\n"
            "            raise JournalForked(seq=sent.seq)\n",
            "",
        ),
    ),
    without(
        "SAME_EPOCH",
        word.test_two_histories_of_one_epoch_are_a_fork,
        Bend(journal, "_first_results", "row is None or row.hash.hex() != one.hash", "row is None"),
    ),
    without(
        "NO_DEDUPE",
        scenarios.a_sale_counts_once_also_when_it_comes_on_line_and_by_the_journal,
        SqlBend(POSTING, "ELSIF s.known_state IS NOT NULL THEN", "ELSIF false THEN"),
    ),
    without(
        "QUARANTINE_TRUSTED",
        word.test_an_entry_that_cannot_be_read_waits_and_the_branch_promises_nothing,
        Bend(journal, "_quarantine", "variant_ids=None if entry is None else _variants_in(entry)", "variant_ids=[]"),
    ),
    without(
        "POISON_DROP",
        word.test_an_entry_that_cannot_be_read_waits_and_the_branch_promises_nothing,
        Bend(
            journal,
            "_post_all",
            '_quarantine(tx, source, sent, entry, "unreadable") for sent, entry in run',
            'Taken(sent.seq, "posted", {}) for sent, _ in run',
        ),
    ),
    without(
        "SHORT_MOVES",
        scenarios.the_books_alone_move_no_promise,
        Bend(
            records,
            "_record_run",
            "    outcomes = post(tx, to_post)\n",
            "    outcomes = post(tx, to_post)\n"
            "    tx.execute(text(\"UPDATE promise SET phase = 'moved' WHERE phase = 'confirmed'\"))\n",
        ),
    ),
    without(
        "PICKFAIL_TRUSTED",
        scenarios.nobody_trusts_a_balance_whose_piece_was_not_found,
        Bend(
            fulfil,
            "note_not_there",
            "            opened_at=now,\n        )",
            '            opened_at=now,\n closed_at=now, closed_by="count")',
        ),
    ),
    without(
        "UNDO_WITHOUT_BAG",
        scenarios.a_bagged_pick_up_is_undone_by_its_bag,
        Bend(fulfil, "undo", 'promise.phase == "bagged" and promise.kind in {"collect", "hold"}', "False"),
    ),
    without(
        "DETACH_UNDRAINED",
        scenarios.a_sign_off_comes_after_everything_before_it,
        Bend(openings, "sign_off", "posted_seq is None or posted_seq < head_seq", "posted_seq is None"),
    ),
    without(
        "LOST_IS_CLOSED",
        word.test_a_lost_till_puts_its_branch_in_doubt_and_keeps_its_word,
        Bend(openings, "lose", "s.on_hand > 0", "false"),
    ),
    without(
        "STAMP_IGNORED",
        scenarios.a_sale_older_than_the_count_is_in_the_count,
        Bend(
            counts,
            "absorb_counted",
            "s.counted_at > :sold_at",
            "s.counted_at > CAST(:sold_at AS timestamptz) + interval '9 years'",
        ),
    ),
    without(
        "COUNT_NO_BARRIER",
        scenarios.nothing_is_counted_while_a_till_keeps_sales_back,
        Bend(counts, "record_count", "refuse_undrained(tx, location_id)", "pass"),
    ),
    without(
        "RESTORE_AT_ONCE",
        restored.test_a_restored_branch_promises_nothing_until_its_last_till_is_back,
        Bend(promises, "is_recovering", "bool(tx.scalar(select(missing.exists())))", "False and missing"),
    ),
    without(
        "RESTORE_ATTACHED_ONLY",
        restored.test_a_till_that_was_signed_off_in_the_backup_is_waited_for_as_well,
        Bend(
            recovery,
            "begin_recovery",
            "paired_at IS NOT NULL",
            "id IN (SELECT till_id FROM till_opening WHERE end_reason = 'restored')",
        ),
    ),
    without(
        "RESTORE_NO_INCARNATION",
        restored.test_two_restores_of_one_backup_are_two_histories,
        Bend(recovery, "begin_recovery", "max(location.incarnation + 1, counted)", "location.incarnation + 0 * counted"),
    ),
)

BY_THE_TILL = {
    "AMBER_WHILE_ASKED": "web/packages/selling/src/mutants.test.ts",
    "BLIND_GREEN": "web/apps/pos/src/terminal/protocol.test.ts",
    "BOARD_REORDER": "web/packages/selling/src/mutants.test.ts",
    "HANDOVER_UNBAGGED": "web/packages/selling/src/mutants.test.ts",
    "RESTORE_PRUNED": "web/apps/pos/src/terminal/protocol.test.ts",
    "WORD_NOT_DURABLE": "web/apps/pos/src/terminal/protocol.test.ts",
}
"""Rules that only the till can keep, and where they are pinned."""

BY_A_RACE = {"ATTACH_NO_LOCK"}
