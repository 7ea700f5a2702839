"""Where the goods come from and went through: O, P, EX, D, dE, LOC and GEO of the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from traceability.diligence.definitions.areas import Location, location_of
from traceability.diligence.definitions.dates import optional_day
from traceability.diligence.definitions.events import Event
from traceability.diligence.definitions.items import Item, items
from traceability.diligence.definitions.smelters import reference_date


@dataclass(frozen=True, slots=True)
class Country:
    """A country (ISO 3166-1 alpha-2) and the JSON Pointer of the object that names it."""

    code: str
    at: str


def extracted_on(shipment: Mapping[str, Any], as_of: date) -> date:
    """dE: extraction_period.end, else extraction_period.start, else as_of."""
    return optional_day(shipment.get("extraction_period", {}), "end", "start") or as_of


def mine(shipment: Mapping[str, Any]) -> Item | None:
    """Return shipment.mine_of_origin, where stated."""
    stated = shipment.get("mine_of_origin")
    return None if stated is None else Item("/shipment/mine_of_origin", stated)


def declared_origins(shipment: Mapping[str, Any]) -> list[Country]:
    """O: the countries of shipment.origins."""
    return [Country(origin.value["country"], origin.at) for origin in items(shipment, "origins", "/shipment")]


def extraction_countries(events: Iterable[Event]) -> list[Country]:
    """EX: the countries of the effective extraction events."""
    return [
        Country(event.value["country"], event.at)
        for event in events
        if event.type == "extraction" and "country" in event.value
    ]


def produced_in(shipment: Mapping[str, Any], events: Iterable[Event]) -> list[Country]:
    """P: the countries of the effective extraction events, plus mine_of_origin.country."""
    stated = mine(shipment)
    return extraction_countries(events) + ([Country(stated.value["country"], stated.at)] if stated else [])


def documented_origins(documents: Iterable[Item]) -> list[Country]:
    """D: declared_origin_country over the documents."""
    key = "declared_origin_country"
    return [Country(item.value[key], item.at) for item in documents if key in item.value]


def chain_locations(shipment: Mapping[str, Any], events: list[Event], as_of: date) -> list[Location]:
    """LOC without the smelters' countries of origin: origins, mine, upstream locations, custody events."""
    extracted = extracted_on(shipment, as_of)
    stated = mine(shipment)
    located = _with_known_part(stated, events)
    origins = [
        location_of(origin, extracted)
        for origin in items(shipment, "origins", "/shipment")
        # A known part of the country says more than the bare country, which would match every listed part.
        if "subdivision" in origin.value or origin.value["country"] not in located
    ]
    upstream = [location_of(place, as_of) for place in items(shipment, "upstream_locations", "/shipment")]
    passed = [location_of(Item(event.at, event.value), event.on) for event in events if "country" in event.value]
    return origins + ([location_of(stated, extracted)] if stated else []) + upstream + passed


def smelter_locations(smelters: Iterable[Item], as_of: date) -> list[Location]:
    """The part of LOC that comes from smelters[].countries_of_origin, on each smelter reference date."""
    return [
        Location(country, None, reference_date(smelter.value, as_of), f"{smelter.at}/countries_of_origin/{number}")
        for smelter in smelters
        for number, country in enumerate(smelter.value.get("countries_of_origin", ()))
    ]


def manufacturer_location(shipment: Mapping[str, Any], as_of: date) -> list[Location]:
    """The part of GEO that comes from shipment.manufacturer, when its country is present."""
    manufacturer = shipment.get("manufacturer", {})
    return [location_of(Item("/shipment/manufacturer", manufacturer), as_of)] if "country" in manufacturer else []


def _with_known_part(stated: Item | None, events: Iterable[Event]) -> frozenset[str]:
    """Return the countries in which the mine of origin or an extraction event states a subdivision."""
    sources = [event.value for event in events if event.type == "extraction"] + ([stated.value] if stated else [])
    return frozenset(place["country"] for place in sources if "country" in place and "subdivision" in place)
