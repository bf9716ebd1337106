"""The way a one-time code takes to a shopper: a port, and what stands at it.

By e-mail through a server of the company (``SMTP_URL``). Without one, and for phones, the code is written to the log of this
process, which is how development and the demo see it; a company that is real refuses instead.
"""

import smtplib
from email.message import EmailMessage
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import structlog

from placket.core.refusals import Refusal
from placket.core.settings import settings
from placket.shop.words import word

log = structlog.get_logger()

WAITS_S: Final = 10.0
SMTP_PORT: Final = 25
SMTPS_PORT: Final = 465


class CannotSend(Refusal):
    """There is no way to send to such an address, or the way is closed just now."""

    code = "cannot_send"
    status = 503
    vi = "Chưa gửi được mã tới {address}. Thử lại sau, hoặc dùng cách khác."
    en = "The code could not be sent to {address}. Try again later, or use another way."


class Sender(Protocol):
    """A way to reach somebody."""

    def send(self, address: str, *, subject: str, text: str) -> None:
        """Send a short text, or refuse ``CannotSend``."""
        ...


class LogSender:
    """Writes what would be sent to the log, where a developer reads it."""

    def send(self, address: str, *, subject: str, text: str) -> None:
        """Write it down."""
        log.warning("not sent: no way out is configured", address=address, subject=subject, text=text)


class MailSender:
    """Sends by a mail server, ``smtp[s]://user:password@host:port/?from=shop@example.com``."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    def send(self, address: str, *, subject: str, text: str) -> None:
        """Hand it to the server. Refuses ``CannotSend`` when the server does not take it."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender(), address, subject
        message.set_content(text)
        encrypted = self._url.scheme == "smtps"
        make = smtplib.SMTP_SSL if encrypted else smtplib.SMTP
        port = self._url.port or (SMTPS_PORT if encrypted else SMTP_PORT)
        try:
            with make(self._url.hostname or "", port, timeout=WAITS_S) as server:
                if self._url.username is not None:
                    server.login(unquote(self._url.username), unquote(self._url.password or ""))
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as trouble:
            log.warning("a mail could not be sent", trouble=type(trouble).__name__)
            raise CannotSend(address=address) from trouble

    def _sender(self) -> str:
        return unquote(self._url.query.partition("from=")[2]) or f"shop@{self._url.hostname}"


def sender_for(address: str, *, demo: bool) -> Sender:
    """The way to an address. Refuses ``CannotSend`` when there is none, except in a demo and in development."""
    url = settings().smtp_url
    if "@" in address and url is not None:
        return MailSender(url)
    if demo or not settings().https:
        return LogSender()
    raise CannotSend(address=address)


def send_code(address: str, code: str, *, company: str, language: str, demo: bool) -> None:
    """Send a one-time code. Refuses ``CannotSend``."""
    text = word("code_text", language, code=code, company=company)
    sender_for(address, demo=demo).send(address, subject=word("code_subject", language, company=company), text=text)
