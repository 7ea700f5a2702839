"""A time-stamping authority for tests: it issues real RFC 3161 tokens (CMS SignedData) under a test CA, or wrong ones."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY = "1.3.6.1.4.1.57264.2"
_SHA256 = "2.16.840.1.101.3.4.2.1"
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"


def der(tag: int, *parts: bytes) -> bytes:
    """Return one DER value of a tag."""
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(size)]) + size + body


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    body = b""
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        body += bytes(reversed(groups))
    return der(0x06, body)


def octets(data: bytes) -> bytes:
    return der(0x04, data)


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return der(0x31, *sorted(parts))


def _moment(at: datetime) -> bytes:
    return der(0x18, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


@dataclass(frozen=True)
class Ca:
    """A certificate and its key: a root, or one that a root signed."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def make_ca(name: str, start: datetime, end: datetime, by: Ca | None = None) -> Ca:
    """Return a root, or a CA below ``by``."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    built = _certificate(own, key, by, start, end)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    built = built.add_extension(usage, critical=True)
    return Ca(built.sign((by or Ca(None, key)).key, hashes.SHA256()), key)  # type: ignore[arg-type]


def _certificate(name: x509.Name, key: Any, by: Ca | None, start: datetime, end: datetime) -> x509.CertificateBuilder:
    issuer = by.certificate.subject if by else name
    return (
        x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number(), start, end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )  # fmt: skip


@dataclass
class FakeTsa:
    """Issues tokens; each member changed makes another wrong one."""

    root: Ca
    signer: Ca
    chain: tuple[Ca, ...] = ()
    """What goes into tokens besides the signer's own certificate."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    policy: str = POLICY
    status: int = 0
    imprint: bytes | None = None
    nonce: int | None = None
    with_nonce: bool = True
    with_certificates: bool = True
    serial: int = 0
    spoil: Callable[[bytes], bytes] = field(default=lambda answer: answer)

    def answer(self, request: bytes) -> bytes:
        """Return the TimeStampResp to a TimeStampReq."""
        from rfc3161_client._rust import parse_timestamp_request

        asked = parse_timestamp_request(request)
        if self.status not in (0, 1):
            return sequence(sequence(integer(self.status)))
        nonce = asked.nonce if self.nonce is None else self.nonce
        token = self.token(self.imprint or asked.message_imprint.message, nonce if self.with_nonce else None)
        return self.spoil(sequence(sequence(integer(self.status)), token))

    def token(self, imprint: bytes, nonce: int | None = None) -> bytes:
        """Return a TimeStampToken over a SHA-256."""
        self.serial += 1
        info = self._info(imprint, nonce)
        signer = self.signer.certificate
        names = signer.issuer.public_bytes()
        attributes = [
            sequence(oid(_CONTENT_TYPE), set_of(oid(_TST_INFO))),
            sequence(oid(_MESSAGE_DIGEST), set_of(octets(hashlib.sha256(info).digest()))),
            sequence(oid(_SIGNING_CERTIFICATE_V2), set_of(sequence(sequence(sequence(
                octets(hashlib.sha256(signer.public_bytes(Encoding.DER)).digest())))))),
        ]  # fmt: skip
        signed = set_of(*attributes)
        signature = self.signer.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        info_of_signer = sequence(
            integer(1), sequence(names, integer(signer.serial_number)), sequence(oid(_SHA256)),
            b"\xa0" + signed[1:], sequence(oid(_ECDSA_SHA256)), octets(signature),
        )  # fmt: skip
        certificates = [one.certificate.public_bytes(Encoding.DER) for one in (self.signer, *self.chain)]
        data = sequence(
            integer(3), set_of(sequence(oid(_SHA256))), sequence(oid(_TST_INFO), der(0xA0, octets(info))),
            *([der(0xA0, *certificates)] if self.with_certificates else []), set_of(info_of_signer),
        )  # fmt: skip
        return sequence(oid(_SIGNED_DATA), der(0xA0, data))

    def _info(self, imprint: bytes, nonce: int | None) -> bytes:
        parts = [
            integer(1), oid(self.policy), sequence(sequence(oid(_SHA256), b"\x05\x00"), octets(imprint)),
            integer(self.serial), _moment(self.clock()),
        ]  # fmt: skip
        return sequence(*parts, *([] if nonce is None else [integer(nonce)]))


def make_signer(
    ca: Ca, start: datetime, end: datetime, *, usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING
) -> Ca:
    """Return a certificate for time stamping (or for another purpose) below ``ca``."""
    key = ec.generate_private_key(ec.SECP256R1())
    built = _certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test TSA")]), key, ca, start, end)
    built = built.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return Ca(built.sign(ca.key, hashes.SHA256()), key)


@pytest.fixture
def make_tsa(clock: Any) -> Callable[..., FakeTsa]:
    """``make_tsa(days=...)`` is an authority whose certificate ends so many days after the start of the test."""

    def make(name: str = "Test TSA root", *, days: float = 365, intermediate: bool = False, **others: Any) -> FakeTsa:
        now, signer = clock(), others.pop("signer", {})
        start, end = now - timedelta(days=400), now + timedelta(days=4000)
        root = make_ca(name, start, end)
        issuer = make_ca("Test TSA intermediate", start, end, root) if intermediate else root
        chain = (issuer,) if intermediate else ()
        made = make_signer(issuer, start, now + timedelta(days=days), **signer)
        return FakeTsa(root, made, chain, clock, **others)

    return make
