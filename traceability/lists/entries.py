"""Risk lists as values: a dated version, its entries, their names and identifiers (screening.md 1).

Dates in ``valid_from`` / ``valid_to`` are legal time, both inclusive; absent means the publisher gave none. They say
nothing about when this service came to know an entry: that is the list version's ``loaded_at``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Quality = Literal["primary", "strong", "weak", "former", "original_script"]
Kind = Literal["party", "area", "goods", "smelter", "code"]
StatedCoverage = Literal["full", "partial", "stale"]

QUALITIES: tuple[Quality, ...] = ("primary", "strong", "weak", "former", "original_script")
KINDS: tuple[Kind, ...] = ("party", "area", "goods", "smelter", "code")
COVERAGES: tuple[StatedCoverage, ...] = ("full", "partial", "stale")
_ORGANISATIONS = frozenset({"Organization", "Company", "LegalEntity", "PublicBody"})


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an entry, as published; ``weak`` aliases may never be screened alone (OFAC's own advice)."""

    text: str
    quality: Quality = "primary"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number or code of a party; ``country`` (ISO 3166-1) is who issued it, where the scheme is a national one."""

    scheme: str
    value: str
    country: str | None = None


@dataclass(frozen=True, slots=True)
class ListSource:
    """One file that entries were read from: what an entry's ``source_key`` stands for, possibly with further files.

    ``published_at`` may be a month or a year only, or empty where the publisher says nothing; dates are ISO 8601.
    """

    source_key: str
    file: str
    source_url: str
    published_at: str
    retrieved_at: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ListVersion:
    """One dated snapshot of a list.

    ``version`` is the publisher's, else ``sha256:`` of the source file; an edition known only to the month or year
    begins with it (``2022-09 ...``), and then ``published_at`` is absent. ``sha256`` is that of the source file,
    ``coverage`` what was known when the version was made; how it stands on a day is `coverage.coverage`'s answer.
    ``sources`` are the files its entries name by their key. ``waiting`` counts what of its source no person has read
    yet although names or entries are missing for it.
    """

    list_id: str
    version: str
    published_at: date | None
    retrieved_at: date | None
    loaded_at: datetime | None
    source_url: str
    sha256: str
    row_count: int
    expected_min: int
    expected_max: int
    coverage: StatedCoverage
    max_age_days: int
    publisher: str
    terms: str
    title: str = ""
    sources: tuple[ListSource, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One line of a list version.

    Only a ``party`` is what names are screened against. A ``smelter`` (entry_key: its CID) is what declarations are
    compared with; that it is listed says nothing against it, and nothing for it.
    ``country`` and ``code`` are ISO 3166-1 / 3166-2 (or, for kind ``code``, the code the table is about),
    ``material`` a material code of the facts. ``extra`` holds what only this list says, such as ``schema``
    (Person, Organization, Vessel, Aircraft), ``countries`` (``|`` separated) or a row's own source address.
    ``source`` is where the publisher or collector says the row comes from; ``source_key`` is the key of the file of
    the version it was read from, and so of its address, publication and retrieval date and SHA-256.
    """

    list_id: str
    entry_key: str
    kind: Kind
    names: tuple[Name, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    country: str | None = None
    code: str | None = None
    material: str | None = None
    child_labour: bool = False
    forced_labour: bool = False
    programmes: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    source_key: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the name to show: the first primary one, else the first, else the entry's key."""
        primary = [name.text for name in self.names if name.quality == "primary"]
        return (primary or [name.text for name in self.names] or [self.entry_key])[0]

    @property
    def schema(self) -> str:
        """Return Person, Organization, Vessel or Aircraft; empty when the list does not say."""
        return plain_schema(self.extra.get("schema", ""))

    @property
    def countries(self) -> frozenset[str]:
        """Return every country (ISO 3166-1) the list connects with the entry."""
        listed = self.extra.get("countries", "").split("|")
        return frozenset(code for code in (self.country, *listed) if code)

    def in_force(self, on: date) -> bool:
        """Return whether the entry is in force on a date; a bound the publisher does not give is open."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def payload(self) -> dict[str, Any]:
        """Return the entry as JSON values, without what is empty; `from_payload` reads it back."""
        full: dict[str, Any] = {
            "list_id": self.list_id,
            "entry_key": self.entry_key,
            "kind": self.kind,
            "names": [{"text": name.text, "quality": name.quality} for name in self.names],
            "identifiers": [[item.scheme, item.value, item.country or ""] for item in self.identifiers],
            "country": self.country,
            "code": self.code,
            "material": self.material,
            "child_labour": self.child_labour,
            "forced_labour": self.forced_labour,
            "programmes": list(self.programmes),
            "valid_from": self.valid_from and self.valid_from.isoformat(),
            "valid_to": self.valid_to and self.valid_to.isoformat(),
            "source": self.source,
            "source_key": self.source_key,
            "extra": dict(self.extra),
        }
        return {key: value for key, value in full.items() if value}


def plain_schema(text: str) -> str:
    """Return the kind of party in our words; the kinds of organisation other data sets tell apart are one here."""
    return "Organization" if text in _ORGANISATIONS else text


def from_payload(payload: Mapping[str, Any]) -> ListEntry:
    """Return the entry that `ListEntry.payload` wrote."""
    dates = {key: date.fromisoformat(payload[key]) for key in ("valid_from", "valid_to") if key in payload}
    known = {
        "names": tuple(Name(name["text"], name["quality"]) for name in payload.get("names", ())),
        "identifiers": tuple(
            Identifier(scheme, value, country or None) for scheme, value, country in payload.get("identifiers", ())
        ),
        "programmes": tuple(payload.get("programmes", ())),
    }
    return ListEntry(**{**payload, **known, **dates})


def closed(entry: ListEntry, last: date) -> ListEntry:
    """Return an entry that left the list: in force until ``last`` at the longest."""
    until = min(entry.valid_to, last) if entry.valid_to else last
    return from_payload({**entry.payload(), "valid_to": until.isoformat()})


def names(quality: Quality, texts: Iterable[str]) -> tuple[Name, ...]:
    """Return names of one quality, in order, without repetitions and empty ones."""
    return tuple(Name(text, quality) for text in dict.fromkeys(text.strip() for text in texts) if text)
