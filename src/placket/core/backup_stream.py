"""The stream of the embedded server's log into its last backup: nothing but a process and a note of where it writes.

Apart from the making of backups, because the supervisor carries it and is to stay small.
"""

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from placket.core import postgres, processes
from placket.core.trouble import Trouble

LOG: Final = "wal"
NOTE: Final = "backup.json"


@dataclass(frozen=True, slots=True)
class Streaming:
    """Where the log goes after a backup, and the slot by which the server keeps what has not arrived there."""

    folder: Path
    slot: str


def streaming(of: postgres.Cluster) -> Streaming | None:
    """Where the log of a cluster is to be streamed; none before its first backup."""
    try:
        note = json.loads((of.home / NOTE).read_bytes())
    except FileNotFoundError:
        return None
    return Streaming(Path(note["folder"]), note["slot"])


def stream_to(of: postgres.Cluster, to: Streaming) -> None:
    """Note where the log goes from now on."""
    making = of.home / f"{NOTE}.new"
    making.write_text(json.dumps({"folder": str(to.folder), "slot": to.slot}), encoding="utf-8")
    making.rename(of.home / NOTE)


def stream(of: postgres.Cluster, logs: Path) -> subprocess.Popen[bytes]:
    """Start to stream the log into the last backup; it ends with its server. Raises Trouble."""
    to = streaming(of)
    if to is None or not to.folder.is_dir():
        raise Trouble(f"The backup {to.folder if to else ''} is out of reach: nothing is being backed up.")
    command = [postgres.tool("pg_receivewal"), "--directory", to.folder / LOG, "--slot", to.slot]
    # The password stands in the environment, not on the command line.
    reach = {"PGHOST": str(of.sockets), "PGPORT": "5432", "PGUSER": "placket"}
    reach["PGPASSWORD"] = (of.home / "password").read_text(encoding="utf-8").strip()
    with (logs / "backup.log").open("ab") as log:
        return subprocess.Popen(
            [str(word) for word in [*command, "--synchronous", "--no-loop", "--no-password"]],
            env={**os.environ, **reach},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=processes.tied(signal.SIGTERM),
        )
