"""What can be wrong with something signed or proved; every class stands in the tree of ``traceability.errors``."""

from traceability.errors import Forbidden, InvalidInput, NotAuthenticated, Unavailable, Unprocessable


class SignatureMissing(NotAuthenticated):
    """Nothing is signed: send the body as a compact JWS, or a detached JWS in the header X-JWS-Signature."""

    title = "Signature missing"


class SignatureMalformed(NotAuthenticated):
    """The signature cannot be read, so it proves nobody's identity."""

    title = "Signature malformed"


class BadSignature(Forbidden):
    """The signature does not verify: the bytes were changed, or another key signed them."""

    title = "Bad signature"


class CredentialNotValid(Forbidden):
    """The credential was not in force when it was received."""

    title = "Credential not valid"


class InvalidKey(InvalidInput):
    """The key cannot be used: Ed25519 or P-256 public keys as JWK are taken, and nothing else."""

    title = "Invalid key"


class ProofError(Unprocessable):
    """A proof does not lead to the root it was checked against."""

    title = "Proof does not verify"


class LedgerDamaged(Unavailable):
    """A part of the ledger is missing or is not what its head says; writing stops until an operator has looked."""

    title = "Ledger damaged"
