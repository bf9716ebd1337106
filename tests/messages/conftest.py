"""A mail server and settings that lead to it."""

from collections.abc import Iterator

import pytest

from messages.inbox import Inbox, an_inbox
from placket.core.settings import settings


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with an_inbox() as made:
        monkeypatch.setenv("SMTP_URL", made.url)
        settings.cache_clear()
        yield made
    settings.cache_clear()
