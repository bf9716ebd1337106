"""The port to whoever brings parcels, and the one adapter there is: HTTP, as our simulator speaks (docs/rules/parcels.md).

Every parcel goes under a key of ours, so asking twice is one parcel. Calls are never made inside a transaction.
"""

import json
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final, Literal, Protocol
from urllib.parse import quote

from placket.core.outbound import Silence, asked
from placket.core.refusals import Refusal
from placket.core.settings import settings

ANSWER_S: Final = 4.0
# What the simulator signs by; only the demo's company believes it.
SIMULATOR_SECRET = "carrier_simulator"  # noqa: S105 - signs the demo's simulator only: `hook_secret` gives it to no real company


class CarrierAway(Refusal):
    """The carrier does not answer."""

    code = "carrier_away"
    status = 503
    vi = "Hãng vận chuyển chưa phản hồi. Thử lại, hoặc nhập hãng và mã vận đơn bằng tay."
    en = "The carrier does not answer. Try again, or enter carrier and tracking number by hand."


@dataclass(frozen=True, slots=True)
class Party:
    """Who hands a parcel over, or gets it."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a carrier is asked to bring, and what it is to take at the door."""

    key: str
    direction: Literal["out", "back"]
    sender: Party
    recipient: Party
    contents: str
    cod_vnd: int


@dataclass(frozen=True, slots=True)
class Booked:
    """The carrier has agreed: the number on its label, and where the label is printed from."""

    tracking_no: str
    label_url: str | None


class Carrier(Protocol):
    """What a carrier must be able to do. Each call refuses ``CarrierAway`` when nobody answers."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def book(self, parcel: Parcel) -> Booked:
        """Have a parcel fetched; the same key again is the same parcel."""
        ...

    def cancel(self, key: str) -> bool:
        """Have it fetched no more; answers whether that was in time."""
        ...


@dataclass(frozen=True, slots=True)
class HttpCarrier:
    """A carrier behind an address."""

    address: str
    name: str = "Giao Nhanh"

    def book(self, parcel: Parcel) -> Booked:
        """See ``Carrier``."""
        told = self._call("PUT", parcel.key, asdict(parcel))
        tracking_no, label_url = told.get("tracking_no"), told.get("label_url")
        if not isinstance(tracking_no, str) or not tracking_no:
            raise CarrierAway
        return Booked(tracking_no[:40], label_url if isinstance(label_url, str) else None)

    def cancel(self, key: str) -> bool:
        """See ``Carrier``."""
        return self._call("DELETE", key).get("state") == "cancelled"

    def _call(self, method: str, key: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            status, answer = asked(method, f"{self.address}/parcels/{quote(key)}", body, within_s=ANSWER_S)
            told = json.loads(answer) if status < HTTPStatus.BAD_REQUEST else None
        except (Silence, ValueError) as trouble:
            raise CarrierAway from trouble
        if not isinstance(told, dict):
            raise CarrierAway
        return told


def carrier_of(*, in_demo: bool) -> Carrier | None:
    """Who brings parcels; none when nobody is connected, and carrier and number are typed by hand.

    The simulator is for the demo's company: a real one never speaks to it.
    """
    own = settings()
    address = own.carrier_url or (own.demo_carrier_url if in_demo else None)
    return None if address is None else HttpCarrier(address.rstrip("/"))


def hook_secret(*, in_demo: bool) -> str | None:
    """What the carrier signs its calls by; none when nobody may call."""
    own = settings()
    if own.carrier_secret is not None:
        return own.carrier_secret
    return SIMULATOR_SECRET if in_demo and own.carrier_url is None and own.demo_carrier_url is not None else None
