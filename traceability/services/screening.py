"""Screening names and identifiers against every name list in force, with a record that can be audited."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, Literal

import orjson

from traceability.lists import coverage as cover
from traceability.lists.codes import party_list
from traceability.lists.entries import Identifier
from traceability.lists.match import MATCHER_VERSION, Hit, Query
from traceability.services.lists import ListBook

SubjectKind = Literal["party", "vessel", "site", "transit_place", "document_name", "query"]
PARTY: Final = "party"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what is screened: a name as it stands in the chain, with what else is known.

    ``kind`` says what bears the name; ``query`` is a name somebody asked about, which no chain need know.
    """

    name: str
    party_id: str | None = None
    country: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    kind: SubjectKind = PARTY

    @property
    def key(self) -> str:
        """Return what decisions about a hit attach to: never the name alone, which another company may share."""
        said: list[Any] = [self.name, self.party_id, self.country]
        said.append([[i.scheme, i.value, i.country] for i in self.identifiers])
        if self.kind != PARTY:  # keys of parties stay what they were before there were kinds
            said.append(self.kind)
        return hashlib.sha256(orjson.dumps(said)).hexdigest()


@dataclass(frozen=True, slots=True)
class Screened:
    """The hits of one subject."""

    subject: Subject
    hits: tuple[Hit, ...]


def screen(book: ListBook, subjects: Sequence[Subject], as_of: date) -> list[Screened]:
    """Compare each subject with every name list of the book."""
    found = []
    for subject in subjects:
        query = Query(subject.name, subject.country, subject.identifiers)
        found.append(Screened(subject, tuple(book.names.match(query, as_of=as_of))))
    return found


def entity_hit(subject: Subject, hit: Hit, disposition: str | None) -> dict[str, Any]:
    """Return a hit as the facts carry it."""
    named = party_list(hit.list_id)
    row: dict[str, Any] = {
        "list_code": named.list_code,
        "category": named.category,
        "entry_id": hit.entry_key[:500],
        "listed_name": hit.listed_name[:500],
        "party_name": subject.name[:500],
        "match_basis": hit.match_basis,
    }
    if subject.party_id:
        row["party_id"] = subject.party_id
    if hit.match_basis == "fuzzy_name":
        row["score"] = f"{hit.score:f}"
    if disposition:
        row["disposition"] = disposition
    row |= {name: bound.isoformat() for name in ("valid_from", "valid_to") if (bound := getattr(hit, name))}
    return row


def hit_key(subject: Subject, hit: Hit) -> str:
    """Return what a decision on a hit names: this subject and this list entry, across versions of the list."""
    return f"{hit.list_id}|{hit.entry_key}|{subject.key}"


def record(book: ListBook, screened: Sequence[Screened], as_of: date) -> list[dict[str, Any]]:
    """Return the screening records of a run: subject, versions, matcher, outcome, hits with their explanation."""
    lists = book.coverage(as_of, frozenset())
    versions = [{"list_id": item.list_id, "version": item.version, "state": item.state} for item in lists]
    return [
        {
            "subject_key": item.subject.key,
            "subject": asdict(item.subject),
            "as_of": as_of,
            "versions": versions,
            "matcher": MATCHER_VERSION,
            "outcome": cover.outcome(lists, hits=bool(item.hits)),
            "hits": [orjson.loads(orjson.dumps(hit, default=str)) for hit in item.hits],
        }
        for item in screened
    ]
