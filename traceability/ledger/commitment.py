"""Salted commitments to personal values (ledger.md 8): base64(SHA256(salt || value)), made before anything is signed.

Who has value and salt can show that they open it; without the salt a name or phone number cannot be guessed from it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64, from_b64

MIN_SALT, MAX_SALT = 16, 32
MAX_VALUE = 4000
"""Characters of a value: a name, an address, a number; nothing longer is personal data of one field."""
MAX_NAME = 100
_MEMBERS = frozenset({"commitment", "name", "value", "salt"})


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one commitment: the value, the salt, and what the value is (``name``: miner, driver; never who).

    Raises:
        InvalidInput: salt or texts are not of their length.

    """

    commitment: str
    name: str
    value: str
    salt: bytes

    def __post_init__(self) -> None:
        if not MIN_SALT <= len(self.salt) <= MAX_SALT:
            raise InvalidInput(f"expected a salt of {MIN_SALT} to {MAX_SALT} random bytes; got {len(self.salt)}")
        if not 0 < len(self.value) <= MAX_VALUE or not 0 < len(self.name) <= MAX_NAME:
            raise InvalidInput(f"expected a value of 1 to {MAX_VALUE} characters and a name of 1 to {MAX_NAME}")

    @property
    def opens(self) -> bool:
        """Tell whether value and salt give the commitment."""
        return hmac.compare_digest(commit(self.value, self.salt).encode(), self.commitment.encode())

    def as_dict(self) -> dict[str, str]:
        """Return it as JSON, the salt as base64."""
        return {"commitment": self.commitment, "name": self.name, "value": self.value, "salt": b64(self.salt)}

    @classmethod
    def from_value(cls, value: Any) -> "Opening":
        """Read it from its parsed JSON; whether it opens anything is not looked at.

        Raises:
            InvalidInput: another form. The message holds nothing of the value.

        """
        if (
            not isinstance(value, dict)
            or value.keys() != _MEMBERS
            or not all(isinstance(v, str) for v in value.values())
        ):
            raise InvalidInput(f"expected an opening with exactly {', '.join(sorted(_MEMBERS))}, all of them text")
        try:
            salt = from_b64(value["salt"])
        except ValueError as error:
            raise InvalidInput("expected the salt of an opening as base64") from error
        return cls(value["commitment"], value["name"], value["value"], salt)


def commit(value: str, salt: bytes) -> str:
    """Return base64(SHA256(salt || value)), the value in UTF-8."""
    return b64(hashlib.sha256(salt + value.encode()).digest())


def new_opening(name: str, value: str) -> Opening:
    """Return a commitment to a value with a fresh salt of 32 random bytes."""
    salt = secrets.token_bytes(MAX_SALT)
    return Opening(commit(value, salt), name, value, salt)
