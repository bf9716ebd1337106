"""The command line: ``placket COMMAND``. A table of commands, and one door through which trouble leaves as a sentence.

Each command is named by where its function lives and is loaded when it is asked for: the supervisor stays small, and
every role carries only its own code.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placket.core.loading import loaded
from placket.core.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Option:
    """An option or an operand of a command, in argparse's words."""

    name: str
    settings: dict[str, Any]


def option(name: str, help_text: str, **settings: Any) -> Option:  # noqa: ANN401 - argparse's own freedom
    """An option."""
    return Option(name, {"help": help_text, **settings})


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its function takes the parsed options by name and may answer an exit code."""

    name: str
    function: str
    help_text: str
    options: tuple[Option, ...] = ()


JSON = option("--json", "answer in JSON, for a program", action="store_true", dest="as_json")
SIZES = ("small", "chain", "large")

COMMANDS = (
    Command(
        "up",
        "placket.commands.roles:up",
        "run everything: database, API with sockets, worker",
        (
            option("--demo", "fill an empty database with the demo chain of this size", choices=SIZES),
            option("--counter", "also a print bridge that prints pictures into var/printing", action="store_true"),
        ),
    ),
    Command(
        "api",
        "placket.commands.roles:api",
        "run the API, the sockets and the web apps",
        (
            option("--fd", "serve on this inherited listening socket", type=int),
            option("--after", "load, then wait until this inherited pipe closes", type=int),
        ),
    ),
    Command("realtime", "placket.commands.roles:realtime", "run the API as a node for sockets only: the same program"),
    Command("worker", "placket.commands.roles:worker", "run the jobs"),
    Command("migrate", "placket.commands.schema:migrate", "bring the database to today's schema", (JSON,)),
    Command(
        "init",
        "placket.commands.chain:init",
        "found a real chain: company, owner, first branches",
        (
            option("--company", "name of the company"),
            option("--tax-code", "tax code that stands on receipts"),
            option("--owner", "full name of the owner"),
            option("--email", "e-mail the owner signs in with"),
            option("--password", "password of the owner (or PLACKET_PASSWORD, or asked)"),
            option("--branch", "a branch as CODE:NAME:CITY; repeat for more", action="append"),
            option("--depot", "a depot as CODE:NAME:CITY; repeat for more", action="append"),
            JSON,
        ),
    ),
    Command(
        "demo",
        "placket.commands.demo:demo",
        "fill an empty database with the demo chain",
        (
            option("--size", "how much of it", choices=SIZES, default="chain"),
            option("--seed", "the same seed gives the same rows", type=int, default=7),
            option(
                "--continue", "tell a demo on until now; leave a real company as it is", action="store_true", dest="go_on"
            ),
        ),
    ),
    Command(
        "pairing-code",
        "placket.commands.chain:pairing_code",
        "make a code that pairs a device as this till",
        (option("till", "code of the till, such as HN01-1"), JSON),
    ),
    Command(
        "backup",
        "placket.commands.backup:backup",
        "back the database up into a folder, and stream what happens after it",
        (
            option("folder", "where backups are kept: another disk, or another machine's"),
            option("--keep", "how many backups to keep", type=int, default=2),
            JSON,
        ),
    ),
    Command(
        "restore",
        "placket.commands.backup:restore",
        "put a backup back into an empty place; the branches then wait for their tills",
        (
            option("folder", "the folder of backups (the newest is taken), or one backup"),
            option("--until", "replay up to this time only, such as 2026-11-25T14:30, or up to the backup itself"),
            JSON,
        ),
    ),
    Command(
        "terminal-sim",
        "placket.commands.terminal_sim:terminal_sim",
        "run a simulator of card terminals, for demos and tests",
        (
            option("--port", "where it answers", type=int, default=8090),
            option("--wait-ms", "how long its customers and banks take", type=int, default=1500),
            option("--demo", "do nothing beside a real company", action="store_true"),
        ),
    ),
    Command(
        "stripe-sim",
        "placket.commands.stripe_sim:stripe_sim",
        "run a stand-in for Stripe with pages to pay on, for demos and tests",
        (
            option("--port", "where it answers", type=int, default=8091),
            option("--demo", "do nothing beside a real company", action="store_true"),
        ),
    ),
    Command(
        "carrier-sim",
        "placket.commands.carrier_sim:carrier_sim",
        "run a simulator of a carrier with labels and parcels, for demos and tests",
        (
            option("--port", "where it answers", type=int, default=8092),
            option("--pace-s", "how long each step of a parcel takes; 0 waits for its page's buttons", type=int, default=60),
            option("--demo", "do nothing beside a real company", action="store_true"),
        ),
    ),
    Command("verify", "placket.commands.books:verify", "prove the books; fails at the first discrepancy", (JSON,)),
    Command(
        "printbridge",
        "placket.commands.printbridge:printbridge",
        "run on the counter: print for the tills, open the drawer, keep their second copy",
        (
            option("--printer", "address of the printer: 192.168.1.50, tcp://host:9100 or /dev/usb/lp0"),
            option("--virtual", "print pictures into a folder instead", action="store_true"),
            option("--host", "address to answer on", default="127.0.0.1"),
            option("--port", "port to answer on", type=int, default=8643),
            option("--origin", "address of the tills' server, such as https://192.168.1.10:8080; repeat", action="append"),
            option("--server", "also print what the office sends: the server's address"),
            option("--key", "this bridge's key at the server, from placket bridge-key"),
            option("--trust", "the house's authority (ca.pem), when the server uses it", type=Path),
            option("--folder", "where jobs and copies are kept (default: var/printing)", type=Path),
            option("--certificate", "certificate with its key in one PEM file", type=Path),
        ),
    ),
    Command(
        "bridge-key",
        "placket.commands.chain:bridge_key",
        "make a key by which a print bridge of a branch asks for what the office sends",
        (option("branch", "code of the branch, such as HN01"),),
    ),
    Command("trust", "placket.commands.trust:trust", "serve the page that helps devices to trust the shop's own HTTPS"),
    Command(
        "certificate",
        "placket.commands.trust:certificate",
        "sign a certificate for another machine of the shop, such as a counter's print bridge",
        (
            option("names", "names and addresses of that machine, such as 192.168.1.20", nargs="+"),
            option("--into", "file to write, with the key in it", type=Path, required=True),
        ),
    ),
    Command("roles", "placket.commands.documents:roles", "print docs/roles.md"),
    Command(
        "openapi",
        "placket.commands.documents:openapi",
        "write contracts/openapi.json",
        (option("--check", "write nothing; fail if the file is out of date", action="store_true"),),
    ),
    Command("doctor", "placket.commands.doctor:doctor", "say in plain words what is wrong with this machine", (JSON,)),
    Command("psql-url", "placket.commands.cluster:psql_url", "print the address of the database, for psql"),
    Command(
        "reset",
        "placket.commands.cluster:reset",
        "delete the embedded database with everything in it",
        (option("--yes", "do not ask", action="store_true"),),
    ),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code; trouble leaves as one sentence on stderr."""
    chosen = vars(parser().parse_args(arguments))
    try:
        sys.exit(loaded(chosen.pop("function"))(**chosen))
    except Trouble as trouble:
        sys.exit(f"placket: {trouble}")
    except KeyboardInterrupt:
        sys.exit(130)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    whole = argparse.ArgumentParser(prog="placket", description="Point of sale and stock of a fashion chain.")
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        one = commands.add_parser(command.name, help=command.help_text, description=command.help_text)
        one.set_defaults(function=command.function)
        for given in command.options:
            one.add_argument(given.name, **given.settings)
    return whole


if __name__ == "__main__":
    main()
