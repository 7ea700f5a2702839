"""Being a witness for other logs (C2SP tlog-witness): cosign a checkpoint only when it grew from the one before."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from traceability.clock import Clock
from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import read_checkpoint
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.note import VerifierKey, note_text
from traceability.ledger.witness import AddCheckpoint, WitnessRefusal, judge
from traceability.storage.witness_files import WitnessFiles

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WitnessHost:
    """A witness: its keys, the logs it knows by origin, and what it remembers of each."""

    keys: tuple[CosigningKey, ...]
    logs: Mapping[str, Sequence[VerifierKey]]
    files: WitnessFiles
    clock: Clock
    ends: Mapping[str, int] = field(default_factory=dict)
    """Up to which size a key of a log that was rotated signs, by its verifier key."""

    def add_checkpoint(self, body: bytes) -> str:
        """Return the cosignature lines on a submitted checkpoint, after it was stored.

        Raises:
            WitnessRefusal: the status and body the specification asks for; 503 where the record cannot be read or kept.

        """
        asked = AddCheckpoint.parse(body)
        origin = read_checkpoint(asked.checkpoint).origin
        if origin not in self.logs:  # before a lock file of that name is made
            raise WitnessRefusal(404, f"this witness does not know the log {origin[:200]}")
        try:
            with self.files.locked(origin):
                self._judge(asked, origin, body)
                # While nobody else may cosign: it says that as of now this is the largest tree that was seen.
                now = self.clock()
                self.files.remember(origin, asked.checkpoint)
        except (OSError, InvalidInput) as error:
            _log.exception("the record of %s cannot be read or kept; nothing is cosigned", origin[:200])
            raise WitnessRefusal(503, "this witness cannot read or keep its record; try again later") from error
        text = note_text(asked.checkpoint)
        return "".join(key.cosign(text, now) for key in self.keys)

    def _judge(self, asked: AddCheckpoint, origin: str, body: bytes) -> None:
        try:
            judge(asked, self.logs, self.files.latest(origin), self.ends)
        except WitnessRefusal as refusal:
            self._note(origin, body, refusal)
            raise

    def _note(self, origin: str, body: bytes, refusal: WitnessRefusal) -> None:
        forked = refusal.status == 409 and refusal.detail.startswith("two roots")  # noqa: PLR2004  # HTTP
        if forked or refusal.status == 422:  # noqa: PLR2004  # HTTP
            self.files.keep_evidence(origin, body)
            _log.warning("the log %s does not follow from what was cosigned: %s", origin, refusal.detail)
