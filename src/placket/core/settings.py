"""What the environment may set. Secrets come from here only, and nothing here is ever logged."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from placket.core.trouble import Trouble

ROOT = Path(__file__).resolve().parents[3]
PORT_MAX = 65_535
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """One value per environment variable; see ``docs/settings.md``."""

    database_url: str | None
    host: str
    port: int
    log_level: str
    var: Path
    https: bool
    trust_port: int
    secure_cookies: bool
    sepay_secret: str | None
    payos_checksum_key: str | None
    card_terminal_url: str | None
    demo_terminal_url: str | None
    stripe_secret_key: str | None
    stripe_webhook_secret: str | None
    stripe_api_url: str | None
    stripe_currency: str
    stripe_vnd_a_unit: int
    demo_stripe_url: str | None
    public_address: str | None
    print_bridge_port: int
    smtp_url: str | None
    push_key: str | None
    carrier_url: str | None
    carrier_secret: str | None
    demo_carrier_url: str | None


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    host = os.environ.get("HOST", "127.0.0.1")
    port = _port("PORT", os.environ.get("PORT", "8080"))
    https = os.environ.get("HTTPS", "0" if host in LOOPBACK else "1") == "1"
    return Settings(
        database_url=os.environ.get("DATABASE_URL") or None,
        host=host,
        port=port,
        log_level=os.environ.get("LOG_LEVEL", "INFO").upper(),
        var=Path(os.environ.get("PLACKET_VAR", ROOT / "var")),
        https=https,
        trust_port=_port("TRUST_PORT", os.environ.get("TRUST_PORT", str(min(port + 1, PORT_MAX)))),
        secure_cookies=os.environ.get("SECURE_COOKIES", "1" if https else "0") == "1",
        sepay_secret=os.environ.get("SEPAY_SECRET") or None,
        payos_checksum_key=os.environ.get("PAYOS_CHECKSUM_KEY") or None,
        card_terminal_url=os.environ.get("CARD_TERMINAL_URL") or None,
        demo_terminal_url=os.environ.get("DEMO_TERMINAL_URL") or None,
        stripe_secret_key=os.environ.get("STRIPE_SECRET_KEY") or None,
        stripe_webhook_secret=os.environ.get("STRIPE_WEBHOOK_SECRET") or None,
        stripe_api_url=os.environ.get("STRIPE_API_URL", "").rstrip("/") or None,
        stripe_currency=_currency(os.environ.get("STRIPE_CURRENCY", "vnd").lower()),
        stripe_vnd_a_unit=_rate(os.environ.get("STRIPE_VND_A_UNIT", "1")),
        demo_stripe_url=os.environ.get("DEMO_STRIPE_URL", "").rstrip("/") or None,
        public_address=os.environ.get("PUBLIC_ADDRESS", "").rstrip("/") or None,
        smtp_url=os.environ.get("SMTP_URL") or None,
        push_key=os.environ.get("PUSH_KEY") or None,
        carrier_url=os.environ.get("CARRIER_URL", "").rstrip("/") or None,
        carrier_secret=os.environ.get("CARRIER_SECRET") or None,
        demo_carrier_url=os.environ.get("DEMO_CARRIER_URL", "").rstrip("/") or None,
        print_bridge_port=_port("PRINT_BRIDGE_PORT", os.environ.get("PRINT_BRIDGE_PORT", "8643")),
    )


def _port(name: str, value: str) -> int:
    if value.isdigit() and 1 <= int(value) <= PORT_MAX:
        return int(value)
    raise Trouble(f"{name} must be a number from 1 to {PORT_MAX}, and it is {value!r}.")


def _currency(value: str) -> str:
    if value in {"vnd", "usd"}:
        return value
    raise Trouble(f"STRIPE_CURRENCY must be vnd or usd, and it is {value!r}.")


def _rate(value: str) -> int:
    if value.isdigit() and int(value) >= 1:
        return int(value)
    raise Trouble(f"STRIPE_VND_A_UNIT must be a whole number of đồng, and it is {value!r}.")
