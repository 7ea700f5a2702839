"""OpenSanctions exports: ``targets.simple.csv`` and FollowTheMoney entities, one JSON object a line.

Their data is CC BY-NC: an importer loads its own copy, nothing of it is part of this project. The CSV does not tell
weak aliases from others, so all of its aliases are taken as weak; the JSON lines do. Edges (Ownership and the like) are
entities without a name and are left to whoever draws graphs: they are counted, not screened.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.lists.entries import Identifier, ListEntry, Name, names
from traceability.lists.fold import is_latin
from traceability.lists.identifiers import problem
from traceability.lists.places import Places
from traceability.lists.readers import births, table_text
from traceability.lists.readers.reading import Reading, within_limit

LIST_ID = "opensanctions"
_NEEDED: Final = ("id", "schema", "name", "aliases", "countries", "identifiers", "sanctions", "dataset")
_PARTIES: Final = frozenset({
    "Person", "Company", "Organization", "LegalEntity", "PublicBody", "Vessel", "Airplane", "Asset",
})  # fmt: skip
_PLACES: Final = ("country", "nationality", "jurisdiction", "flag")
_SCHEMA: Final = {"Airplane": "Aircraft"}
_NUMBERS: Final = {
    "leiCode": "lei", "imoNumber": "imo", "mmsi": "mmsi", "swiftBic": "bic", "dunsCode": "duns", "vatCode": "vat",
    "taxNumber": "tax", "innCode": "tax", "registrationNumber": "registration", "ogrnCode": "registration",
    "passportNumber": "passport", "idNumber": "national_id",
}  # fmt: skip


def read_simple(data: bytes, places: Places) -> Reading:
    """Return the entries of ``targets.simple.csv``; cells hold several values separated by semicolons."""
    reading = Reading(LIST_ID)
    for line, cells in table_text.rows(data, _NEEDED):
        if "" in cells or not (cells["id"] and cells["name"]):
            reading.ask(f"line {line}", "row", ",".join(cells.values()), "expected an id and a name", lost=True)
            continue
        placed = _placed(cells["schema"], cells["countries"].split(";"), places)
        born = births.kept(map(births.iso, cells.get("birth_date", "").split(";")))
        reading.entries.append(
            ListEntry(
                LIST_ID,
                cells["id"],
                "party",
                names=(*names("primary", [cells["name"]]), *names("weak", cells["aliases"].split(";"))),
                identifiers=tuple(_plain_numbers(cells["identifiers"].split(";"))),
                programmes=tuple(_unique(cells["sanctions"].split(";"))),
                source=cells["dataset"],
                **(placed | {"extra": placed["extra"] | born}),
            )
        )
    return reading


def read_lines(data: bytes, places: Places) -> Reading:
    """Return the entries of FollowTheMoney JSON lines: targets with a name. ``extra`` keeps the ids merged into one.

    Raises:
        InvalidInput: the file is too large; a line that is no such entity waits for review.

    """
    reading = Reading(LIST_ID)
    for line, raw in enumerate(within_limit(data).splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            entry = _entity(strict_json.loads(raw), places)
        except InvalidInput as error:
            reading.ask(f"line {line}", "row", raw.decode("utf-8", "replace"), error.detail, lost=True)
        else:
            reading.entries.extend([entry] if entry else [])
    return reading


def _entity(said: Any, places: Places) -> ListEntry | None:
    if not isinstance(said, dict) or not isinstance(said.get("properties"), dict) or not said.get("id"):
        raise InvalidInput("expected an entity with id, schema and properties")
    stated = {name: _texts(values) for name, values in said["properties"].items()}
    if str(said.get("schema")) not in _PARTIES:
        return None
    if not stated.get("name"):
        raise InvalidInput("expected a name")
    countries = [
        code for column in ("country", "nationality", "jurisdiction", "flag") for code in stated.get(column, ())
    ]
    merged = "|".join(_texts(said.get("referents", [])))
    placed = _placed(said["schema"], countries, places)
    more = births.kept(map(births.iso, stated.get("birthDate", ()))) | ({"merged": merged} if merged else {})
    return ListEntry(
        LIST_ID,
        str(said["id"]),
        "party",
        names=tuple(_names(stated)),
        identifiers=tuple(_numbers(stated, placed["country"])),
        programmes=tuple(_unique(_texts(said.get("datasets", [])))),
        **(placed | {"extra": placed["extra"] | more}),
    )


def _names(stated: Mapping[str, Sequence[str]]) -> Iterator[Name]:
    for place, text in enumerate(_unique(stated["name"])):
        latin = is_latin(text)
        yield Name(text, "primary" if place == 0 else "strong" if latin else "original_script")
    yield from names("strong", stated.get("alias", ()))
    yield from names("former", stated.get("previousName", ()))
    yield from names("weak", stated.get("weakAlias", ()))


def _numbers(stated: Mapping[str, Sequence[str]], country: str | None) -> Iterator[Identifier]:
    for column, scheme in _NUMBERS.items():
        yield from (Identifier(scheme, value, country) for value in stated.get(column, ()))


def _plain_numbers(values: Sequence[str]) -> Iterator[Identifier]:
    """Yield the numbers whose kind shows in their check digits: the CSV does not say of what kind a number is."""
    for value in _unique(values):
        found = (Identifier(scheme, value) for scheme in ("lei", "imo"))
        yield from (item for item in found if problem(item) is None)


def _placed(schema: str, stated: Sequence[str], places: Places) -> dict[str, Any]:
    codes = sorted({code for text in stated if (code := places.country_code(text.strip().upper()))})
    kind = _SCHEMA.get(schema, "Organization" if schema == "LegalEntity" else schema)
    several = {"countries": "|".join(codes)} if len(codes) > 1 else {}
    return {"country": codes[0] if len(codes) == 1 else None, "extra": {"schema": kind} | several}


def _texts(values: Any) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InvalidInput("expected every property to be a list of texts")
    return values


def _unique(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text for value in values if (text := value.strip())))
