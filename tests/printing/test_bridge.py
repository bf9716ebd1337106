"""The bridge in front of a printer that reads the bytes back: pictures, drawer, faults, idempotence, durability."""

from contextlib import closing
from pathlib import Path

import pytest

from placket.printing.escpos import ASK_DONE, DRAWER, Raster, page
from placket.printing.spool import Spool
from placket.printing.virtual import Interpreter, Paper, UnknownCommand, VirtualPrinter
from printing.counter import ORIGIN, TOKEN, Counter, a_counter, picture
from waiting import until


def test_what_comes_out_is_what_was_drawn_dot_for_dot(counter: Counter) -> None:
    answer = counter.print(rows=700)
    assert answer.json() == {"id": answer.json()["id"], "outcome": "printed", "state": "ready", "queue": 0}
    assert counter.printer.paper.pieces == [picture(700)]
    assert counter.printer.paper.pulses == 0


def test_each_copy_is_cut_off(counter: Counter) -> None:
    counter.print(rows=10, copies=3)
    assert counter.printer.paper.pieces == [picture(10)] * 3


def test_the_same_job_twice_is_printed_once(counter: Counter) -> None:
    first = counter.print(job_id="00000000-0000-7000-8000-000000000001", rows=20)
    second = counter.print(job_id="00000000-0000-7000-8000-000000000001", rows=20)
    assert (first.json()["outcome"], second.json()["outcome"]) == ("printed", "printed")
    assert len(counter.printer.paper.pieces) == 1


def test_the_drawer_opens_with_its_receipt_and_alone(counter: Counter) -> None:
    counter.print(drawer=True)
    assert counter.printer.paper.pulses == 1
    assert counter.client.post("/drawer").json() == {"state": "ready"}
    assert counter.printer.paper.pulses == 2


def test_without_paper_the_sale_stands_the_drawer_opens_and_the_receipt_waits(counter: Counter) -> None:
    counter.printer.state = "paper_out"
    answer = counter.print(rows=40, drawer=True).json()
    assert (answer["outcome"], answer["state"], answer["queue"]) == ("waiting", "paper_out", 1)
    assert (counter.printer.paper.pieces, counter.printer.paper.pulses) == ([], 1)
    assert counter.client.get("/status").json() == {"state": "paper_out", "queue": 1, "printer": "virtual"}
    counter.printer.state = "ready"
    until(lambda: counter.printer.paper.pieces == [picture(40)], within_s=5)
    assert counter.printer.paper.pulses == 1  # the drawer does not open again by itself


def test_the_drawer_of_a_sale_does_not_wait_behind_an_older_receipt(counter: Counter) -> None:
    counter.printer.state = "cover_open"
    counter.print(rows=10)
    answer = counter.print(rows=10, drawer=True).json()
    assert (answer["outcome"], answer["state"], answer["queue"]) == ("waiting", "cover_open", 2)
    until(lambda: counter.printer.paper.pulses == 1, within_s=5)


def test_a_printer_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    printer = VirtualPrinter()
    counter = a_counter(tmp_path, printer)
    printer.close()
    try:
        answer = counter.print().json()
        assert (answer["outcome"], answer["state"]) == ("waiting", "offline")
        counter.client.delete(f"/jobs/{answer['id']}")
        assert counter.client.get("/jobs").json() == {"items": []}
    finally:
        counter.close()


def test_what_waits_survives_the_bridge(tmp_path: Path) -> None:
    with closing(VirtualPrinter()) as printer:
        printer.state = "paper_out"
        before = a_counter(tmp_path, printer)
        jobs = [before.print(rows=rows).json()["id"] for rows in (11, 12, 13)]
        before.close()
        kept = Spool(tmp_path / "spool")
        assert [job.id for job in kept.waiting()] == jobs
        printer.state = "ready"
        after = a_counter(tmp_path, printer)
        until(lambda: len(printer.paper.pieces) == 3, within_s=5)
        assert printer.paper.pieces == [picture(11), picture(12), picture(13)]
        assert after.print(job_id=jobs[1]).json()["outcome"] == "printed"
        after.close()
        assert len(printer.paper.pieces) == 3


def test_only_who_knows_the_token_and_only_from_the_tills_address(counter: Counter) -> None:
    wrong = counter.client.get("/status", headers={"authorization": "Bearer 000000000000"})
    assert (wrong.status_code, wrong.json()) == (401, {"code": "wrong_token"})
    asked = {"origin": ORIGIN, "access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    assert counter.client.options("/jobs", headers=asked).headers["access-control-allow-origin"] == ORIGIN
    refused = counter.client.options("/jobs", headers=asked | {"origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in refused.headers
    assert TOKEN not in refused.text


@pytest.mark.parametrize(
    "raster",
    [
        {"width": 576, "height": 2, "bits": "AAAA"},
        {"width": 577, "height": 1, "bits": ""},
        {"width": 576, "height": 1, "bits": "%%%"},
    ],
)
def test_a_picture_that_is_none_is_refused_and_nothing_waits(counter: Counter, raster: dict[str, object]) -> None:
    answer = counter.client.post("/jobs", json={"id": "malformed-1", "kind": "receipt", "raster": raster})
    assert answer.status_code == 422
    assert counter.client.get("/jobs").json() == {"items": []}


@pytest.mark.parametrize("command", [b"\x1b\x74\x1b", b"Xin chao", b"\x1d\x56\x00\x00", b"\x1b\x70\x01\x19\xfa\x00\x00"])
def test_the_virtual_printer_stops_at_what_we_never_send(command: bytes) -> None:
    with pytest.raises(UnknownCommand):
        Interpreter(Paper()).feed(command)


def test_the_virtual_printer_reads_a_stream_cut_anywhere() -> None:
    stream = DRAWER + page(Raster(576, 300, picture(300)), copies=1, cut=True) + ASK_DONE
    paper = Paper()
    interpreter = Interpreter(paper)
    said = b"".join(interpreter.feed(stream[at : at + 1]) for at in range(len(stream)))
    assert (paper.pulses, paper.pieces, said) == (1, [picture(300)], b"\x00")
