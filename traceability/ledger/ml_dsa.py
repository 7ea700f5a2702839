"""ML-DSA-44 (FIPS 204) as the C2SP formats use it, where the installed ``cryptography`` and the library below have it.

Imported late, so that a verifier with an older ``cryptography`` still checks everything that is signed with Ed25519.
"""

import functools

from traceability.ledger.errors import BadSignature, InvalidKey

PUBLIC_BYTES, SIGNATURE_BYTES, SEED_BYTES = 1312, 2420, 32
MISSING = "the cryptography installed here has no ML-DSA-44"


@functools.cache
def available() -> bool:
    """Return whether keys of this kind can be used here."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        from cryptography.hazmat.primitives.asymmetric import mldsa

        mldsa.MLDSA44PrivateKey.from_seed_bytes(bytes(SEED_BYTES))
    except (ImportError, UnsupportedAlgorithm):
        return False
    return True


def public_of(seed: bytes) -> bytes:
    """Return the public key that belongs to a seed of 32 bytes.

    Raises:
        InvalidKey: ML-DSA-44 is not available here.

    """
    _require()
    from cryptography.hazmat.primitives.asymmetric import mldsa

    return mldsa.MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """Return the signature of ``message`` (hedged, without a context); raises as ``public_of``."""
    _require()
    from cryptography.hazmat.primitives.asymmetric import mldsa

    return mldsa.MLDSA44PrivateKey.from_seed_bytes(seed).sign(message)


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Check a signature.

    Raises:
        BadSignature: it does not fit.
        InvalidKey: ML-DSA-44 is not available here.

    """
    _require()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import mldsa

    try:
        mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise BadSignature("the ML-DSA-44 signature does not fit") from error


def _require() -> None:
    if not available():
        raise InvalidKey(f"{MISSING}: install a newer one to make or check such signatures")
