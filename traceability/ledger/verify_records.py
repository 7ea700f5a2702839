"""The files of a pack beside what its receipts have proved: what every comparison of lines with records needs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.entry import Entry
from traceability.ledger.errors import ProofError
from traceability.ledger.pack import Manifest, json_lines
from traceability.ledger.verify_gaps import Gaps

_DEPTH, _TEXT = 128, 2_000_000_000


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry whose receipt verified: the file that holds what it stands for, and what was signed in it.

    ``said`` is the event at its place in a capture, or a shipment record; None for others, and by hash only.
    """

    entry: Entry
    file: str | None
    said: Any = None
    jws: str | None = None


BRINGS_KEY = ("key-add", "key-rotate")


def approves(proven: Mapping[int, Proven], index: int) -> bool:
    """Tell whether an entry approves a party: a decision that refers to nothing but keys of the party it is about."""
    one = proven.get(index)
    if one is None or one.entry.kind != "decision" or one.file is not None:
        return False
    keys = [proven[place].entry for place in one.entry.ref if place in proven]
    own = all(key.kind in BRINGS_KEY and key.who == one.entry.who for key in keys)
    return own and 0 < len(keys) == len(one.entry.ref)


@dataclass(slots=True)
class Records:
    """The files of a pack, and what its receipts have proved, by ledger index."""

    files: Mapping[str, bytes]
    manifest: Manifest
    proven: Mapping[int, Proven]
    captures: Mapping[str, Any] = field(default_factory=dict)
    """What was signed in each capture that the pack holds, by file."""
    gaps: Gaps = field(default_factory=Gaps)
    """What was not checked, and how often."""
    events: list[Any] = field(default_factory=list)
    """The events of the lines, for whether the chain is whole."""
    unsigned: int = 0
    """How many of them are told by their line alone: the signed bytes are not in the pack."""
    parsed: dict[str, Any] = field(default_factory=dict)
    shown: set[str] | None = None
    """Lines of lists that runs were told, as JSON; None before they are asked for."""
    owners: dict[str | None, str] = field(default_factory=dict)
    """Which importer the lines name for each pseudonym of the log."""

    def lines(self, name: str, members: Collection[str]) -> list[Any]:
        """Return the lines of a file, each an object with nothing in it that no check looks at.

        Raises:
            InvalidInput: there is no such file, or a line is something else.

        """
        if name not in self.files:
            raise InvalidInput(f"the pack has no file {name}")
        rows = json_lines(self.files[name])
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                raise InvalidInput(f"{name}: expected a JSON object in each line")
            if odd := sorted(row.keys() - set(members)):
                raise InvalidInput(f"{name}, line {number}: says {odd[0][:60]!r}, which no record bears out")
        return rows

    def record(self, name: Any) -> Any:
        """Return the JSON object in a file; raises InvalidInput where there is none."""
        if name not in self.files:
            raise InvalidInput(f"the pack has no file {str(name)[:200]}")
        if name not in self.parsed:
            self.parsed[name] = strict_json.loads(self.files[name], max_depth=_DEPTH, max_string=_TEXT)
        if not isinstance(self.parsed[name], dict):
            raise InvalidInput(f"{name}: expected a JSON object")
        return self.parsed[name]

    def entry(self, index: Any, kinds: tuple[str, ...], where: str) -> Proven:
        """Return what a receipt proves at an index; raises ProofError where it is nothing of these kinds."""
        proven = self.proven.get(index) if type(index) is int else None
        if proven is None or proven.entry.kind not in kinds or approves(self.proven, index):
            raise ProofError(f"{where}: no receipt proves an entry {str(index)[:20]} of the kind {' or '.join(kinds)}")
        return proven

    def of_kind(self, *kinds: str) -> dict[int, Proven]:
        """Return what is proved of these kinds, in the order of the log, without what approves a party."""
        found = ((index, one) for index, one in sorted(self.proven.items()) if one.entry.kind in kinds)
        return {index: one for index, one in found if not approves(self.proven, index)}

    def all_told(self, name: str, kinds: tuple[str, ...], told: Collection[int]) -> None:
        """Check that each entry of these kinds has its line; raises ProofError for the first without."""
        if left := self.of_kind(*kinds).keys() - set(told):
            raise ProofError(f"{name}: no line is about entry {min(left)}, which a receipt proves")

    def belongs(self, proven: Proven, importer: Any, where: str) -> None:
        """Check that a pseudonym of the log stands for one importer of the manifest, and for no second one.

        Raises:
            ProofError: a line gives a record to another importer than the lines before.

        """
        who, known = proven.entry.who, self.owners
        if importer not in self.manifest.importers:
            raise ProofError(f"{where}: {str(importer)[:200]} is no importer that the manifest names")
        taken = any(said == importer and other != who for other, said in known.items())
        if known.setdefault(who, importer) != importer or taken:
            raise ProofError(f"{where}: {importer[:200]} is not whose record this is, by the other lines")
