"""The life of a key by log index (ledger.md 6): a signature is judged by its entry's index, never by a claimed time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from traceability.errors import InvalidInput

KeyState = Literal["waiting", "active", "revoked", "disputed"]


@dataclass(frozen=True, slots=True)
class KeyAdded:
    """Entry ``index`` (kind key-add) brought the key ``thumbprint``."""

    index: int
    thumbprint: str


@dataclass(frozen=True, slots=True)
class KeyRotated:
    """Entry ``index`` (kind key-rotate), signed by both keys, ended ``old`` and brought ``new``."""

    index: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    """Entry ``index`` (kind key-revoke) ended the key; from ``compromised_since_index`` on others may have used it."""

    index: int
    thumbprint: str
    compromised_since_index: int | None = None


KeyFact = KeyAdded | KeyRotated | KeyRevoked


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """When one key was active. The entries that bring and end it count as signed while it was active."""

    thumbprint: str
    added_index: int | None
    ended_index: int | None
    compromised_since_index: int | None

    @classmethod
    def of(cls, thumbprint: str, facts: Iterable[KeyFact]) -> "KeyHistory":
        """Gather the history of one key from the facts of the log; facts about other keys are passed over.

        Raises:
            InvalidInput: the key was brought twice, or ended without or before having been brought.

        """
        begun: list[int] = []
        ended: list[int] = []
        compromised: list[int] = []
        for fact in facts:
            begun.extend(_begins(thumbprint, fact))
            ended.extend(_ends(thumbprint, fact))
            compromised.extend(_compromise(thumbprint, fact))
        if len(begun) > 1:
            raise InvalidInput(f"the key {thumbprint} was added twice, by the entries {begun}: a key is added once")
        if ended and (not begun or min(ended) <= begun[0]):
            raise InvalidInput(f"the key {thumbprint} was ended by entry {min(ended)} before it was added")
        # Later knowledge may move the compromise to an earlier entry; it never moves it back.
        return cls(thumbprint, *(min(indices, default=None) for indices in (begun, ended, compromised)))

    def valid_at(self, index: int) -> bool:
        """Say whether the key was active when the log took entry ``index``; a compromise does not change that."""
        if self.added_index is None or index < self.added_index:
            return False
        return self.ended_index is None or index <= self.ended_index

    def disputed(self, index: int) -> bool:
        """Say whether another than the party may have signed entry ``index`` (compromised_since_index <= index)."""
        return self.compromised_since_index is not None and index >= self.compromised_since_index

    def state_at(self, index: int) -> KeyState:
        """Return the key's state at entry ``index``, as receipts carry it."""
        if self.added_index is None or index < self.added_index:
            return "waiting"
        if self.disputed(index):
            return "disputed"
        return "active" if self.valid_at(index) else "revoked"


def _begins(thumbprint: str, fact: KeyFact) -> list[int]:
    match fact:
        case KeyAdded(index, key) if key == thumbprint:
            return [index]
        case KeyRotated(index, _, new) if new == thumbprint:
            return [index]
    return []


def _ends(thumbprint: str, fact: KeyFact) -> list[int]:
    match fact:
        case KeyRotated(index, old, _) if old == thumbprint:
            return [index]
        case KeyRevoked(index, key, _) if key == thumbprint:
            return [index]
    return []


def _compromise(thumbprint: str, fact: KeyFact) -> list[int]:
    match fact:
        case KeyRevoked(_, key, int(since)) if key == thumbprint:
            return [since]
    return []
