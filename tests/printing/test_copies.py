"""The second copy on the counter: contiguous, hash for hash, on the disk, and whole again after a power cut."""

from pathlib import Path

import pytest

from placket.printing import copies
from placket.printing.copies import Copies, CopyForked, CopyGap, Entry, chained
from printing.counter import Counter

TILL = "01900000-0000-7000-8000-000000000001"


def a_journal(count: int, *, of: str = "sale") -> list[Entry]:
    """Entries of a till, chained as it chains them."""
    entries: list[Entry] = []
    previous = copies.NO_HASH
    for seq in range(1, count + 1):
        text = f'{{"kind":"SALE","seq":{seq},"of":"{of} đồng"}}'
        previous = chained(previous, text)
        entries.append(Entry(seq, previous, text))
    return entries


def test_keeps_each_entry_once_in_order(tmp_path: Path) -> None:
    kept, journal = Copies(tmp_path), a_journal(7)
    assert kept.append(TILL, 2, journal[:4]).seq == 4
    assert kept.append(TILL, 2, journal[2:7]).seq == 7
    assert Copies(tmp_path).entries(TILL, 2, since=1, most=200) == journal
    assert list(Copies(tmp_path).kept()) == [(TILL, 2, 1, 7)]


def test_refuses_a_hole_a_fork_and_a_text_that_is_not_what_was_hashed(tmp_path: Path) -> None:
    kept, journal = Copies(tmp_path), a_journal(5)
    kept.append(TILL, 1, journal[:2])
    with pytest.raises(CopyGap) as gap:
        kept.append(TILL, 1, journal[3:])
    assert gap.value.expected == 3
    other = a_journal(3, of="another")
    with pytest.raises(CopyForked):
        kept.append(TILL, 1, other)
    with pytest.raises(CopyForked):
        kept.append(TILL, 1, other[:2])
    with pytest.raises(CopyForked):
        kept.append(TILL, 1, [Entry(3, journal[2].hash, journal[2].text + " ")])
    assert kept.entries(TILL, 1, since=1, most=200) == journal[:2]


def test_a_line_that_a_power_cut_left_unfinished_is_written_again(tmp_path: Path) -> None:
    journal = a_journal(3)
    Copies(tmp_path).append(TILL, 1, journal[:2])
    segment = next(tmp_path.glob("*/*/*.jsonl"))
    with segment.open("ab") as torn:
        torn.write(journal[2].line()[:40])
    after = Copies(tmp_path)
    assert after.append(TILL, 1, journal).seq == 3
    assert after.entries(TILL, 1, since=1, most=200) == journal


def test_long_journals_are_kept_in_files_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "SEGMENT", 10)
    kept, journal = Copies(tmp_path), a_journal(35)
    for entry in journal:
        kept.append(TILL, 1, [entry])
    assert [segment.stem for segment in sorted(tmp_path.glob("*/*/*.jsonl"))] == [f"{seq:012}" for seq in (1, 11, 21, 31)]
    assert kept.entries(TILL, 1, since=19, most=5) == journal[18:23]
    assert list(Copies(tmp_path).kept()) == [(TILL, 1, 1, 35)]


def test_a_till_hands_its_entries_over_and_reads_them_back(counter: Counter) -> None:
    journal = [{"seq": entry.seq, "hash": entry.hash, "text": entry.text} for entry in a_journal(3)]
    sent = counter.client.post("/copies", json={"till": TILL, "epoch": 1, "entries": journal[:1]})
    assert sent.json() == {"head": 1}
    gap = counter.client.post("/copies", json={"till": TILL, "epoch": 1, "entries": journal[2:]})
    assert (gap.status_code, gap.json()) == (409, {"code": "copy_gap", "expected": 2})
    counter.client.post("/copies", json={"till": TILL, "epoch": 1, "entries": journal})
    assert counter.client.get("/copies").json() == {"items": [{"till": TILL, "epoch": 1, "first": 1, "head": 3}]}
    assert counter.client.get(f"/copies/{TILL}/1?since=2").json() == {"items": journal[1:]}
    assert counter.client.get("/copies/..%2f..%2fetc/1").status_code in {404, 422}
