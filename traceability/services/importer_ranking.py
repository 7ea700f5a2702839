"""Importers beside each other for an authority that plans its checks by risk (Reg. (EU) 2017/821 Art. 11(2)).

Counted from the shipment records of a year, as their importers declared them, and from their newest assessments. No
score is made of it: what cannot be added - kilograms, places, findings - is ordered by one of them at a time. What is
not stated, not assessed or pending stands on its own and lowers nothing.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, get_args

from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.diligence.definitions.areas import AreaList, Location
from traceability.diligence.definitions.numbers import total
from traceability.diligence.definitions.places import extracted_on
from traceability.errors import InvalidQuery
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.facts import listed
from traceability.services.facts.importer import released
from traceability.services.lists import ListBook
from traceability.services.mandates import check_purpose, in_force, log_read
from traceability.services.reports.records import Assessed, Records, read
from traceability.services.reports.registry import Query
from traceability.services.reports.volumes import row_volumes
from traceability.services.volumes import is_whole, state_of
from traceability.storage.tables import Party, Shipment

Order = Literal["volume", "origin", "route", "findings"]
ORDERS: tuple[Order, ...] = get_args(Order)
Risk = Literal["listed", "possible", "unknown", "none"]
_SERIOUS: Final = ("critical", "major")


@dataclass(frozen=True, slots=True)
class Part:
    """Consignments of one kind, and their kilograms as far as they are stated."""

    consignments: int = 0
    kg: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One importer's year: everything that was released, and parts of it by origin, route and what rules raised.

    ``origins`` and ``routes`` are by risk: a listed place; ``possible``, a country of which a part is listed; unknown,
    nothing stated or no list loaded; none. ``findings`` count consignments by worst severity under law that applies;
    ``pending`` are those not assessed, or not to the end. ``rows`` counts rows of Annex I by where their volume stands.
    """

    party: Party
    whole: Part
    unweighed: int
    origins: Mapping[Risk, Part]
    routes: Mapping[Risk, Part]
    findings: Mapping[str, int]
    pending: int
    rows: Mapping[str, int]
    erased: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """The importers of a year in the order asked for, and which area lists were not loaded."""

    year: int
    as_of: date
    order: Order
    importers: Sequence[Ranked]
    not_loaded: Sequence[str]


def ranking(service: Service, actor: Actor, purpose: str | None, year: str = "", order: str = "volume") -> Ranking:
    """Return the importers that a regulator's mandate opens; the read is logged for each of them.

    Raises:
        Forbidden: not a regulator, no mandate in force, or no purpose stated.
        InvalidQuery: the year or the order is none.

    """
    actor.require("rank_importers", scope="read")
    stated = check_purpose(purpose)
    mandate = in_force(service, actor)[0]
    today = latest_date(service.clock())
    number, chosen = _year(year, today), _order(order)
    with service.store.read() as session:
        parties = _importers(session, mandate.importer_id)
        judge = _Areas(service.books.at(session, today))
        found = [
            _ranked(session, actor, one, judge, Query(date(number, 1, 1), date(number, 12, 31), today))
            for one in parties
        ]
    detail = {"purpose": stated, "year": number, "importers": len(parties)}
    log_read(service, actor, "importer ranking", str(number), mandate, detail, [one.id for one in parties])
    return Ranking(number, today, chosen, ordered(found, chosen), judge.not_loaded)


def _year(asked: str, today: date) -> int:
    if asked and not (len(asked) == len("2026") and asked.isascii() and asked.isdigit() and asked.startswith("20")):
        raise InvalidQuery(f"expected a year such as 2026; got {asked[:20]!r}")
    return int(asked) if asked else today.year


def _order(asked: str) -> Order:
    for one in ORDERS:
        if one == asked:
            return one
    raise InvalidQuery(f"expected an order of {', '.join(ORDERS)}; got {asked[:20]!r}")


def _importers(session: Session, only: str | None) -> list[Party]:
    wanted = select(Party).where(Party.state == "active").order_by(col(Party.name), col(Party.did))
    return [one for one in session.exec(wanted) if "importer" in one.roles and only in (None, one.id)]


def ordered(found: Iterable[Ranked], order: Order) -> list[Ranked]:
    """Return importers with the most to look at first; of equal ones those of whom less is known."""
    by = {
        "volume": lambda one: (one.whole.kg, one.unweighed),
        "origin": lambda one: _weight(one.origins),
        "route": lambda one: _weight(one.routes),
        "findings": lambda one: (*(one.findings.get(name, 0) for name in _SERIOUS), one.pending),
    }
    return sorted(found, key=by[order], reverse=True)


def _weight(parts: Mapping[Risk, Part]) -> tuple[Decimal, int, Decimal, int]:
    """Return what may come from a listed place, certain or possible; then what nobody stated."""
    risky = [parts[name] for name in ("listed", "possible") if name in parts]
    unknown = parts.get("unknown", Part())
    return total(one.kg for one in risky), sum(one.consignments for one in risky), unknown.kg, unknown.consignments


class _Areas:
    """The lists of conflict areas and of transit countries, and what they say of the places of a record."""

    def __init__(self, book: ListBook) -> None:
        self._book = book
        self.not_loaded = [name for name in ("eu-cahra", "transit-watch") if name not in book.versions]

    def origin(self, record: Mapping[str, Any], on: date) -> Risk:
        """Return the risk of where a record says its goods are from."""
        mine = record.get("mine_of_origin")
        return self._worst("cahra", [*record.get("origins", ()), *([mine] if mine else [])], on)

    def route(self, record: Mapping[str, Any], on: date) -> Risk:
        """Return the risk of where a record says they were handled and sent from."""
        sent = record.get("dispatch_country")
        return self._worst(
            "transit_watch", [*record.get("upstream_locations", ()), *([{"country": sent}] if sent else [])], on
        )

    def _worst(self, name: str, places: Collection[Mapping[str, Any]], on: date) -> Risk:
        sections = listed.lists(self._book, {"upstream_locations": list(places)}, only=frozenset({name}))
        areas = AreaList(sections, name)
        at = [Location(one["country"], one.get("subdivision"), on, "") for one in places if one.get("country")]
        if not at or not areas.loaded:
            return "unknown"
        if any(areas.strict(one) for one in at):
            return "listed"
        return "possible" if any(areas.unknown_part(one) for one in at) else "none"


def _ranked(session: Session, actor: Actor, party: Party, judge: _Areas, query: Query) -> Ranked:
    reader = replace(actor, party_id=party.id)
    had = read(session, reader, query)
    shipments = had.shipments
    return Ranked(
        party, _part(shipments), sum(_kg(one) is None for one in shipments),
        _by_risk(shipments, lambda one: judge.origin(one.record, extracted_on(one.record, released(one)))),
        _by_risk(shipments, lambda one: judge.route(one.record, released(one))),
        Counter(_severity(had.assessed.get(one.shipment_id)) for one in shipments),
        sum(_waits(had.assessed.get(one.shipment_id)) for one in shipments),
        _rows(session, reader, had, query), had.erased,
    )  # fmt: skip


def _rows(session: Session, reader: Actor, had: Records, query: Query) -> Counter[str]:
    whole = is_whole(reader, had)
    found = row_volumes(session, had, query.first.year, query.as_of)
    return Counter(state_of(one.total if whole else None, one.threshold) for one in found)


def _kg(one: Shipment) -> Decimal | None:
    stated = one.record.get("net_weight_kg")
    return None if stated is None else Decimal(stated)


def _part(shipments: Collection[Shipment]) -> Part:
    return Part(len(shipments), total(_kg(one) or Decimal(0) for one in shipments))


def _by_risk(shipments: Iterable[Shipment], of: Any) -> dict[Risk, Part]:
    groups: dict[Risk, list[Shipment]] = {}
    for one in shipments:
        groups.setdefault(of(one), []).append(one)
    return {risk: _part(group) for risk, group in groups.items()}


def _severity(run: Assessed | None) -> str:
    """Return the worst severity that rules of applicable law raised; what was not assessed has none, and is no none."""
    if run is None:
        return "not_assessed"
    raised = {one["severity"] for one in run.result["findings"] if not one.get("advisory")}
    return next((name for name in (*_SERIOUS, "gap", "minor") if name in raised), "none_raised")


def _waits(run: Assessed | None) -> bool:
    return run is None or bool(run.pending)
