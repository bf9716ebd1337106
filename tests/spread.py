"""How the tests are spread over the workers: what shares something dear stays together, and what takes longest begins first.

xdist's own groups are not used: the plugin writes them into names that pytest makes anew, so they never held.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# So that no worker is left alone with them at the end.
FIRST = ("restore", "demo", "faults", "races", "drills", "runtime", "office", "pos", "printing", "shop", "payments")
# These share a database or a chain beyond their file.
SHARING = {"tests/demo", "tests/races"}
# These share nothing: each test goes wherever there is room, so they come last.
SINGLE = {"tests/protocol/test_model.py", "tests/protocol/test_mutants.py", "tests/fuzz/test_every_route.py"}


class Spread(LoadScopeScheduling):
    """Gives a worker a whole file at a time, whose server, browser and database are then made once."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # longest first is better told by us than by the number of tests

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", maxsplit=1)[0]
        folder = file.rpartition("/")[0]
        if file in SINGLE:
            return nodeid
        return folder if folder in SHARING else file


def turn(item: pytest.Item) -> int:
    """When a test has its turn: the longest first, then as collected, what fills the gaps last."""
    file = item.nodeid.split("::")[0]
    folder = file.split("/")[1]
    if file in SINGLE:
        return len(FIRST) + 1
    return FIRST.index(folder) if folder in FIRST else len(FIRST)
