"""The log's private keys beside the database: ``log.key``, and for each later one a file named after its key id.

Which of them signs, the head row of the database says; so a process that is killed between file and commit leaves a
file too many and nothing else, and every process learns of a new key in the transaction it would sign in.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from traceability.errors import Unavailable
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.cosignature import ML_DSA_44, CosigningKey
from traceability.ledger.note import VerifierKey

FIRST = "log.key"
_SECOND = "log-mldsa-"


class LogKeys:
    """The keys of one log, read from its folder; the first one is made where there is none (mode 0600).

    None is made (``make=False``) by who only reads, and for a log that has entries: in a wrong folder it would look
    like the log's.

    Raises:
        Unavailable: nothing is to be made, and the folder holds no key of this log.

    """

    def __init__(self, folder: Path, origin: str, *, make: bool = True) -> None:
        self.folder, self.origin = folder, origin
        self._known: dict[str, LogKey] = {}
        self._first: LogKey | None = None
        if make and not any(signing_files(folder)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            LogKey.generate(origin).save(folder / FIRST)
        self._read()
        if not make and not any(key.name == origin for key in self._known.values()):
            raise Unavailable(
                f"{folder} holds no log key of the log {origin}: are TRACEABILITY_STATE_DIR and "
                "TRACEABILITY_LOG_ORIGIN those of this log? Nothing was made there; a new log gets its key when it is "
                "first served, before it has entries"
            )

    @property
    def first(self) -> LogKey:
        """Return the key that signs before any other was put in its place.

        Raises:
            Unavailable: its file is not here.

        """
        if self._first is not None and self._first.name == self.origin:
            return self._first
        raise Unavailable(f"{self.folder} has no {FIRST} of the log {self.origin}: is it the STATE_DIR of this log?")

    def active(self, vkey: str | None) -> LogKey:
        """Return the key that the database says signs; None stands for the first.

        Raises:
            Unavailable: its file is not in the folder, so nothing can be signed here.

        """
        if vkey is None:
            return self.first
        key = self.find(vkey)
        if key is None:
            name, key_id = vkey.split("+")[:2]
            told = (
                f"the log is signed by the key {name}+{key_id}, whose file is not in {self.folder}: nothing is signed"
            )
            raise Unavailable(
                f"{told} here. Copy log-{key_id}.key, mode 0600, from the STATE_DIR of the host where the key was "
                "rotated; it is taken without a restart (docs/operator.md, The log's keys)"
            )
        return key

    def find(self, vkey: str) -> LogKey | None:
        """Return a key, also one that has ended; None where its file is not here."""
        if vkey not in self._known:
            self._read()
        return self._known.get(vkey)

    def verifiers(self) -> Sequence[VerifierKey]:
        """Return the public parts of the keys of this origin, read anew."""
        self._read()
        return [key.verifier for key in self._known.values() if key.name == self.origin]

    def path_of(self, vkey: str) -> Path:
        """Return the file that a later key of this folder is in, one of ML-DSA-44 too."""
        key_id = vkey.split("+")[1]
        second = self.folder / f"{_SECOND}{key_id}.key"
        return second if second.exists() else self.folder / f"log-{key_id}.key"

    def seconds(self) -> Sequence[CosigningKey]:
        """Return the ML-DSA-44 keys of this origin.

        Raises:
            InvalidKey: one cannot be used.

        """
        found = map(CosigningKey.load, sorted(self.folder.glob(f"{_SECOND}*.key")))
        return [key for key in found if key.public.name == self.origin]

    def new(self) -> LogKey:
        """Make a further key, durable in its file; it signs nothing until the database names it."""
        return self.new_of(self.origin)

    def new_of(self, origin: str) -> LogKey:
        """Make a key for an origin, as ``new``.

        Raises:
            InvalidKey: the origin cannot be a key name.

        """
        key = LogKey.generate(origin)
        key.save(self.folder / f"log-{key.key_id.hex()}.key")
        self._known[key.vkey] = key
        return key

    def new_second(self) -> CosigningKey:
        """Make an ML-DSA-44 key, as ``new``.

        Raises:
            InvalidKey: ML-DSA-44 is not available here.

        """
        key = CosigningKey.generate(self.origin, ML_DSA_44)
        key.save(self.folder / f"{_SECOND}{key.public.key_id.hex()}.key")
        return key

    def discard(self, vkey: str) -> None:
        """Remove the file of a key that was made by ``new`` or ``new_second`` and never named by the database."""
        self.path_of(vkey).unlink(missing_ok=True)
        self._known.pop(vkey, None)

    def _read(self) -> None:
        for path in signing_files(self.folder):
            key = LogKey.load(path)
            self._known[key.vkey] = key
            self._first = key if path.name == FIRST else self._first


def key_files(folder: Path) -> list[Path]:
    """Return every file of a log's key in a folder, for copies."""
    return [*signing_files(folder), *sorted(folder.glob(f"{_SECOND}*.key"))]


def signing_files(folder: Path) -> Iterator[Path]:
    """Yield the files of the Ed25519 keys in a folder."""
    for path in sorted(folder.glob("log*.key")):
        if path.name == FIRST or (path.name.startswith("log-") and not path.name.startswith(_SECOND)):
            yield path
