"""Places and area lists: the functions match and strict of the catalogue, and what an unknown subdivision means."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from traceability.diligence.definitions.dates import in_force
from traceability.diligence.definitions.items import Item, items


class Location(NamedTuple):
    """A place on a date: ISO 3166-1 country, ISO 3166-2 subdivision or none where unknown, and its JSON Pointer."""

    country: str
    subdivision: str | None
    on: date
    at: str

    @property
    def name(self) -> str:
        return self.subdivision or self.country


class AreaMatch(NamedTuple):
    """A location and the list entry it matches."""

    location: Location
    entry: Item

    @property
    def evidence(self) -> tuple[str, str]:
        return (self.location.at, self.entry.at)


def location_of(place: Item, on: date) -> Location:
    """Return an object with country and perhaps subdivision as a location on that date."""
    return Location(place.value["country"], place.value.get("subdivision"), on, place.at)


class AreaList:
    """One area list of the facts, by code; a list that is not loaded matches nothing."""

    def __init__(self, lists: Mapping[str, Any], name: str) -> None:
        section: Mapping[str, Any] = lists.get(name, {})
        self.loaded = name in lists
        self.version: str | None = section.get("list_version")
        self._by_code: dict[str | None, list[Item]] = {}
        self._parts: dict[str, list[Item]] = {}
        for entry in items(section, "entries", f"/lists/{name}"):
            code: str = entry.value["code"]
            self._by_code.setdefault(code, []).append(entry)
            if "-" in code:
                self._parts.setdefault(code[:2], []).append(entry)

    def match(self, location: Location) -> AreaMatch | None:
        """Apply fn match: as strict; besides, an unknown part of a country cannot exclude a listed part."""
        found = self.strict(location)
        if found is None and location.subdivision is None:
            found = self.unknown_part(location)
        return found

    def strict(self, location: Location) -> AreaMatch | None:
        """Apply fn strict: an entry in force on the date names the country or the very subdivision."""
        for code in (location.country, location.subdivision):
            if code in self._by_code and (found := _in_force(self._by_code[code], location)) is not None:
                return found
        return None

    def unknown_part(self, location: Location) -> AreaMatch | None:
        """Return an entry in force for a subdivision of the country, for a location that states no subdivision."""
        if location.subdivision is not None or location.country not in self._parts:
            return None
        return _in_force(self._parts[location.country], location)


def _in_force(entries: Iterable[Item], location: Location) -> AreaMatch | None:
    return next((AreaMatch(location, entry) for entry in entries if in_force(entry.value, location.on)), None)


def matches(test: Callable[[Location], AreaMatch | None], locations: Iterable[Location]) -> list[AreaMatch]:
    """Return the match of every location that has one under ``test``, in the order of the locations."""
    return [found for found in map(test, locations) if found is not None]
