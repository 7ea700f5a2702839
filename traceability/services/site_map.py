"""Where a chain went, for a map: its places in order, the legs between them, and which lie in a conflict area.

A place counts as listed when the area list named it on the day of an event there, as the rules ask it. What lies in a
listed country without saying in which part of it may be listed: that is said, and is no "not listed".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.diligence.definitions.areas import AreaList, Location
from traceability.events.identifiers import normalise
from traceability.services.context import Service
from traceability.services.facts import listed
from traceability.storage.tables import Site

Area = Literal["listed", "part_unknown", "not_listed", "not_known"]
_WORST: tuple[Area, ...] = ("listed", "part_unknown", "not_known", "not_listed")


class Place(NamedTuple):
    """A place as events state it: its site's identifier, ISO 3166 codes, WGS 84 degrees; None is not stated."""

    site: str | None
    country: str | None
    subdivision: str | None
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A place under its number: its name where it is registered, the ledger entries of its events, its area."""

    number: int
    place: Place
    name: str | None
    entries: tuple[int, ...]
    area: Area


@dataclass(frozen=True, slots=True)
class Leg:
    """Goods on their way: numbers of the places, when they left and arrived as far as events tell, and the batches."""

    start: int
    end: int
    left: str
    arrived: str
    batches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteMap:
    """Places and legs of a chain; ``unplaced`` events state none; ``version`` is of the area list, None if unloaded."""

    spots: Sequence[Spot]
    legs: Sequence[Leg]
    unplaced: int
    version: str | None
    countries: frozenset[str]
    """The countries of the places that are listed, or of which a part is, today."""


@dataclass(slots=True)
class _Seen:
    number: int
    entries: list[int] = field(default_factory=list)
    days: set[date] = field(default_factory=set)


def of_chain(service: Service, events: Iterable[Mapping[str, Any]]) -> SiteMap:
    """Return the places of the events of a chain query that count, in their order."""
    counted = [one for one in events if one["effective"] and not one["declares_error"]]
    placed = [(_place(one), one) for one in counted]
    seen: dict[Place, _Seen] = {}
    for place, event in placed:
        if place.site or place.country:
            at = seen.setdefault(place, _Seen(len(seen) + 1))
            at.entries.append(event["index"])
            at.days.add(date.fromisoformat(event["time"][:10]))
    numbers = {place: one.number for place, one in seen.items()}
    unplaced = len(placed) - sum(len(one.entries) for one in seen.values())
    return _judged(service, seen, _legs(placed, numbers), unplaced)


def of_sites(service: Service, sites: Iterable[Site]) -> SiteMap:
    """Return the registered places of a party, judged by the area list of today."""
    today = latest_date(service.clock())
    seen: dict[Place, _Seen] = {}
    for row in sites:
        place = Place(row.uri, row.country, row.subdivision, row.latitude, row.longitude)
        at = seen.setdefault(place, _Seen(len(seen) + 1))
        at.entries.append(row.entry_index)
        at.days.add(today)
    return _judged(service, seen, [], 0)


def _place(event: Mapping[str, Any]) -> Place:
    return Place(event["site"], event["country"], event["subdivision"], event["latitude"], event["longitude"])


def _legs(placed: Sequence[tuple[Place, Mapping[str, Any]]], numbers: Mapping[Place, int]) -> list[Leg]:
    """Return a leg for each two places of which one batch was seen at the one, and then at the other."""
    last: dict[str, tuple[int, str]] = {}
    found: dict[tuple[int, int], dict[str, tuple[str, str]]] = {}
    for place, event in placed:
        number = numbers.get(place)
        if number is None:
            continue
        for batch in dict.fromkeys(one["batch"] for one in (*event["observed"], *event["inputs"])):
            before, left = last.get(batch, (number, ""))
            if before != number:
                found.setdefault((before, number), {}).setdefault(batch, (left, event["time"]))
        for one in (*event["observed"], *event["outputs"]):
            last[one["batch"]] = number, event["time"]
    return [_leg(start, end, by) for (start, end), by in found.items()]


def _leg(start: int, end: int, by: Mapping[str, tuple[str, str]]) -> Leg:
    """Return a leg; the order of the events is that of the chain, so its first batch left first."""
    left, arrived = next(iter(by.values()))[0], list(by.values())[-1][1]
    return Leg(start, end, left, arrived, tuple(by))


def _judged(service: Service, seen: Mapping[Place, _Seen], legs: Sequence[Leg], unplaced: int) -> SiteMap:
    today = latest_date(service.clock())
    named = [{"country": one.country} for one in seen if one.country]
    with service.store.read() as session:
        book = service.books.at(session, today)
        names = _names(session, seen)
    areas = AreaList(listed.lists(book, {"custody_events": named}, only=frozenset({"cahra"})), "cahra")
    spots = [
        Spot(at.number, place, names.get(normalise(place.site)) if place.site else None, tuple(at.entries),
             _worst(_area(areas, place, day) for day in at.days))
        for place, at in seen.items()
    ]  # fmt: skip
    countries = frozenset(
        one.country for one in seen if one.country and areas.match(Location(one.country, None, today, ""))
    )
    return SiteMap(spots, legs, unplaced, areas.version if areas.loaded else None, countries)


def _names(session: Session, places: Iterable[Place]) -> dict[str, str | None]:
    keys = sorted({normalise(one.site) for one in places if one.site})
    return dict(session.exec(select(Site.key, Site.name).where(col(Site.key).in_(keys)).order_by(col(Site.id))).all())


def _area(areas: AreaList, place: Place, on: date) -> Area:
    if not areas.loaded or place.country is None:
        return "not_known"
    where = Location(place.country, place.subdivision, on, "")
    if areas.strict(where):
        return "listed"
    return "part_unknown" if areas.unknown_part(where) else "not_listed"


def _worst(areas: Iterable[Area]) -> Area:
    return min(areas, key=_WORST.index)
