"""The result of screening one document: what could be read, what it declares, and which passages an officer must see.

Offsets count Unicode code points in the extracted text of the whole document (``Report.text``); pages count from 1,
1 for formats without pages. Kilograms are decimals from the literal text, dates ISO 8601, places ISO 3166.
"""

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Literal

from traceability.errors import InvalidInput

Outcome = Literal["parsed", "needs_ocr", "rejected"]
Confidence = Literal["high", "low"]
REASONS = (
    "no_text_layer",
    "encrypted",
    "archive_expansion_limit",
    "limit",
    "timeout",
    "external_content",
    "type",
    "broken",
)
EMBEDDED = "embedded_file"
"""The note of files inside a file: documents of their own that nobody has read."""
LEFT_OUT = frozenset(
    {
        EMBEDDED, "picture_not_read", "language_not_covered", "macro", "script", "launch_action", "extension_mismatch",
        "damaged", "encoding_broken", "ocr",
    }
)  # fmt: skip
PAGE_BREAK = "\n\n"
"""What stands between two pages in the text of the whole document."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its number, counted from 1, and its extracted text."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Anything worth saying that is no finding: a script in the file, a language without rules, another extension."""

    code: str
    message: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """The words that decided how a statement is meant, and the cue rule they come from."""

    rule: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Read:
    """Where a declared value was read: the field, the label and words on the paper, and how sure the reading is.

    ``confidence`` is low where a label has no colon and is an everyday word, a weight names no unit, or the day and
    month of a date could be either.
    """

    of: str
    label: str
    quote: str
    page: int
    start: int
    end: int
    confidence: Confidence = "high"


@dataclass(frozen=True, slots=True)
class DeclaredOrigin:
    """An origin read by machine from a labelled origin field; prose never makes one (facts.md 8)."""

    country: str
    quote: str
    page: int
    start: int
    end: int
    lot: str | None = None
    read: Read | None = None


@dataclass(frozen=True, slots=True)
class DeclaredDate:
    """A date with the label it stands under (issue, shipment, inspection ...), as YYYY-MM-DD."""

    kind: str
    date: str
    read: Read | None = None


@dataclass(frozen=True, slots=True)
class DeclaredParty:
    """A party in a labelled field, with the country of its address where one is named there."""

    role: str
    name: str
    country: str | None = None
    read: Read | None = None


@dataclass(frozen=True, slots=True)
class DeclaredItem:
    """One lot as the paper declares it; ``reads`` are where its values stand, each ``of`` another field."""

    mineral: str | None
    kg: Decimal | None
    origin_country: str | None
    origin_region: str | None
    lot: str | None
    tags: tuple[str, ...] = ()
    hs: str | None = None
    reads: tuple[Read, ...] = ()

    def read(self, of: str) -> Read | None:
        """Return where the value of a field was read."""
        return next((read for read in self.reads if read.of == of), None)


@dataclass(frozen=True, slots=True)
class DeclaredSmelter:
    """A smelter or refiner that the paper lists."""

    name: str
    metal: str | None = None
    id: str | None = None
    country: str | None = None
    status: str | None = None
    read: Read | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A denial or affirmation about the supplier's own goods, for the contradiction check (documents.md 9)."""

    type: str
    country: str | None
    mineral: str | None


@dataclass(frozen=True, slots=True)
class Declared:
    """What the document declares, transcribed; nothing is inferred."""

    number: str | None = None
    dates: tuple[DeclaredDate, ...] = ()
    parties: tuple[DeclaredParty, ...] = ()
    items: tuple[DeclaredItem, ...] = ()
    smelters: tuple[DeclaredSmelter, ...] = ()
    claims: tuple[Claim, ...] = ()
    origins: tuple[DeclaredOrigin, ...] = ()
    issuer_role: str | None = None
    issued_on: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A passage an officer must see, or a fact kept beside the document (documents.md 8, document-labels.md 6).

    ``kind`` is a concept of the labels guide, ``topic`` the topic of the facts (ILO-01 ... ILO-11, forced_labour,
    child_labour, armed_group, sourcing, origin_undetermined) or None, ``sentence`` the span of its sentence, ``boxes``
    where a PDF's page shows it: left, bottom, right, top in PDF points from the lower left corner, one a line.
    """

    rule: str
    rule_version: int
    kind: str
    topic: str | None
    assertion: str
    actor: str
    severity: str
    quote: str
    page: int
    start: int
    end: int
    sentence: tuple[int, int]
    cues: tuple[Cue, ...] = ()
    country: str | None = None
    region: str | None = None
    why: str = ""
    boxes: tuple[tuple[float, ...], ...] = ()

    @property
    def raised(self) -> bool:
        """Whether an officer is shown it: an affirmed or reported passage. Everything else is a kept fact."""
        return self.assertion in {"affirmed", "reported"}


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one screening of one document gave; equal bytes and rule set give an equal report."""

    sha256: str
    outcome: Outcome
    reason: str | None
    document_type: str
    facts_type: str
    language: str | None
    pages: tuple[Page, ...]
    text_sha256: str | None
    ruleset: str
    facts: Declared = field(default_factory=Declared)
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    unread_pages: tuple[int, ...] = ()

    @property
    def text_read(self) -> bool:
        """Whether the text of every page was read."""
        return self.outcome == "parsed" and not self.unread_pages

    @property
    def left_out(self) -> tuple[Note, ...]:
        """What of the file was not read or not run, beside its text: a person has to look at it."""
        return tuple(note for note in self.notes if note.code in LEFT_OUT)

    @property
    def text(self) -> str:
        """The text of the whole document, to which every offset refers."""
        return PAGE_BREAK.join(page.text for page in self.pages)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values that ``from_dict`` reads back; kilograms are decimal strings."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "Report":
        """Read what ``to_dict`` wrote.

        Raises:
            InvalidInput: a field is missing or unknown.

        """
        try:
            rest = {**value, "facts": declared_from_dict(value["facts"]), "unread_pages": tuple(value["unread_pages"])}
            rest["pages"] = tuple(Page(**page) for page in value["pages"])
            rest["findings"] = tuple(finding_from_dict(finding) for finding in value["findings"])
            rest["notes"] = tuple(Note(**note) for note in value["notes"])
            return cls(**rest)
        except (KeyError, TypeError) as error:
            raise InvalidInput(f"a stored document report has another shape than expected: {error}") from error

    def row(self, file: str) -> dict[str, Any]:
        """Return the answer of ``screen --json`` for ``file`` (cli.md): raised findings, page count, numbers."""
        body = self.to_dict()
        body["file"] = file
        body["pages"] = len(self.pages)
        body["findings"] = [found for found in body["findings"] if found["assertion"] in {"affirmed", "reported"}]
        for item in body["facts"]["items"]:
            item["kg"] = _number(item["kg"])
        return body


def finding_from_dict(value: dict[str, Any]) -> Finding:
    """Read one finding of ``Report.to_dict``."""
    cues = tuple(Cue(**cue) for cue in value["cues"])
    boxes = tuple(tuple(box) for box in value.get("boxes", ()))  # reports of earlier versions have none
    return Finding(**{**value, "cues": cues, "sentence": tuple(value["sentence"]), "boxes": boxes})


def declared_from_dict(value: dict[str, Any]) -> Declared:
    """Read the facts part of ``Report.to_dict``."""
    return Declared(
        number=value["number"],
        dates=tuple(DeclaredDate(**_with_read(each)) for each in value["dates"]),
        parties=tuple(DeclaredParty(**_with_read(each)) for each in value["parties"]),
        items=tuple(_item(each) for each in value["items"]),
        smelters=tuple(DeclaredSmelter(**_with_read(each)) for each in value["smelters"]),
        claims=tuple(Claim(**each) for each in value["claims"]),
        origins=tuple(DeclaredOrigin(**_with_read(each)) for each in value["origins"]),
        issuer_role=value["issuer_role"],
        issued_on=value["issued_on"],
    )


def _item(value: dict[str, Any]) -> DeclaredItem:
    kg = None if value["kg"] is None else Decimal(value["kg"])
    reads = tuple(Read(**read) for read in value.get("reads", ()))  # reports of earlier versions have none
    return DeclaredItem(**{**value, "kg": kg, "tags": tuple(value["tags"]), "reads": reads})


def _with_read(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "read": Read(**value["read"])} if value.get("read") else value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Decimal) else value


def _number(kg: str | None) -> int | float | None:
    # Only for printing: cli.md shows kilograms as JSON numbers, and repr(float) gives the literal digits back.
    if kg is None:
        return None
    exact = Decimal(kg)
    return int(exact) if exact == exact.to_integral_value() else float(exact)
