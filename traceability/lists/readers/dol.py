"""US Department of Labor list of goods, XML: good, country, kind of labour; a derived good names another country."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from traceability.lists.entries import ListEntry, Name
from traceability.lists.places import Places
from traceability.lists.readers.reading import Reading, xml_root

LIST_ID = "us-dol-tvpra"


def read(data: bytes, places: Places, materials: Mapping[str, str]) -> Reading:
    """Return one entry per good and country; ``materials`` is the reviewed crosswalk good -> material code."""
    reading = Reading(LIST_ID)
    for good in xml_root(data).iter("Good"):
        reading.entries.extend(_entries(good, places, materials, reading))
    return reading


def _entries(good: Element, places: Places, materials: Mapping[str, str], reading: Reading) -> Iterator[ListEntry]:
    name = _text(good, "Good_Name")
    for row in good.iter("Country"):
        stated, derived = _text(row, "Country_Name"), _text(row, "Derived_Country")
        country, source_country = places.country_code(stated), places.country_code(derived)
        if not name or country is None or (derived != "No" and source_country is None):
            reading.ask(
                name,
                "country",
                f"{name} / {stated} / {derived}",
                "no name of a good, or a country not in the table",
                lost=True,
            )
            continue
        forced_child = _yes(row, "Forced_Child_Labor")
        extra = {"sector": _text(good, "Good_Sector"), "forced_child_labour": "yes" if forced_child else ""}
        yield ListEntry(
            LIST_ID,
            f"{name}/{country}" + (f"/from-{source_country}" if source_country else ""),
            "goods",
            names=(Name(name),),
            country=country,
            material=materials.get(name),
            child_labour=_yes(row, "Child_Labor") or forced_child,
            forced_labour=_yes(row, "Forced_Labor") or forced_child,
            extra=extra | ({"derived_from": source_country} if source_country else {}),
        )


def _yes(row: Element, tag: str) -> bool:
    return _text(row, tag) == "Yes"


def _text(element: Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())
