"""Country and subdivision codes as the loaded ISO tables hold them (ISO 3166-1 and 3166-2; lists ``iso-3166-*``)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from traceability.storage.tables import ListEntryRow, ListVersionRow

COUNTRY = re.compile(r"[A-Z]{2}")
SUBDIVISION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")

_COUNTRIES = ("iso-3166-1",)
# a code that ISO withdrew still stands on lists and permits, so it is no mistake
_SUBDIVISIONS = ("iso-3166-2", "iso-3166-2-history")
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Codes:
    """Which of the codes asked about the tables hold; None where no table is loaded, so that only the form is known."""

    countries: frozenset[str] | None
    subdivisions: frozenset[str] | None

    def is_country(self, code: object) -> bool:
        """Tell whether the text is an ISO 3166-1 alpha-2 code; without a table, whether it looks like one."""
        return _is(code, COUNTRY, self.countries)

    def is_subdivision(self, code: object, country: object) -> bool:
        """Tell whether the text is an ISO 3166-2 code of this country; without a table, whether it looks like one."""
        return _is(code, SUBDIVISION, self.subdivisions) and str(code)[:2] == country


def _is(code: object, form: re.Pattern[str], known: frozenset[str] | None) -> bool:
    return isinstance(code, str) and bool(form.fullmatch(code)) and (known is None or code in known)


def read_codes(session: Session, asked: Iterable[object]) -> Codes:
    """Look codes of either kind up in the tables in force; what is no text or has not the form is left out."""
    texts = {code for code in asked if isinstance(code, str)}
    countries = {code for code in texts if COUNTRY.fullmatch(code)}
    parts = {code for code in texts if SUBDIVISION.fullmatch(code)}
    return Codes(_held(session, _COUNTRIES, countries), _held(session, _SUBDIVISIONS, parts))


def _held(session: Session, list_ids: tuple[str, ...], codes: set[str]) -> frozenset[str] | None:
    in_force = select(ListVersionRow.id, ListVersionRow.list_id).where(
        col(ListVersionRow.list_id).in_(list_ids), ListVersionRow.state == "active"
    )
    versions = {list_id: version for version, list_id in session.exec(in_force)}
    if list_ids[0] not in versions:
        return None
    found: set[str] = set()
    wanted = sorted(codes)
    for start in range(0, len(wanted), _CHUNK):
        held = select(ListEntryRow.code).where(
            col(ListEntryRow.version_id).in_(versions.values()),
            ListEntryRow.kind == "code",
            col(ListEntryRow.code).in_(wanted[start : start + _CHUNK]),
        )
        found.update(code for code in session.exec(held) if code is not None)
    return frozenset(found)
