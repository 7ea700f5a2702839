"""Where an event happened (facts.md 6): the registered site, else coordinates, else what a birth event states.

Coordinates alone (``geo:`` URIs, RFC 5870) give a country where the map is sure (``borders``), never a part of one:
that comes from the event, where it states one in the same country. They carry a note.
"""

import re
from dataclasses import dataclass
from datetime import date
from math import asin, cos, radians, sin, sqrt

from traceability.custody import terms
from traceability.custody.borders import Found, country_at
from traceability.custody.model import Site, World
from traceability.custody.steps import Step
from traceability.events.model import CustodyEvent

Point = tuple[float, float]

_GEO = re.compile(r"geo:(-?[0-9]{1,3}(?:\.[0-9]{1,20})?),(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)(?:[,;].*)?", re.IGNORECASE)
_EARTH_KM = 6371.0
_MAX_LATITUDE, _MAX_LONGITUDE = 90, 180


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an event: its registered site if any, country and region if known, coordinates if known.

    site_id is the identifier as the facts show it; unknown holds the stated places that no registration covers;
    unsure says why coordinates give no country.
    """

    site: Site | None = None
    site_id: str | None = None
    country: str | None = None
    subdivision: str | None = None
    point: Point | None = None
    unknown: tuple[str, ...] = ()
    unsure: str = ""


def event_day(event: CustodyEvent) -> date:
    """Return the calendar date as written in the event's time."""
    return event.event_time.date()


def place_of(step: Step, world: World) -> Place:
    """Return where the step's last event happened: readPoint before bizLocation before coordinates before an origin."""
    event = step.event
    stated = [uri for uri in (event.read_point, event.biz_location) if uri]
    # a later part of the same transformation must not move what was recorded before it
    recorded = min(member.index for member in step.members)
    sites = [(uri, world.site(uri, event_day(event), recorded)) for uri in dict.fromkeys(stated)]
    unknown = tuple(uri for uri, site in sites if site is None and not is_geo(uri))
    point = next((geo for uri in stated if (geo := coordinates(uri))), None)
    site = next((site for _, site in sites if site), None)
    if site is not None:
        here = point if site.latitude is None or site.longitude is None else (site.latitude, site.longitude)
        return Place(site, site.uri, site.country, site.subdivision, here, unknown)
    country, subdivision = terms.origin(event) if step.creates else (None, None)
    found = country_at(*point) if point else Found(None)
    if found.country and found.country != country:
        country, subdivision = found.country, None
    return Place(None, unknown[0] if unknown else None, country, subdivision, point, unknown, found.why)


def is_geo(uri: str) -> bool:
    """Tell whether a place is given by coordinates only."""
    return uri[:4].lower() == "geo:"


def coordinates(uri: str) -> Point | None:
    """Return latitude and longitude (WGS 84, degrees) of a geo: URI, or None."""
    match = _GEO.fullmatch(uri)
    if match is None:
        return None
    latitude, longitude = float(match[1]), float(match[2])
    return (latitude, longitude) if abs(latitude) <= _MAX_LATITUDE and abs(longitude) <= _MAX_LONGITUDE else None


def distance_km(here: Point, there: Point) -> float:
    """Return the great-circle distance in km (haversine, mean Earth radius)."""
    north, east = radians(there[0] - here[0]), radians(there[1] - here[1])
    chord = sin(north / 2) ** 2 + cos(radians(here[0])) * cos(radians(there[0])) * sin(east / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))
