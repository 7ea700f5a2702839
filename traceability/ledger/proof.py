"""Offline proofs of inclusion as text (C2SP tlog-proof, version 1): index, path, and the checkpoint verbatim."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64, from_b64

_HEADER = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})")
_MAX_PATH = 64


@dataclass(frozen=True, slots=True)
class LogProof:
    """A proof that was read and not verified yet."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    """The signed note, verbatim; the path is for exactly its size."""
    extra: bytes | None = None
    """What an application put beside the proof: nobody signs it, and nothing here looks at it."""

    def to_text(self) -> str:
        """Return the text form."""
        extra = [] if self.extra is None else [_EXTRA + b64(self.extra)]
        lines = [_HEADER, *extra, f"index {self.index}", *map(b64, self.path)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


def make_proof(index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """Return the proof text; ``path`` must have been made for the size of the stored ``checkpoint``, no other."""
    return LogProof(index, tuple(path), checkpoint).to_text()


def parse_proof(text: str) -> LogProof:
    """Read a proof text. An ``extra`` line is kept as it is: it proves nothing, and has no meaning in this log.

    Raises:
        InvalidInput: another form.

    """
    head, separator, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    extra = lines.pop(1) if len(lines) > 1 and lines[1].startswith(_EXTRA) else None
    match = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if not separator or lines[0] != _HEADER or match is None or extra == _EXTRA:
        expected = f"the lines {_HEADER}, extra (where there is such data), index, hashes, an empty line, a checkpoint"
        raise InvalidInput(f"expected a proof: {expected}")
    path = lines[2:]
    if len(path) > _MAX_PATH:
        raise InvalidInput(f"expected at most {_MAX_PATH} hashes in a proof; got {len(path)}")
    try:
        data = None if extra is None else from_b64(extra.removeprefix(_EXTRA))
        return LogProof(int(match[1]), tuple(map(from_b64, path)), checkpoint, data)
    except ValueError as error:
        raise InvalidInput(f"proof, extra and hashes: {error}") from error
