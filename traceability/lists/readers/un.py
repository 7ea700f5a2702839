"""UN Security Council Consolidated List, XML: persons and entities, read with external entities off.

An entity's name stands in FIRST_NAME, two companies of one entry are joined by `` ; ``; alias elements may be empty,
and an alias may hold several spellings separated by semicolons, or a native name with its transcriptions in brackets.
"""

import re
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

from traceability.errors import InvalidInput
from traceability.lists.entries import Identifier, ListEntry, Name, Quality, names
from traceability.lists.fold import is_latin
from traceability.lists.places import Places
from traceability.lists.readers import births
from traceability.lists.readers.reading import Reading, xml_root

LIST_ID = "un-sc"
_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_QUALITIES: dict[str, Quality] = {"Good": "strong", "a.k.a.": "strong", "Low": "weak", "f.k.a.": "former"}
# Some dates carry a zone, "2015-04-07-04:00": the day as written counts.
_DAY = len("2015-04-07")
# Anywhere else "Congo" may be either of two countries; in UN documents it is this one.
_UN_NAMES = {"Congo": "CG"}
_NO_COUNTRY = {"", "na", "former Soviet Union"}
# What publishers write into an alias besides names: a native spelling, a birth date, a remark in brackets.
_NATIVE = re.compile(r"^(?P<name>[^()]+?) \(original script: (?P<native>[^()]+)\)$")
_NOTE = re.compile(r",? born\b|\((?=[^()]*(?:passport|identity|born))", re.IGNORECASE)
_BETWEEN_SPELLINGS = re.compile(r"[;()]| b\) ")


def published(data: bytes) -> str:
    """Return the moment the publisher generated the file: the list's version.

    Raises:
        InvalidInput: it is no whole XML, or does not say when it was generated.

    """
    said = xml_root(data).get("dateGenerated", "")
    if not said:
        raise InvalidInput("expected the UN consolidated list with the attribute dateGenerated")
    return said


def read(data: bytes, places: Places) -> Reading:
    """Return the entries of the list.

    Raises:
        InvalidInput: it is no whole XML, or declares a document type.

    """
    reading = Reading(LIST_ID)
    for element in xml_root(data).iter():
        if element.tag in {"INDIVIDUAL", "ENTITY"}:
            if _text(element, "REFERENCE_NUMBER") and _own_name(element):
                reading.entries.append(_entry(element, places, reading))
            else:
                said = " ".join(" ".join(element.itertext()).split())
                reading.ask(said[:80], "entry", said, "expected a reference number and a name", lost=True)
    return reading


def _entry(element: Element, places: Places, reading: Reading) -> ListEntry:
    key = _text(element, "REFERENCE_NUMBER")
    countries = _countries(key, element, places, reading)
    schema = "Person" if element.tag == "INDIVIDUAL" else "Organization"
    return ListEntry(
        LIST_ID,
        key,
        "party",
        names=tuple({name.text: name for name in reversed(list(_names(key, element, reading)))}.values())[::-1],
        identifiers=tuple(dict.fromkeys(_identifiers(element, places))),
        country=countries[0] if len(countries) == 1 else None,
        programmes=(_text(element, "UN_LIST_TYPE"),),
        valid_from=_listed_on(key, element, reading),
        extra={
            "schema": schema,
            **({"countries": "|".join(countries)} if len(countries) > 1 else {}),
            **births.kept(map(births.of_un, element.iter("INDIVIDUAL_DATE_OF_BIRTH"))),
        },
    )


def _names(key: str, element: Element, reading: Reading) -> Iterator[Name]:
    yield from names("primary", _own_name(element).split(" ; "))
    for alias in (*element.iter("INDIVIDUAL_ALIAS"), *element.iter("ENTITY_ALIAS")):
        text, quality = _text(alias, "ALIAS_NAME"), _text(alias, "QUALITY")
        if text and quality not in _QUALITIES:
            reading.ask(key, "alias", text, f"alias quality {quality!r} is unknown", lost=True)
        elif text:
            yield from _alias(key, text, _QUALITIES[quality], reading)
    for text in _text(element, "NAME_ORIGINAL_SCRIPT").split(";"):
        if text.strip():
            yield Name(text.strip(), "original_script")


def _own_name(element: Element) -> str:
    return " ".join(filter(None, (_text(element, part) for part in _PARTS)))


def _alias(key: str, text: str, quality: Quality, reading: Reading) -> Iterator[Name]:
    native, note = _NATIVE.match(text), _NOTE.search(text)
    if native:
        yield from (Name(native["name"], quality), Name(native["native"], "original_script"))
    elif note:
        reading.ask(key, "alias", text, "the alias holds a remark, which is left out", lost=False)
        yield Name(text[: note.start()].strip(), quality)
    elif ";" in text:
        for part in _BETWEEN_SPELLINGS.split(text):
            if part.strip() and part.strip() != "original script":
                yield Name(part.strip(), quality if is_latin(part) else "original_script")
    else:
        yield Name(text, quality)


def _listed_on(key: str, element: Element, reading: Reading) -> date | None:
    """Return the day as written; without one that can be read the entry counts as in force, which asks a person."""
    text = _text(element, "LISTED_ON")
    try:
        return date.fromisoformat(text[:_DAY])
    except ValueError:
        reading.ask(key, "listed_on", text, "expected a date such as 2015-04-07; taken as open", lost=False)
        return None


def _countries(key: str, element: Element, places: Places, reading: Reading) -> list[str]:
    stated = [_squeezed(value.text) for value in element.findall("NATIONALITY/VALUE")]
    addresses = (*element.iter("INDIVIDUAL_ADDRESS"), *element.iter("ENTITY_ADDRESS"))
    stated.extend(_text(address, "COUNTRY") for address in addresses)
    codes = set()
    for text in dict.fromkeys(stated):
        code = _UN_NAMES.get(text) or places.country_code(text)
        if code:
            codes.add(code)
        elif text not in _NO_COUNTRY:
            reading.ask(key, "country", text, "country name not in the table of names", lost=False)
    return sorted(codes)


def _identifiers(element: Element, places: Places) -> Iterator[Identifier]:
    for document in element.iter("INDIVIDUAL_DOCUMENT"):
        kind, number = _text(document, "TYPE_OF_DOCUMENT").lower(), _text(document, "NUMBER")
        country = _text(document, "ISSUING_COUNTRY") or _text(document, "COUNTRY_OF_ISSUE")
        if number:
            scheme = "national_id" if "identif" in kind else "passport"
            yield Identifier(scheme, number.replace("|", " "), places.country_code(country))


def _text(element: Element, tag: str) -> str:
    return _squeezed(element.findtext(tag))


def _squeezed(text: str | None) -> str:
    return " ".join((text or "").split())
