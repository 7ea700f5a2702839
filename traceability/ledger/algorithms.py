"""Which algorithms a key may have, and until when a new one may come in (ledger.md 6).

The names are those of JOSE (RFC 7518, RFC 8037): EdDSA is Ed25519 here, ES256 is ECDSA on P-256 with SHA-256.
"""

from collections.abc import Mapping
from datetime import date

from traceability.errors import InvalidInput
from traceability.ledger.jwk import Algorithm

_NAMES: Mapping[str, Algorithm] = {"EdDSA": "EdDSA", "Ed25519": "EdDSA", "ES256": "ES256"}
_FORM = "EdDSA, ES256 or both, each with its last day where it has one, such as EdDSA,ES256:2030-12-31"

Allowed = Mapping[Algorithm, date | None]
"""By algorithm the last day on which a key may be registered (``deprecated_after``); None for no such day."""


def read_allowed(text: str) -> Allowed:
    """Read an allow-list such as ``EdDSA, ES256:2030-12-31``.

    Raises:
        InvalidInput: an algorithm is unknown or named twice, or a day cannot be read.

    """
    found: dict[Algorithm, date | None] = {}
    for part in text.split(","):
        name, colon, day = part.strip().partition(":")
        if name not in _NAMES or _NAMES[name] in found:
            raise InvalidInput(f"expected {_FORM}; got {text[:200]!r}")
        try:
            found[_NAMES[name]] = date.fromisoformat(day) if colon else None
        except ValueError as error:
            raise InvalidInput(f"expected {_FORM}; got {text[:200]!r}") from error
    return found


def may_come_in(alg: Algorithm, allowed: Allowed, today: date) -> bool:
    """Tell whether a new key of this algorithm may be registered on a day."""
    if alg not in allowed:
        return False
    last = allowed[alg]
    return last is None or last >= today


def warning(alg: Algorithm, allowed: Allowed, today: date) -> str | None:
    """Return what is to be said of keys of an algorithm: not taken any more, or only until; None for nothing."""
    if not may_come_in(alg, allowed, today):
        last = allowed.get(alg)
        since = f" after {last.isoformat()}" if last else ""
        others = [name for name in allowed if may_come_in(name, allowed, today)]
        return f"new keys of the algorithm {alg} are not taken{since}; expected {' or '.join(others) or 'none'}"
    until = allowed[alg]
    return f"new keys of the algorithm {alg} are taken until {until.isoformat()}; change in time" if until else None
