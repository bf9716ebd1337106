"""Commands that run: everything under the supervisor, or one role alone."""

import os
import pkgutil
import socket

from placket import supervisor
from placket.core import postgres
from placket.core.settings import settings


def up(*, demo: str | None) -> None:
    """Run everything until Ctrl-C."""
    supervisor.run(["migrate"] if demo is None else ["demo", "--size", demo, "--continue"])


def api(*, fd: int | None = None, after: int | None = None) -> None:
    """Run the API, on its own port or on a socket that the supervisor holds."""
    # By name: the supervisor shares this module and must not carry the shop's code.
    serve = pkgutil.resolve_name("placket.commands.serve:serve")
    if after is not None:
        os.read(after, 1)
        os.close(after)
    if fd is not None:
        with socket.socket(fileno=fd) as listener:
            serve(settings().database_url, listener)
        return
    with postgres.reached() as url, supervisor.listening(settings().host, settings().port) as listener:
        serve(url, listener)


def realtime() -> None:
    """Run the same program as a node of its own: a proxy sends it ``/ws`` only."""
    api()


def worker() -> None:
    """Run the jobs."""
    run = pkgutil.resolve_name("placket.worker:run")
    with postgres.reached() as url:
        run(url)
