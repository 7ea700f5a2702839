"""Whom a verifier trusts (C2SP tlog-policy): log keys, witnesses, and how many of the latter have to have cosigned.

A log may have a second key, of ML-DSA-44, named by a ``log`` line of its own: its signature is checked where it is, and
only a quorum that names the same key as a witness demands it. The URL of a ``log`` line, whose meaning is left to the
application, may end in ``#until=SIZE``: the key signed no head of more entries.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from traceability.errors import InvalidInput
from traceability.ledger.cosignature import ML_DSA_44, CosignerKey
from traceability.ledger.encoding import from_b64
from traceability.ledger.note import VKEY, VerifierKey

_MAX_POLICY = 1_000_000
_ALLOWED = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_DECIMAL = re.compile(r"[1-9][0-9]{0,3}")
_UNTIL = re.compile(r"[^#]*#until=(0|[1-9][0-9]{0,17})")
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of a policy, and where checkpoints are submitted to it."""

    name: str
    key: CosignerKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of which ``threshold`` have to have witnessed."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The logs a verifier accepts checkpoints from, each known by its key, and the quorum of witnesses it asks for."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = _NONE
    seconds: tuple[CosignerKey, ...] = ()
    """Second keys of logs (ML-DSA-44), each named like its log."""
    ends: Mapping[str, int] = field(default_factory=dict)
    """The largest size a key signed, by its verifier key; a key that is not here has not ended."""

    @classmethod
    def pin(cls, vkey: str) -> "Policy":
        """Trust the log with this verifier key (``name+hash+key``) and no other, without witnesses.

        Raises:
            InvalidKey: not a verifier key.

        """
        return cls((VerifierKey.parse(vkey),))

    @classmethod
    def parse(cls, data: bytes, *, logs_needed: bool = True) -> "Policy":
        """Read a policy file: lines ``log``, ``witness``, ``group`` and exactly one ``quorum``; # begins a comment.

        Raises:
            InvalidInput: another form, no log (where one is needed), a key or a name that stands twice, or a group or
                quorum of names that no earlier line defines.

        """
        if len(data) > _MAX_POLICY or not _ALLOWED.fullmatch(data):
            raise InvalidInput(
                "expected a policy file: text lines with tabs and newlines as the only control characters"
            )
        reader = _Reader()
        for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
            words = [word for word in re.split(r"[ \t]+", line) if word]
            if words and not words[0].startswith("#"):
                reader.line(number, words)
        return reader.policy(logs_needed=logs_needed)

    def witnessed(self, cosigners: Collection[str]) -> bool:
        """Tell whether cosignatures of these witnesses (names of the policy) make up the quorum."""
        return self.quorum == _NONE or self._witnessed(self.quorum, cosigners)

    def _witnessed(self, name: str, cosigners: Collection[str]) -> bool:
        if name in self.witnesses:
            return name in cosigners
        group = self.groups[name]
        return sum(self._witnessed(member, cosigners) for member in group.members) >= group.threshold


class _Reader:
    """Reads the lines of a policy in order: a line may only name what stands before it."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.seconds: list[CosignerKey] = []
        self.ends: dict[str, int] = {}
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.quorums: list[str] = []
        self._members: set[str] = set()

    def line(self, number: int, words: list[str]) -> None:
        read = {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}
        if words[0] not in read:
            raise InvalidInput(f"policy, line {number}: expected log, witness, group or quorum; got {words[0][:40]!r}")
        read[words[0]](f"policy, line {number}", words[1:])

    def policy(self, *, logs_needed: bool) -> Policy:
        if len(self.quorums) != 1 or (logs_needed and not self.logs):
            raise InvalidInput(
                "expected at least one log line and exactly one quorum line, such as 'quorum none'; "
                f"got {len(self.logs)}, {len(self.quorums)}"
            )
        logs = {log.public.thumbprint for log in self.logs} | {second.thumbprint for second in self.seconds}
        if len(logs) != len(self.logs) + len(self.seconds):
            raise InvalidInput("the policy names the same log key twice: keep one of the lines")
        if len({witness.key.thumbprint for witness in self.witnesses.values()}) != len(self.witnesses):
            raise InvalidInput("the policy names the same witness key twice: it would count for two")
        return Policy(
            tuple(self.logs), self.witnesses, self.groups, self.quorums[0], tuple(self.seconds), dict(self.ends)
        )

    def _log(self, where: str, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise InvalidInput(f"{where}: expected 'log <vkey> [<url>]'")
        if _is_second(words[0]):
            self.seconds.append(CosignerKey.parse(words[0]))
        else:
            self.logs.append(VerifierKey.parse(words[0]))
        ends = _UNTIL.fullmatch(words[1]) if len(words) > 1 else None
        if ends is not None:
            self.ends[words[0]] = int(ends[1])
        elif len(words) > 1 and "#until" in words[1]:
            raise InvalidInput(
                f"{where}: expected the size at which the key ended as #until=SIZE; got {words[1][:80]!r}"
            )

    def _witness(self, where: str, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise InvalidInput(f"{where}: expected 'witness <name> <vkey> [<url>]'")
        self._new(where, words[0])
        self.witnesses[words[0]] = Witness(words[0], CosignerKey.parse(words[1]), *words[2:])

    def _group(self, where: str, words: list[str]) -> None:
        if len(words) < 3:  # noqa: PLR2004  # name, threshold, one member
            raise InvalidInput(f"{where}: expected 'group <name> all|any|<k> <member>...'")
        name, threshold, *members = words
        self._new(where, name)
        for member in members:
            self._defined(where, member)
            if member in self._members:
                raise InvalidInput(f"{where}: {member!r} is a member already; it would count twice")
            self._members.add(member)
        self.groups[name] = Group(self._threshold(where, threshold, len(members)), tuple(members))

    def _quorum(self, where: str, words: list[str]) -> None:
        if len(words) != 1:
            raise InvalidInput(f"{where}: expected 'quorum <name>'")
        if words[0] != _NONE:
            self._defined(where, words[0])
        self.quorums.append(words[0])

    def _new(self, where: str, name: str) -> None:
        if name == _NONE or name in self.witnesses or name in self.groups:
            raise InvalidInput(f"{where}: the name {name!r} is taken")

    def _defined(self, where: str, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise InvalidInput(f"{where}: no earlier line defines {name!r}")

    @staticmethod
    def _threshold(where: str, text: str, members: int) -> int:
        if text in ("any", "all"):
            return 1 if text == "any" else members
        if not _DECIMAL.fullmatch(text) or int(text) > members:
            raise InvalidInput(f"{where}: expected all, any or a number from 1 to {members}; got {text[:20]!r}")
        return int(text)


def _is_second(vkey: str) -> bool:
    """Tell whether a verifier key is one of ML-DSA-44; what is none of any kind is refused by who reads it."""
    match = VKEY.fullmatch(vkey)
    try:
        return match is not None and from_b64(match[3])[:1] == bytes([ML_DSA_44])
    except ValueError:
        return False
