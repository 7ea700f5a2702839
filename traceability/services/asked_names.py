"""Names that somebody asks about: compared with the lists, logged, and recorded as screenings where that is wanted."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson

from traceability.clock import latest_date
from traceability.errors import Problem, Unprocessable
from traceability.lists.coverage import outcome
from traceability.lists.fold import unaskable
from traceability.lists.match import Query, decide
from traceability.lists.version import MATCHER_VERSION
from traceability.services import matching
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.mandates import log_read
from traceability.services.matching import Matched, match_many
from traceability.services.screening import Screened, Subject
from traceability.services.screening_record import append, record

MOST_NAMES: Final = 1000
MOST_CANDIDATES: Final = 50


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked: the names under ids of the asker's own, of which lists, for which day; whether to record it."""

    queries: Sequence[tuple[str | None, Query]]
    lists: Collection[str] | None = None
    as_of: date | None = None
    limit: int = 10
    record: bool = False


def ask_names(service: Service, actor: Actor, asking: Asking) -> dict[str, Any]:
    """Compare names with the lists and return the answer as JSON; who asked goes to the access log.

    Raises:
        Forbidden: the API key may not read; or the names are to be recorded and the actor may not, or has no party.
        Unprocessable: a name holds nothing that could be compared, or would be compared only in part.
        TooManyRequests: more names than one asker may.
        InvalidInput, Conflict: as ``match_many``.

    """
    actor.require_scope("read")
    if asking.record:
        actor.require("screen", scope="write")
        actor.own_party()
    _check(asking)
    service.rates.check("match", actor.id, len(asking.queries))
    day = asking.as_of or latest_date(service.clock())
    found = match_many(service, [query for _, query in asking.queries], day, asking.lists)
    place = _record(service, actor, asking, found) if asking.record else None
    _log(service, actor, asking, day)
    return _said(asking, found) | {"entry_index": place}


def _check(asking: Asking) -> None:
    problems = [
        Problem(f"queries.{number}.name", why)
        for number, (_, query) in enumerate(asking.queries)
        if (why := unaskable(query.name))
    ]
    if problems:
        raise Unprocessable(
            "some names cannot be compared, or not whole; each error names the query", problems=problems
        )


def _said(asking: Asking, found: Matched) -> dict[str, Any]:
    known = matching.known_at(found.book)
    rows = found.answers(asking.queries, asking.limit)
    for row, hits in zip(rows, found.hits, strict=True):
        row["outcome"] = outcome(found.coverage, hits=decide(hits, found.review_from) != "none")
    return {
        "as_of": found.as_of.isoformat(),
        "known_at": known and known.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "matcher": MATCHER_VERSION,
        "threshold": f"{found.review_from:f}",
        "settings_hash": matching.settings_hash(found.review_from),
        "coverage": found.coverage_rows(),
        "answers": rows,
    }


def _record(service: Service, actor: Actor, asking: Asking, found: Matched) -> int:
    screened = [
        Screened(
            Subject(query.name, None, query.country, query.identifiers, "query"),
            hits, matching.identities(found.book, hits), review_from=found.review_from,
        )
        for (_, query), hits in zip(asking.queries, found.hits, strict=True)
    ]  # fmt: skip
    rows = record(found.book, screened, found.as_of, found.coverage)
    return service.store.write(lambda tx: append(service, tx, actor.own_party(), rows, actor.person))


def _log(service: Service, actor: Actor, asking: Asking, day: date) -> None:
    """Write who asked for how many names; which they were, only their hash says."""
    names = orjson.dumps([query.name for _, query in asking.queries])
    detail = {
        "names": len(asking.queries), "sha256": hashlib.sha256(names).hexdigest(), "as_of": day.isoformat(),
        "lists": sorted(asking.lists or ()), "recorded": asking.record,
    }  # fmt: skip
    whose = [actor.party_id] if actor.party_id else []
    log_read(service, actor, "match", f"{len(asking.queries)} names", None, detail, whose)
