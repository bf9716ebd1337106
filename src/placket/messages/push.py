"""Web Push: to a browser that its owner lets us write to, encrypted for it alone (RFC 8291) and signed as ours (RFC 8292).

Only the push services of the browsers are ever asked: an address that somebody made up is none.
"""

import base64
import http.client
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from placket.core.settings import settings

if TYPE_CHECKING:
    from placket.messages.ways import Letter

SERVICES: Final = ("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com")
FAMILIES: Final = (".push.apple.com", ".notify.windows.com")
KEPT_FOR: Final = timedelta(days=3)
"""So long a push service tries to reach a browser that is off."""
SIGNED_FOR: Final = timedelta(hours=12)
WAITS_S: Final = 10.0
SENT: Final = range(200, 300)
SALT_BYTES: Final = 16
SCALAR_BYTES: Final = 32
RECORD_BYTES: Final = 4096
SECRET_MODE: Final = 0o600
ENDED: Final = frozenset({404, 410})
_CURVE: Final = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Device:
    """A browser, by what it has told us: where its service is, and the keys that it alone can read with."""

    endpoint: str
    p256dh: str
    auth: str


class Closed(Exception):
    """The service did not take it; ``for_good`` when its browser is gone."""

    def __init__(self, why: str, *, for_good: bool) -> None:
        super().__init__(why)
        self.why = why
        self.for_good = for_good


def is_service(endpoint: str) -> bool:
    """Whether an address belongs to a push service of a browser."""
    place = urlsplit(endpoint)
    host = place.hostname or ""
    return place.scheme == "https" and place.port is None and (host in SERVICES or host.endswith(FAMILIES))


def is_device(device: Device) -> bool:
    """Whether a browser can be written to: a service that is one, and keys that are keys."""
    try:
        _point(device.p256dh)
        secret = raw(device.auth)
    except ValueError:
        return False
    return is_service(device.endpoint) and len(secret) == SALT_BYTES


def public_key(*, in_demo: bool) -> str | None:
    """What a browser has to know us by; none where nothing would ever be sent or written."""
    own = settings()
    if own.push_key is None and own.https and not in_demo:
        return None
    return written(_point_of(_own_key(own.push_key, own.var)))


class WebPush:
    """The push services of the browsers."""

    def send(self, letter: "Letter") -> None:
        """Hand it over, or raise ``Closed``."""
        assert letter.push is not None, "a push has its device"
        device, now = letter.push.device, letter.push.now
        told = {"title": letter.subject, "body": letter.text, "url": letter.push.url, "tag": str(letter.id)}
        body = encrypted(
            json.dumps(told, ensure_ascii=False).encode(),
            device=device,
            own=ec.generate_private_key(_CURVE),
            salt=os.urandom(SALT_BYTES),
        )
        status = _posted(device.endpoint, body, _headers(device.endpoint, now))
        if status not in SENT:
            raise Closed(f"push_{status}", for_good=status in ENDED)

    def close(self) -> None:
        """Nothing stays open."""


def encrypted(plain: bytes, *, device: Device, own: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """One record that the browser alone can read, with our passing key before it."""
    theirs, ours = _point(device.p256dh), _point_of(own)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs))
    secret = _stretched(shared, raw(device.auth), b"WebPush: info\0" + theirs + ours, SCALAR_BYTES)
    key = _stretched(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _stretched(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def raw(text: str) -> bytes:
    """Bytes of base64url without its padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def written(octets: bytes) -> str:
    """Base64url without its padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _headers(endpoint: str, now: datetime) -> dict[str, str]:
    own = settings()
    key, place = _own_key(own.push_key, own.var), urlsplit(endpoint)
    claims = {
        "aud": f"https://{place.hostname}",
        "exp": int((now + SIGNED_FOR).timestamp()),
        "sub": own.public_address or "https://localhost",
    }
    said = ".".join(written(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = utils.decode_dss_signature(key.sign(said.encode(), ec.ECDSA(SHA256())))
    signature = written(r.to_bytes(SCALAR_BYTES, "big") + s.to_bytes(SCALAR_BYTES, "big"))
    return {
        "authorization": f"vapid t={said}.{signature}, k={written(_point_of(key))}",
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(int(KEPT_FOR.total_seconds())),
    }


def _posted(endpoint: str, body: bytes, headers: dict[str, str]) -> int:
    place = urlsplit(endpoint)
    connection = http.client.HTTPSConnection(place.netloc, timeout=WAITS_S)
    try:
        connection.request("POST", f"{place.path}{f'?{place.query}' if place.query else ''}", body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as trouble:
        raise Closed(type(trouble).__name__, for_good=False) from trouble
    finally:
        connection.close()


@cache
def _own_key(configured: str | None, var: Path) -> ec.EllipticCurvePrivateKey:
    """The key of the house; in a demo and in development one that is made once and kept in the folder of the program."""
    if configured is None:
        path = var / "push.key"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE), "w") as made:
                made.write(written(ec.generate_private_key(_CURVE).private_numbers().private_value.to_bytes(SCALAR_BYTES)))
        except FileExistsError:
            pass
        configured = path.read_text(encoding="utf-8")
    return ec.derive_private_key(int.from_bytes(raw(configured)), _CURVE)


def _point(text: str) -> bytes:
    """A public key as it travels; ``ValueError`` for what is none."""
    octets = raw(text)
    ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, octets)
    return octets


def _point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _stretched(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
