"""The ways out, behind one port: a mail server, and a folder for development where every channel can be read.

A way hands the message's id on, by which whoever gets it twice knows it as one: as Message-ID in a mail, as the client's
reference of an SMS, as the tag of a push. Ways are called with a time-out.
"""

import mimetypes
import smtplib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import formataddr
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

import structlog

from placket.core.settings import settings
from placket.messages import push
from placket.messages.models import Channel

log = structlog.get_logger()

WAITS_S: Final = 10.0
SMTP_PORT: Final = 25
SMTPS_PORT: Final = 465
REFUSED_FROM: Final = 500


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a mail."""

    name: str
    media: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Push:
    """What a push has besides its words: the browser it is for, the page it opens, and when it is sent."""

    device: push.Device
    url: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: plain words always, a page where the channel carries one, pictures that it shows by name, and files."""

    id: UUID
    address: str
    sender: str
    subject: str
    text: str
    html: str | None = None
    pictures: dict[str, bytes] = field(default_factory=dict)
    files: Sequence[File] = ()
    opt_out_url: str | None = None
    push: Push | None = None


class WayClosed(Exception):
    """Nobody took it this time; ``for_good`` when nobody ever will."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.for_good = for_good


class Way(Protocol):
    """A way to people."""

    def send(self, letter: Letter) -> None:
        """Hand it over, or raise ``WayClosed``."""
        ...

    def close(self) -> None:
        """Nothing more is sent."""
        ...


class MailServer:
    """A mail server, ``smtp[s]://user:password@host:port/?from=shop@example.com``."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._open: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> None:
        """See ``Way``. The connection stays for the letters that follow; one that breaks is made anew for the next."""
        message = mail_of(letter, sender_of(self._url))
        try:
            self._connected().send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            raise WayClosed("address_refused", for_good=all(code >= REFUSED_FROM for code in codes)) from refused
        except (OSError, smtplib.SMTPException) as trouble:
            self.close()
            raise WayClosed(type(trouble).__name__) from trouble

    def close(self) -> None:
        """See ``Way``."""
        server, self._open = self._open, None
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connected(self) -> smtplib.SMTP:
        if self._open is None:
            encrypted = self._url.scheme == "smtps"
            make = smtplib.SMTP_SSL if encrypted else smtplib.SMTP
            port = self._url.port or (SMTPS_PORT if encrypted else SMTP_PORT)
            server = make(self._url.hostname or "", port, timeout=WAITS_S)
            self._open = server
            if self._url.username is not None:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return self._open


class Browsers:
    """The push services of the browsers, by ``PUSH_KEY``."""

    def __init__(self) -> None:
        self._services = push.WebPush()

    def send(self, letter: Letter) -> None:
        """See ``Way``."""
        try:
            self._services.send(letter)
        except push.Closed as closed:
            raise WayClosed(closed.why, for_good=closed.for_good) from closed

    def close(self) -> None:
        """See ``Way``."""
        self._services.close()


class Folder:
    """A folder that a developer reads instead of a mailbox or a phone; what is in it was sent to nobody."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        self._channel = channel
        self._folder = folder

    def send(self, letter: Letter) -> None:
        """See ``Way``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{letter.id}-{self._channel}"
        if self._channel == "email":
            path = self._folder / f"{name}.eml"
            path.write_bytes(bytes(mail_of(letter, "shop@placket.local")))
        else:
            path = self._folder / f"{name}.txt"
            path.write_text(f"{letter.address}\n{letter.subject}\n\n{letter.text}\n", encoding="utf-8")
        log.warning("written, not sent", channel=self._channel, address=letter.address, text=letter.text, file=str(path))

    def close(self) -> None:
        """See ``Way``."""


class Ways:
    """The ways of one round, each opened when it is first needed."""

    def __init__(self) -> None:
        self._opened: dict[Channel, Way | None] = {}

    def of(self, channel: Channel, *, in_demo: bool) -> Way | None:
        """The way of a channel, if it has one."""
        if channel not in self._opened:
            self._opened[channel] = way_of(channel, in_demo=in_demo)
        return self._opened[channel]

    def close(self) -> None:
        """The round is over."""
        for way in self._opened.values():
            if way is not None:
                way.close()


def mail_of(letter: Letter, sender: str) -> EmailMessage:
    """A mail in plain words and as a page, with the pictures inside it, and the files that go with it."""
    message = EmailMessage()
    message["From"] = formataddr((letter.sender, sender))
    message["To"], message["Subject"] = letter.address, letter.subject
    message["Message-ID"] = f"<{letter.id}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.opt_out_url is not None:  # RFC 8058: the mail program's own button, one click
        message["List-Unsubscribe"] = f"<{letter.opt_out_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html")
        page = message.get_body(("html",))
        assert page is not None, "it was just added"
        for name, picture in letter.pictures.items():
            kind = (mimetypes.guess_type(name)[0] or "image/png").partition("/")
            page.add_related(picture, kind[0], kind[2], cid=f"<{name}>", filename=name, disposition="inline")
    for file in letter.files:
        kind = file.media.partition("/")
        message.add_attachment(file.content, kind[0], kind[2], filename=file.name)
    return message


def sender_of(url: SplitResult) -> str:
    """The company's own address."""
    return unquote(url.query.partition("from=")[2]) or f"shop@{url.hostname}"


def way_of(channel: Channel, *, in_demo: bool) -> Way | None:
    """The way of a channel. Without a server of the company: a folder in a demo and in development, else none."""
    own = settings()
    if channel == "email" and own.smtp_url is not None:
        return MailServer(own.smtp_url)
    if channel == "push" and own.push_key is not None:
        return Browsers()
    if in_demo or not own.https:
        return Folder(channel, own.var / "mail")
    return None


def can_reach(channel: Channel, *, in_demo: bool) -> bool:
    """Whether a channel leads anywhere."""
    return way_of(channel, in_demo=in_demo) is not None
