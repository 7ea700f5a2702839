"""Which reports there are: each with its law, for whom it is, who may ask, what it needs, and in which formats.

A report's module registers it with ``report`` and stands in ``MODULES``; faces ask ``kinds`` and ``kind`` only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib import import_module
from typing import Literal

from traceability.diligence.reports.model import Report
from traceability.errors import NotFound
from traceability.services.access import PERMISSIONS, Actor
from traceability.services.context import Service

Format = Literal["json", "pdf", "docx", "xlsx", "csv", "zip"]
Parameter = Literal["year", "from", "to", "batch", "shipment", "notice"]
Audience = Literal["public", "authority", "customer", "own"]

#: Modules of this package that register reports, in the order in which people see them.
_DUE_DILIGENCE: tuple[str, ...] = (
    "due_diligence", "recycled", "volumes", "smelters", "downstream", "bundle", "decision_register",
)  # fmt: skip
_TRADE: tuple[str, ...] = ("data_protection", "concentration", "form_sd", "us_customs", "flr_customs", "battery")
MODULES: tuple[str, ...] = (*_DUE_DILIGENCE, *_TRADE)


@dataclass(frozen=True, slots=True)
class Query:
    """What a report is asked about; ``first`` and ``last`` bound the period (days, UTC, both included).

    ``first`` and ``last`` are always there: a year gives its first and last day, and without any the calendar year
    before ``as_of`` is meant. ``notice`` is the reference of an authority's request.
    """

    first: date
    last: date
    as_of: date
    batch: str | None = None
    shipment: str | None = None
    notice: str | None = None

    @property
    def period(self) -> tuple[date, date]:
        """Return the first and last day."""
        return self.first, self.last


Build = Callable[[Service, Actor, Query], Report]
Files = Callable[[Service, Actor, Query], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report.

    ``right`` is an action of ``services.access.PERMISSIONS``; ``parameters`` are what may be asked by, ``required``
    those without which there is no report. ``build`` gets the actor to read as: its own party is whose report it is.
    ``files`` gives the files of format zip, by their path inside it, where the kind has that format.
    """

    name: str
    title: str
    law: str
    audience: Audience
    right: str
    parameters: tuple[Parameter, ...]
    formats: tuple[Format, ...]
    build: Build
    required: frozenset[Parameter] = frozenset()
    files: Files | None = field(default=None, compare=False)


_KINDS: dict[str, Kind] = {}
_ORDINARY: tuple[Format, ...] = ("json", "pdf", "docx", "xlsx", "csv")
_YEARLY: tuple[Parameter, ...] = ("year", "from", "to")


def report(  # noqa: PLR0913  # what a kind of report says of itself
    name: str, title: str, law: str, *, audience: Audience, right: str = "private",
    parameters: tuple[Parameter, ...] = _YEARLY, formats: tuple[Format, ...] = _ORDINARY,
    required: frozenset[Parameter] = frozenset(), files: Files | None = None,
) -> Callable[[Build], Build]:  # fmt: skip
    """Register what is decorated as the ``build`` of a kind of report.

    Raises:
        ValueError: the name is taken, there is no such right, or zip is promised without files; a mistake of ours.

    """

    def register(build: Build) -> Build:
        if name in _KINDS or right not in PERMISSIONS or ("zip" in formats) != (files is not None):
            raise ValueError(f"the report {name!r} cannot be registered so")
        _KINDS[name] = Kind(name, title, law, audience, right, parameters, formats, build, required, files)
        return build

    return register


@lru_cache(maxsize=1)
def _loaded() -> Mapping[str, Kind]:
    for module in MODULES:
        import_module(f"{__package__}.{module}")
    return _KINDS


def kinds(actor: Actor | None = None) -> list[Kind]:
    """Return every kind of report, or those that an actor's role may ask for."""
    return [one for one in _loaded().values() if actor is None or actor.may(one.right)]


def kind(name: str) -> Kind:
    """Return one kind of report; raises NotFound where there is none of that name."""
    found = _loaded().get(name)
    if found is None:
        raise NotFound(f"there is no report {name[:60]!r}; there are {', '.join(_loaded())}")
    return found
