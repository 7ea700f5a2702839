"""Screening names and identifiers against every name list in force, with a record that can be audited."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

import orjson
from sqlalchemy.exc import SQLAlchemyError

from traceability.lists.codes import party_list
from traceability.lists.entries import Identifier
from traceability.lists.fold import unaskable
from traceability.lists.match import REVIEW_FROM, Hit, Query, decision
from traceability.services import matching
from traceability.services.lists import ListBook

Status = Literal["done", "failed", "interrupted"]
SubjectKind = Literal["party", "vessel", "site", "transit_place", "document_name", "query"]
PARTY: Final = "party"
LONGEST_RUN: Final = 600.0
"""Seconds for the names of one run; a chain of a thousand parties takes one."""
MAX_FAILURE: Final = 300


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
class Asking:
    """On which day's lists names are compared, and from which score, 0 to 1, a person is asked about a likeness."""

    as_of: date
    review_from: Decimal


@dataclass(frozen=True, slots=True)
class Screened:
    """The hits of one subject, each with the hash of who its entry is; or why the subject could not be screened.

    Among the hits are those that are too little alike to ask anybody: they are recorded only.
    """

    subject: Subject
    hits: tuple[Hit, ...]
    identities: tuple[str, ...] = ()
    status: Status = "done"
    failure: str | None = None
    review_from: Decimal = REVIEW_FROM

    @property
    def shown(self) -> list[tuple[Hit, str]]:
        """Return what the rules and people see: matches, questions, and weak aliases, which the rules only note."""
        pairs = zip(self.hits, self.identities, strict=True)
        return [(hit, who) for hit, who in pairs if hit.name_quality == "weak" or self._asks(hit)]

    @property
    def found(self) -> bool:
        """Return whether a hit is a match or a question."""
        return any(self._asks(hit) for hit in self.hits)

    def _asks(self, hit: Hit) -> bool:
        return decision(hit, self.review_from) != "none"


def screen(
    book: ListBook, subjects: Sequence[Subject], asking: Asking, *, seconds: float = LONGEST_RUN
) -> list[Screened]:
    """Compare each subject with every name list of the book.

    One that fails stops none of the others, and what is left when ``seconds`` have passed is interrupted; neither is
    ever clear: their status says so.
    """
    until = time.monotonic() + seconds
    return [_screened(book, subject, asking, until) for subject in subjects]


def _screened(book: ListBook, subject: Subject, asking: Asking, until: float) -> Screened:
    if time.monotonic() > until:
        return Screened(subject, (), status="interrupted", failure="the time for one run was used up before its turn")
    if why := unaskable(subject.name):
        return Screened(subject, (), status="failed", failure=why)
    query = Query(subject.name, subject.country, subject.identifiers, "Vessel" if subject.kind == "vessel" else None)
    try:
        hits = tuple(matching.ask(book, query, asking.as_of))
        return Screened(subject, hits, matching.identities(book, hits), review_from=asking.review_from)
    except SQLAlchemyError:
        raise  # the database is away: the run is tried again as a whole
    except Exception as error:  # noqa: BLE001  # whatever a name does to the matcher, the other names of the run are screened
        return Screened(subject, (), status="failed", failure=f"{type(error).__name__}: {error}"[:MAX_FAILURE])


def entity_hit(subject: Subject, hit: Hit, disposition: str | None) -> dict[str, Any]:
    """Return a hit as the facts carry it.

    The schema has no room for what bears the name, so the screening record keeps that. What a document's text names is
    never more than a question: the name was read by machine, and may stand in another's paper.
    """
    named = party_list(hit.list_id)
    basis = "fuzzy_name" if subject.kind == "document_name" else hit.match_basis
    row: dict[str, Any] = {
        "list_code": named.list_code,
        "category": named.category,
        "entry_id": hit.entry_key[:500],
        "listed_name": hit.listed_name[:500],
        "party_name": subject.name[:500],
        "match_basis": basis,
    }
    if subject.party_id:
        row["party_id"] = subject.party_id
    if basis == "fuzzy_name":
        row["score"] = f"{hit.score:f}"
    if disposition:
        row["disposition"] = disposition
    row |= {name: bound.isoformat() for name in ("valid_from", "valid_to") if (bound := getattr(hit, name))}
    return row
