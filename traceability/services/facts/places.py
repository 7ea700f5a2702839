"""Places that a shipment names in words, and places whose part of a country is unknown, against the area lists.

The facts take places as they are signed (facts.md 7), so a region that stands only in a name or an address is no region
to the rules. Here it is looked up within its country, on the day the rules would ask, and put before an officer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from traceability.diligence.definitions.places import extracted_on
from traceability.events.identifiers import normalise
from traceability.iso import is_country
from traceability.lists.codes import named
from traceability.lists.entries import ListEntry
from traceability.lists.places import Places
from traceability.lists.required import EU27
from traceability.services.facts.chain import chunks
from traceability.services.facts.listed import own_areas
from traceability.services.lists import ListBook
from traceability.storage.tables import Site
from traceability.texts import phrase

_AREAS: Final = ("eu-cahra", "transit-watch", "forced-labour-areas")
_FORCED_LABOUR: Final = "forced-labour-areas"
_LOCATED: Final = ("shipment", "custody_events", "upstream_parties")
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Stated:
    """A place without a stated part of its country: what it is, the words that may name the part, and the day asked."""

    what: str
    country: str
    words: str
    on: date
    produced: bool = True
    """Whether the goods were there, or only a party of theirs is."""


def place_notes(session: Session, book: ListBook, facts: Mapping[str, Any], as_of: date) -> list[dict[str, Any]]:
    """Return a note for each place that only words put into a listed area, or whose part of a country is unknown.

    A listed part that the record or the chain states is asked by the rules already; what a document says of a place is
    no statement of where the goods were.
    """
    record = facts["shipment"]
    places = [*_of_record(record, as_of), *_of_events(session, facts.get("custody_events", ()))]
    own, stated = own_areas(book), frozenset(_parts([facts.get(section) for section in _LOCATED]))
    areas = [entry for list_id in _AREAS for entry in book.entries.get(list_id, ())] + own
    unsaid = [entry for entry in areas if entry.code not in stated]
    notes = [note for place in places for note in _named(place, book.places, unsaid)]
    if own and "eu-cahra" not in book.versions:
        notes.append(_own_alone())
    return notes + (_unknown(places, book) if _only_us(record) else [])


def _parts(node: Any) -> Iterator[str]:
    """Yield every subdivision that a document states."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name in {"subdivision", "origin_subdivision"} and isinstance(value, str):
                yield value
            else:
                yield from _parts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _parts(item)


def _own_alone() -> dict[str, Any]:
    message = phrase("own areas were asked by name only: they join the list of conflict areas, which is not loaded")
    return {"kind": "own_areas_alone", "message": message, "review": True}


def _named(place: Stated, words: Places, areas: Iterable[ListEntry]) -> list[dict[str, Any]]:
    code = words.named_in(place.country, place.words) if place.words else None
    lists = dict.fromkeys(entry.list_id for entry in areas if code and entry.code == code and entry.in_force(place.on))
    if not lists:
        return []
    lists_named = ", ".join(map(named, lists))
    message = phrase(
        f"{place.what}: {place.words[:_SHOWN]!r} names {code}, which is listed ({lists_named}); "
        "no subdivision is stated"
    )
    return [{"kind": "place_in_words", "message": message, "code": code, "lists": list(lists), "review": True}]


def _only_us(record: Mapping[str, Any]) -> bool:
    """Tell whether goods may be bound for the US alone: on the Union market FLR-GEO-UNKNOWN says it."""
    bound = record.get("destination_country", "")
    return (bound == "US" or not is_country(bound)) and record.get("dispatch_country") not in EU27


def _unknown(places: Iterable[Stated], book: ListBook) -> list[dict[str, Any]]:
    """Return the places of the goods in a country with a listed forced-labour area, where the part is not known."""
    found = {}
    for place in places:
        parts = [
            entry.code
            for entry in book.entries.get(_FORCED_LABOUR, ())
            if entry.code and entry.code.startswith(f"{place.country}-") and entry.in_force(place.on)
        ]
        if place.produced and parts and not book.places.named_in(place.country, place.words):
            message = phrase(
                f"{place.what} is in {place.country} without a subdivision: it cannot be told apart from "
                f"{', '.join(sorted(parts))} ({named(_FORCED_LABOUR)}); ask where it is"
            )
            found[message] = {"kind": "region_unknown", "message": message, "review": True}
    return list(found.values())


def _of_record(record: Mapping[str, Any], as_of: date) -> Iterator[Stated]:
    extracted = extracted_on(record, as_of)
    mine = [record["mine_of_origin"]] if "mine_of_origin" in record else []
    makers = [record["manufacturer"]] if "manufacturer" in record else []
    located = {place["country"] for place in mine if "subdivision" in place}
    origins = [place for place in record.get("origins", ()) if place["country"] not in located]
    groups: tuple[tuple[str, Iterable[Mapping[str, Any]], date, bool], ...] = (
        ("origin", origins, extracted, True),
        (phrase("mine of origin"), mine, extracted, True),
        (phrase("place on the way"), record.get("upstream_locations", ()), as_of, True),
        ("manufacturer", makers, as_of, True),
        ("supplier", [record["supplier"]] if "supplier" in record else [], as_of, False),
        (phrase("supplier of the product"), record.get("product_suppliers", ()), as_of, False),
        ("smelter", record.get("smelters", ()), as_of, False),
    )
    for what, stated, on, produced in groups:
        for place in stated:
            if "country" in place and "subdivision" not in place:
                words = place.get("address") or place.get("name") or ""
                yield Stated(what, place["country"], words, on, produced)


def _of_events(session: Session, events: Sequence[Mapping[str, Any]]) -> Iterator[Stated]:
    """Yield the places of events, each on its own day, those in transit too."""
    open_ = [event for event in events if "country" in event and "subdivision" not in event]
    names = _site_names(session, {normalise(event["site_id"]) for event in open_ if event.get("site_id")})
    for event in open_:
        words = names.get(normalise(event["site_id"]), "") if event.get("site_id") else ""
        on = datetime.fromisoformat(event["event_time"]).date()
        yield Stated(f"{event['type']} of {on}", event["country"], words, on)


def _site_names(session: Session, keys: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in chunks(sorted(keys)):
        for row in session.exec(select(Site).where(col(Site.key).in_(chunk)).order_by(col(Site.id))):
            found[row.key] = row.name or ""
    return found
