"""The sites of a registration as sent: their form, field by field, before anything is stored (epcis.md 4)."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from traceability.errors import InvalidInput, Problem
from traceability.events.formats import is_uri
from traceability.events.identifiers import normalise
from traceability.iso import is_country, is_subdivision

_FIELDS = {"uri", "name", "country", "subdivision", "latitude", "longitude", "valid_from", "valid_to"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LIMITS = {"latitude": 90, "longitude": 180}
_MAX_SITES = 500
_MAX_PROBLEMS = 100


def listed(data: Any) -> list[Any]:
    """Return the sites of a body as they stand in it.

    Raises:
        InvalidInput: it is not ``{"sites": [...]}`` with 1 to 500 sites and nothing else.

    """
    sites = data.get("sites") if isinstance(data, dict) else None
    if not isinstance(sites, list) or not 1 <= len(sites) <= _MAX_SITES:
        raise InvalidInput(f'expected {{"sites": [...]}} with 1 to {_MAX_SITES} sites')
    _refuse([Problem(name[:100], "is no field of a registration of sites") for name in sorted(data.keys() - {"sites"})])
    return sites


def read_rows(sites: list[Any]) -> list[dict[str, Any]]:
    """Return the columns of each site.

    Raises:
        InvalidInput: with the place of each error; sites that speak of one place on the same days are one.

    """
    problems: list[Problem] = []
    rows = [_row(site, f"sites[{n}]", problems) for n, site in enumerate(sites)]
    if not problems:
        _compare(rows, problems)
    _refuse(problems)
    return rows


def _refuse(problems: list[Problem]) -> None:
    if problems:
        first = f"{problems[0].path}: {problems[0].message}. Nothing was recorded"
        raise InvalidInput(first, problems=problems[:_MAX_PROBLEMS])


def _row(site: Any, path: str, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(site, Mapping):
        problems.append(Problem(path, "expected an object"))
        return {}
    found = [Problem(f"{path}.{name}", "is no field of a site") for name in sorted(site.keys() - _FIELDS)]
    row = {name: site.get(name) for name in ("uri", "name", "country", "subdivision")}
    found += [Problem(f"{path}.{name}", why) for name, why in _texts(row)]
    row |= {name: _degrees(site.get(name), limit, f"{path}.{name}", found) for name, limit in _LIMITS.items()}
    row |= {name: _date(site.get(name), f"{path}.{name}", found) for name in ("valid_from", "valid_to")}
    absent = [name for name in _LIMITS if site.get(name) is None]
    if len(absent) == 1:
        found.append(Problem(f"{path}.{absent[0]}", "expected latitude and longitude together, or neither"))
    if row["valid_from"] and row["valid_to"] and row["valid_to"] < row["valid_from"]:
        found.append(Problem(f"{path}.valid_to", "lies before valid_from"))
    problems.extend(found)
    return row if found else row | {"key": normalise(str(row["uri"]))}


def _texts(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    uri, name, country, subdivision = (row[field] for field in ("uri", "name", "country", "subdivision"))
    found = []
    if not is_uri(uri) or len(uri) > 500:  # noqa: PLR2004  # the column's length
        found.append(("uri", "expected an absolute URI of at most 500 characters"))
    elif uri[:4].lower() == "geo:":
        found.append(
            ("uri", "expected an identifier; coordinates belong to nobody, state them as latitude and longitude")
        )
    if not isinstance(country, str) or not is_country(country):
        found.append(("country", "expected an ISO 3166-1 alpha-2 country such as CD"))
    if subdivision is not None and not _is_part(subdivision, country):
        found.append(("subdivision", f"expected an ISO 3166-2 code of {str(country)[:10]}, such as CD-NK"))
    if name is not None and not (isinstance(name, str) and 0 < len(name) <= 300 and name.isprintable()):  # noqa: PLR2004  # as above
        found.append(("name", "expected a name of at most 300 characters that can be printed"))
    return found


def _is_part(subdivision: Any, country: Any) -> bool:
    return isinstance(subdivision, str) and is_subdivision(subdivision) and subdivision[:2] == country


def _degrees(value: Any, limit: int, path: str, problems: list[Problem]) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not -limit <= value <= limit:
        problems.append(Problem(path, f"expected degrees from -{limit} to {limit} (WGS 84)"))
        return None
    return float(value)


def _date(value: Any, path: str, problems: list[Problem]) -> date | None:
    if value is None:
        return None
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:  # a day that no month has
        pass
    problems.append(Problem(path, "expected a date such as 2026-11-23"))
    return None


def _compare(rows: list[dict[str, Any]], problems: list[Problem]) -> None:
    """Refuse two rows about one place on one day: nobody could tell which of them its party meant."""
    earlier: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        same = [m for m in earlier.get(row["key"], ()) if _overlap(row, rows[m])]
        if same:
            problems.append(Problem(f"sites[{n}].uri", f"expected one row for a place and day; so is sites[{same[0]}]"))
        earlier.setdefault(row["key"], []).append(n)


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(
        (begun["valid_from"] or date.min) <= (ended["valid_to"] or date.max)
        for begun, ended in ((one, other), (other, one))
    )
