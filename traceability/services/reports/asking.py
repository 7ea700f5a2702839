"""Asking for a report: who may, about what, in which format; under a mandate the read is logged first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from traceability.clock import latest_date
from traceability.diligence.reports.model import Report
from traceability.errors import InvalidQuery
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.mandates import private_reader
from traceability.services.reports.registry import Kind, Query, kind, kinds
from traceability.services.reports.render import MEDIA, render
from traceability.services.reports.render.archive import packed

_YEAR: Final = re.compile(r"20[0-9]{2}")
_DAY: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_LONGEST: Final = 500  # characters of what is asked about
_OF_ALL: Final = ("format", "importer")


@dataclass(frozen=True, slots=True)
class Made:
    """A report as a file: its bytes, media type and name."""

    data: bytes
    media: str
    name: str


def offered(actor: Actor) -> list[dict[str, Any]]:
    """Return the kinds of reports that the actor's role may ask for, as JSON."""
    actor.require_scope("read")
    return [
        {
            "kind": one.name, "title": one.title, "law": one.law, "audience": one.audience,
            "formats": list(one.formats), "parameters": list(one.parameters), "required": sorted(one.required),
        }
        for one in kinds(actor)
    ]  # fmt: skip


def made(service: Service, actor: Actor, name: str, asked: Mapping[str, str], purpose: str | None) -> Made:
    """Return a report as a file; ``asked`` are its parameters as text, ``format`` among them (default json).

    Raises:
        NotFound: there is no such report, or not the thing it is asked about.
        Forbidden: the role may not ask for it; or no mandate in force, or no purpose stated.
        InvalidQuery: a parameter is not one of this report's, is missing, or cannot be read.
        Unavailable: the pages could not be set.

    """
    of = _let_in(actor, name)
    form = _format(of, asked.get("format", "json"))
    query = _query(of, asked, latest_date(service.clock()))
    about = query.batch or query.shipment or query.notice or f"{query.first} to {query.last}"
    reader = private_reader(service, actor, purpose, asked.get("importer"), f"report {of.name}, {about}, {form}")
    if form == "zip" and of.files is not None:
        data = packed(of.files(service, reader, query))
    else:
        data = render(of.build(service, reader, query), form)
    return Made(data, MEDIA[form], f"{of.name}-{query.first}-{query.last}.{form}")


def built(service: Service, actor: Actor, name: str, asked: Mapping[str, str]) -> Report:
    """Return a report for a page of its own party's people; raises as ``made``."""
    of = _let_in(actor, name)
    return of.build(service, actor, _query(of, asked, latest_date(service.clock())))


def _let_in(actor: Actor, name: str) -> Kind:
    of = kind(name)
    actor.require(of.right, scope="read")
    return of


def _format(of: Kind, asked: str) -> str:
    if asked not in of.formats:
        raise InvalidQuery(f"the report {of.name} has the formats {', '.join(of.formats)}; got {asked[:20]!r}")
    return asked


def _query(of: Kind, asked: Mapping[str, str], as_of: date) -> Query:
    asked = {name: value for name, value in asked.items() if value}  # a form sends the fields left empty too
    unknown = sorted(name for name in asked if name not in (*of.parameters, *_OF_ALL))
    if unknown:
        taken = ", ".join((*of.parameters, *_OF_ALL))
        raise InvalidQuery(f"the report {of.name} is asked for by {taken}; got {unknown[0][:40]!r}")
    missing = sorted(name for name in of.required if not asked.get(name))
    if missing:
        raise InvalidQuery(f"the report {of.name} needs ?{missing[0]}=")
    first, last = _period(asked, as_of)
    named = {name: asked[name] for name in ("batch", "shipment", "notice") if asked.get(name)}
    if any(len(value) > _LONGEST for value in named.values()):
        raise InvalidQuery(f"expected at most {_LONGEST} characters of batch, shipment or notice")
    return Query(first, last, as_of, **named)


def _period(asked: Mapping[str, str], as_of: date) -> tuple[date, date]:
    year = asked.get("year")
    if year is not None and ("from" in asked or "to" in asked):
        raise InvalidQuery("ask for a year, or from and to; not both")
    if year is not None and not _YEAR.fullmatch(year):
        raise InvalidQuery(f"expected a year such as 2026; got {year[:20]!r}")
    if year is not None or not ("from" in asked or "to" in asked):
        whole = int(year) if year else as_of.year - 1
        return date(whole, 1, 1), date(whole, 12, 31)
    first, last = _day(asked, "from"), _day(asked, "to")
    if last < first:
        raise InvalidQuery(f"expected to on or after from; got {first} and {last}")
    return first, last


def _day(asked: Mapping[str, str], name: str) -> date:
    said = asked.get(name, "")
    try:
        return date.fromisoformat(said if _DAY.fullmatch(said) else "")
    except ValueError as error:
        raise InvalidQuery(f"write {name} as year-month-day, such as 2027-01-31; got {said[:20]!r}") from error
