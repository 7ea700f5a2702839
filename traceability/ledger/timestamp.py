"""Time-stamp tokens (RFC 3161) over checkpoints: the request, and what a token has to be before it is believed.

What is stamped is the SHA-256 of a checkpoint's signed note as it is stored: text, empty line, the log's signature
lines, in UTF-8, without the cosignatures that came later. Needs `rfc3161-client` (the extra ``tsa``).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING

from cryptography import x509

from traceability.errors import InvalidInput, Unavailable
from traceability.ledger.errors import BadSignature, ProofError
from traceability.ledger.verify_case import NotChecked, StampCheck

if TYPE_CHECKING:  # an extra: what does not stamp runs without it
    from rfc3161_client import TimeStampRequest, TimeStampResponse

MAX_TOKEN = 64_000
"""Bytes; a token with a long chain of certificates has about 10,000."""
_SHA256 = "2.16.840.1.101.3.4.2.1"
_GRANTED = bytes.fromhex("3003020100")  # PKIStatusInfo: granted, and nothing else


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose tokens are believed: certificates up to a root, and the authority's policy where one is asked for."""

    roots: tuple[x509.Certificate, ...]
    others: tuple[x509.Certificate, ...] = ()
    policy: x509.ObjectIdentifier | None = None

    @classmethod
    def read(cls, pem: bytes, policy: str | None = None) -> "Trust":
        """Read certificates: at least one root (self-signed), and those between it and the authority's.

        Raises:
            InvalidInput: they cannot be read, none is a root, or the policy is no object identifier.

        """
        try:
            found = x509.load_pem_x509_certificates(pem)
            wanted = None if policy is None else x509.ObjectIdentifier(policy)
        except ValueError as error:
            raise InvalidInput(f"expected certificates (PEM) and a policy as object identifier: {error}") from error
        roots = tuple(one for one in found if one.subject == one.issuer)
        if not roots:
            raise InvalidInput(
                "expected the root certificate of the time-stamping authority's CA among the certificates"
            )
        return cls(roots, tuple(one for one in found if one not in roots), wanted)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A token that was checked, and the authority's time."""

    token: bytes
    """DER of a TimeStampToken (CMS SignedData)."""
    at: datetime


@dataclass(frozen=True, slots=True)
class StampRequest:
    """A request for a token over some bytes, and what is needed to check the answer."""

    data: bytes
    _asked: "TimeStampRequest"

    @classmethod
    def over(cls, data: bytes) -> "StampRequest":
        """Ask for SHA-256, with a nonce and with the authority's certificate in the answer.

        Raises:
            Unavailable: the extra ``tsa`` is not installed.

        """
        library = _library()
        builder = library.TimestampRequestBuilder(nonce=True, cert_req=True)
        return cls(data, builder.data(data).hash_algorithm(library.HashAlgorithm.SHA256).build())

    def to_bytes(self) -> bytes:
        """Return the body of the request (``application/timestamp-query``)."""
        return self._asked.as_bytes()

    def accept(self, answer: bytes, trust: Trust) -> Stamp:
        """Return the token of an answer (``application/timestamp-reply``), checked.

        Raises:
            BadSignature: it is no granted answer, carries another nonce or policy, or no trusted authority signed it.
            ProofError: it is over other bytes.

        """
        found = _decoded(answer)
        if found.tst_info.nonce != self._asked.nonce:
            raise BadSignature("the answer has another nonce than the request: it may be an old one")
        at = _checked(found, hashlib.sha256(self.data).digest(), trust)
        return Stamp(found.time_stamp_token(), at)


def checker(trusts: Sequence[Trust]) -> StampCheck:
    """Return the check of a token against any of the ``trusts``, for those who verify receipts and packs."""

    def check(token: bytes, digests: Sequence[bytes]) -> datetime:
        found = _of_token(token)
        imprint = found.tst_info.message_imprint.message
        digest = imprint if imprint in digests else digests[-1]
        refusals = []
        for trust in trusts:
            try:
                return _checked(found, digest, trust)
            except BadSignature as refusal:
                refusals.append(refusal)
        raise refusals[0]

    return check


def _of_token(token: bytes) -> "TimeStampResponse":
    try:
        _library()
    except Unavailable as error:
        raise NotChecked(error.detail) from error
    body = _GRANTED + token
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    # The library reads whole answers only: the token goes back into one. Below 128 bytes there is no token.
    return _decoded(bytes([0x30, 0x80 | len(size)]) + size + body)


def _decoded(answer: bytes) -> "TimeStampResponse":
    if len(answer) > MAX_TOKEN:
        raise BadSignature(f"expected an answer of at most {MAX_TOKEN} bytes; got {len(answer)}")
    try:
        found = _library().decode_timestamp_response(answer)
        _ = found.tst_info.nonce
    except (KeyboardInterrupt, SystemExit, Unavailable):
        raise
    except BaseException as error:  # the library's native part panics with a BaseException
        raise BadSignature(f"expected a granted time-stamp answer (RFC 3161): {error}") from error
    return found  # type: ignore[no-any-return]  # the module is looked up at run time


def _checked(found: "TimeStampResponse", digest: bytes, trust: Trust) -> datetime:
    """Check imprint, policy, signature and chain at the token's own time; return that time."""
    imprint = found.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != digest:
        raise ProofError(
            f"the token is over other bytes: expected the SHA-256 {digest.hex()}; got {imprint.message.hex()}"
        )
    library = _library()
    verifier = library.VerifierBuilder(
        policy_id=trust.policy, roots=list(trust.roots), intermediates=list(trust.others)
    )
    try:
        verifier.build().verify(found, digest)
        return found.tst_info.gen_time
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # as above
        raise BadSignature(f"no trusted authority signed the token: {str(error)[:300]}") from error


def _library() -> ModuleType:
    try:
        import rfc3161_client
    except ImportError as error:
        raise Unavailable("time-stamp tokens need the extra: pip install 'traceability[tsa]'") from error
    return rfc3161_client
