"""A mail server of the tests' own, spoken to by real SMTP; it keeps what it takes, and may be told to take nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from serving import free_port


@dataclass
class Inbox:
    """What has come, and how the next ones are answered. ``taken`` is called when one was kept, before it is answered."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 OK"
    unknown: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The setting that leads here."""
        return f"smtp://127.0.0.1:{self.port}/?from=shop@lua.example"

    async def handle_RCPT(  # noqa: N802 - the library's own name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Somebody is written to."""
        if address in self.unknown:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's own name
        """A mail."""
        if self.answer.startswith("2"):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return self.answer

    def by_id(self) -> dict[str, EmailMessage]:
        """Mails as a mailbox keeps them: what has come twice under one id is one."""
        return {str(mail["message-id"]): mail for mail in self.mails}


@contextmanager
def an_inbox() -> Iterator[Inbox]:
    """A server for as long as the block lasts."""
    inbox = Inbox(free_port())
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
