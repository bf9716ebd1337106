"""The whole product as real processes: it starts, survives whatever is killed, and stops without a trace."""

import os
import signal
import socket
import time

import pytest

from house import House
from placket import supervisor
from waiting import until


def test_everything_starts_and_the_founded_owner_can_sign_in(house: House) -> None:
    house.ensure_up()
    assert house.sign_in() == 200
    assert set(house.pids()) == {"up", "database", "api", "worker"}
    assert f"{house.url}/pos/" in house.screen


@pytest.mark.parametrize("role", ["api", "worker", "database"])
def test_a_killed_process_comes_back_and_nothing_is_lost(house: House, role: str) -> None:
    house.ensure_up()
    before = house.pids()[role]
    os.kill(before, signal.SIGKILL)
    until(lambda: house.pids().get(role, before) != before)
    until(house.answers)
    assert house.sign_in() == 200
    assert f"{role} ended (signal SIGKILL) and is started again" in house.screen


def test_a_second_start_in_the_same_folder_is_refused_with_a_sentence(house: House) -> None:
    house.ensure_up()
    second = house.placket("up")
    assert second.returncode == 1
    assert second.stderr == f"placket: Placket already runs from {house.home}; stop it first, or set PLACKET_VAR.\n"


def test_a_killed_supervisor_takes_everybody_along_and_the_next_start_loses_nothing(house: House) -> None:
    house.ensure_up()
    house.stop(signal.SIGKILL)
    until(lambda: house.pids() == {})
    house.up()
    assert house.sign_in() == 200


def test_ctrl_c_stops_everything_cleanly_within_seconds(house: House) -> None:
    house.ensure_up()
    began = time.monotonic()
    assert house.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 15
    assert house.pids() == {}
    assert house.screen.endswith("placket: stopping\n  placket: stopped\n")


def test_a_taken_port_is_one_sentence_and_starts_nothing(house: House) -> None:
    house.ensure_down()
    with socket.socket() as other:
        other.bind(("127.0.0.1", house.port))
        other.listen()
        refused = house.placket("up")
    assert refused.returncode == 1
    assert refused.stderr == (
        f"placket: Port {house.port} on 127.0.0.1 cannot be used (Address already in use). "
        f"Choose another: make run PORT={house.port + 1}\n"
    )
    assert house.pids() == {}


def test_logs_that_have_grown_are_cut_and_the_last_few_kept(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(supervisor, "LOG_BYTES", 10)
    log = tmp_path / "api.log"
    with log.open("ab") as writer:
        for number in range(8):
            writer.write(f"line number {number}\n".encode())
            writer.flush()
            supervisor.rotate(tmp_path)
    assert log.read_bytes() == b""
    kept = {path.name: path.read_text() for path in tmp_path.glob("api.log.*")}
    assert kept == {f"api.log.{5 - number}": f"line number {number + 3}\n" for number in range(5)}
