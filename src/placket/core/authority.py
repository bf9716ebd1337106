"""A certificate authority of this house alone: made once, kept in var/, trusted by the shop's own devices.

Browsers give cameras, locks and installed apps only to pages over HTTPS, and no public authority signs a local address. The
authority may sign no name of the internet (name constraints), so whoever trusts it risks nothing outside the shop.
"""

import ipaddress
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LASTS: Final = timedelta(days=3650)
CERTIFICATE_LASTS: Final = timedelta(days=397)  # the longest that Apple's devices take is 825 days, browsers' own 398
RENEWED_BEFORE: Final = timedelta(days=30)
LOCAL_DOMAINS: Final = ("local", "lan", "home.arpa", "internal", "localhost")
ALWAYS: Final = ("localhost", "127.0.0.1", "::1")

Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def authority(folder: Path, *, now: datetime) -> Pair:
    """The authority kept in a folder; made when there is none."""
    certificate_path, key_path = folder / "ca.pem", folder / "ca.key"
    if certificate_path.exists() and key_path.exists():
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return x509.load_pem_x509_certificate(certificate_path.read_bytes()), key
    key = ec.generate_private_key(ec.SECP256R1())
    host = socket.gethostname()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Placket"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Placket {host} {now:%Y-%m-%d}"[:64]),
        ]
    )
    allowed = [x509.DNSName(domain) for domain in dict.fromkeys((*LOCAL_DOMAINS, host))]
    certificate = (
        _unsigned(name, name, key, now, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.NameConstraints(permitted_subtrees=allowed, excluded_subtrees=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    _write_secret(key_path, _pem(key))
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def certificate_for(folder: Path, names: Sequence[str], *, now: datetime) -> Path:
    """A PEM file with key and certificate for exactly these names; signed anew when they change or it ends soon."""
    path = folder / "server.pem"
    signer = authority(folder, now=now)
    if not path.exists() or not _fits(x509.load_pem_x509_certificate(path.read_bytes()), names, now, signer[0]):
        _write_secret(path, signed(signer, names, now=now))
    return path


def signed(signer: Pair, names: Sequence[str], *, now: datetime) -> bytes:
    """A new key with its certificate, as PEM."""
    issuer, issuer_key = signer
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    certificate = (
        _unsigned(subject, issuer.subject, key, now, CERTIFICATE_LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return _pem(key) + certificate.public_bytes(serialization.Encoding.PEM)


def own_names() -> list[str]:
    """Every name and address by which devices may reach this machine: its host name, and its addresses on the networks."""
    host = socket.gethostname()
    names = [*ALWAYS, host] if "." in host else [*ALWAYS, host, f"{host}.local"]
    return list(dict.fromkeys([*names, *addresses()]))


def addresses() -> list[str]:
    """The addresses of this machine on its networks."""
    found = []
    with suppress(OSError):
        found += [str(facts[4][0]).split("%")[0] for facts in socket.getaddrinfo(socket.gethostname(), None)]
    # Which address it would use towards the world; nothing is sent.
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((target, 9))
            found.append(str(probe.getsockname()[0]))
    ours = [address for address in dict.fromkeys(found) if not ipaddress.ip_address(address).is_loopback]
    return [address for address in ours if not ipaddress.ip_address(address).is_link_local]


def fingerprint(folder: Path) -> str:
    """The SHA-256 of the authority, in the pairs that systems show."""
    certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def der(folder: Path) -> bytes:
    """The authority as devices install it."""
    certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    return certificate.public_bytes(serialization.Encoding.DER)


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks of the shop's devices may be behind
        .not_valid_after(now + lasts)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _fits(certificate: x509.Certificate, names: Sequence[str], now: datetime, issuer: x509.Certificate) -> bool:
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    wanted = {_general(name) for name in names}
    lasting = certificate.not_valid_after_utc - now > RENEWED_BEFORE
    return set(held) == wanted and lasting and certificate.issuer == issuer.subject


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    beside.replace(path)
