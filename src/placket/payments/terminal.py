"""The port to card terminals, and the one adapter there is: HTTP, as our simulator speaks it (docs/rules/payments.md).

Every charge goes under a reference of ours, so asking twice is one charge. Calls are never made inside a transaction.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Literal, Protocol
from urllib.parse import quote

from placket.core.outbound import Silence, asked
from placket.core.settings import settings

ANSWER_S: Final = 3.0

ChargeState = Literal["waiting_card", "processing", "approved", "declined", "cancelled", "voided"]
STATES: Final = frozenset({"waiting_card", "processing", "approved", "declined", "cancelled", "voided"})


class NoAnswer(Exception):
    """The terminal is silent: it may have charged the card, or may not."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What the terminal knows under a reference."""

    state: ChargeState
    amount_vnd: int
    reason: str | None
    approval: str | None


class Terminal(Protocol):
    """What a card terminal must be able to do. Each call raises ``NoAnswer``."""

    def charge(self, *, reference: str, amount_vnd: int) -> Charge:
        """Ask the customer for a card; the same reference again is the same charge."""

    def look_up(self, *, reference: str) -> Charge | None:
        """What became of a reference; none when it never arrived."""

    def cancel(self, *, reference: str) -> Charge:
        """Stop a charge that is not approved yet, and shut its reference, even one that never arrived."""

    def void(self, *, reference: str) -> Charge:
        """Give an approved charge back."""


@dataclass(frozen=True, slots=True)
class HttpTerminal:
    """A terminal behind an address, called by the code of the till it stands beside."""

    address: str
    till_code: str

    def charge(self, *, reference: str, amount_vnd: int) -> Charge:
        """See ``Terminal``."""
        return _charge_of(self._call("PUT", reference, {"amount_vnd": amount_vnd}))

    def look_up(self, *, reference: str) -> Charge | None:
        """See ``Terminal``."""
        status, body = self._call("GET", reference)
        return None if status == HTTPStatus.NOT_FOUND else _charge_of((status, body))

    def cancel(self, *, reference: str) -> Charge:
        """See ``Terminal``."""
        return _charge_of(self._call("POST", f"{reference}/cancel"))

    def void(self, *, reference: str) -> Charge:
        """See ``Terminal``."""
        return _charge_of(self._call("POST", f"{reference}/void"))

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
        charges = f"{self.address}/terminals/{quote(self.till_code)}/charges"
        try:
            return asked(method, f"{charges}/{path}", body, within_s=ANSWER_S)
        except Silence as silence:
            raise NoAnswer from silence


def terminal_of(till_code: str, *, in_demo: bool) -> Terminal | None:
    """The terminal beside a till; none when none is connected and cards are taken on a loose one.

    The simulator is for the demo's company: a real one never speaks to it.
    """
    address = settings().card_terminal_url or (settings().demo_terminal_url if in_demo else None)
    return None if address is None else HttpTerminal(address.rstrip("/"), till_code)


def _charge_of(answer: tuple[int, bytes]) -> Charge:
    status, body = answer
    try:
        told = json.loads(body) if status < HTTPStatus.BAD_REQUEST else {}
        state, amount_vnd = told.get("state"), told.get("amount_vnd")
    except (ValueError, AttributeError) as error:
        raise NoAnswer from error
    if state not in STATES or not isinstance(amount_vnd, int):
        raise NoAnswer  # whatever that was, it is no word about the charge
    return Charge(state, amount_vnd, _words(told.get("reason")), _words(told.get("approval")))


def _words(told: object) -> str | None:
    return told[:80] if isinstance(told, str) and told else None
