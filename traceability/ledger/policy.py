"""Whom a verifier trusts (C2SP tlog-policy): the log keys, from a policy file or one pinned key.

Witnesses and groups are not checked by this version; a policy that asks for them is refused, not weakened.
"""

import re
from dataclasses import dataclass

from traceability.errors import InvalidInput
from traceability.ledger.note import VerifierKey

_MAX_POLICY = 100_000
_ALLOWED = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class Policy:
    """The logs a verifier accepts checkpoints from; each known by its key."""

    logs: tuple[VerifierKey, ...]

    @classmethod
    def pin(cls, vkey: str) -> "Policy":
        """Trust the log with this verifier key (``name+hash+key``) and no other.

        Raises:
            InvalidKey: not a verifier key.

        """
        return cls((VerifierKey.parse(vkey),))

    @classmethod
    def parse(cls, data: bytes) -> "Policy":
        """Read a policy file: lines ``log <vkey> [<url>]`` and exactly one ``quorum none``; # begins a comment line.

        Raises:
            InvalidInput: another form, no log, a log named twice, or a quorum of witnesses.

        """
        if len(data) > _MAX_POLICY or not _ALLOWED.fullmatch(data):
            raise InvalidInput(
                "expected a policy file: text lines with tabs and newlines as the only control characters"
            )
        logs: list[VerifierKey] = []
        quorums = 0
        for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
            words = [word for word in re.split(r"[ \t]+", line) if word]
            if not words or words[0].startswith("#"):
                continue
            if words == ["quorum", "none"]:
                quorums += 1
            else:
                logs.append(_log(number, words))
        if quorums != 1 or not logs:
            raise InvalidInput(f"expected at least one log line and one line 'quorum none'; got {len(logs)}, {quorums}")
        if len({log.public.thumbprint for log in logs}) != len(logs):
            raise InvalidInput("the policy names the same log key twice: keep one of the lines")
        return cls(tuple(logs))


def _log(number: int, words: list[str]) -> VerifierKey:
    if words[0] in {"witness", "group", "quorum"}:
        raise InvalidInput(
            f"policy, line {number}: {words[0]} {' '.join(words[1:2])} asks for witnesses, which this version does not "
            "check; use a policy with 'quorum none'"
        )
    if words[0] != "log" or len(words) not in (2, 3):
        raise InvalidInput(f"policy, line {number}: expected 'log <vkey> [<url>]' or 'quorum none'")
    return VerifierKey.parse(words[1])
