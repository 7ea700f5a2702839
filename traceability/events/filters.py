"""The query parameters of GET /epcis/events (EPCIS 2.0, 8.2.7.1) that the first release answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from traceability.errors import InvalidQuery
from traceability.events import formats
from traceability.events.identifiers import normalise
from traceability.events.reading import parse_time
from traceability.events.vocabulary import BIZ_STEPS, EVENT_TYPES, bare_word, is_word_or_own_uri

PER_PAGE = 30
MAX_PER_PAGE = 100
_MAX_SIZE = 999_999_999  # no absurd digits
_MAX_VALUES = 100
_MAX_TOKEN = 2048


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events are asked for: empty tuples and None do not restrict; several values of one field are alternatives.

    Identifiers are normalised; times are in UTC, ``from_time`` included and ``before_time`` not.
    """

    event_types: tuple[str, ...] = ()
    epcs: tuple[str, ...] = ()
    epc_classes: tuple[str, ...] = ()
    biz_steps: tuple[str, ...] = ()
    from_time: datetime | None = None
    before_time: datetime | None = None
    per_page: int = PER_PAGE
    next_page_token: str | None = None


def parse_query(args: Mapping[str, str]) -> EventQuery:
    """Return the query that the parameters of a request describe.

    Raises:
        InvalidQuery: a parameter is unknown, repeated under two names, or its value cannot be used.

    """
    found: dict[str, object] = {}
    for name, text in args.items():
        if name not in _PARAMETERS:
            known = ", ".join(sorted(_PARAMETERS))
            raise InvalidQuery(f"unknown query parameter {name[:80]!r}: expected one of {known}")
        field, read = _PARAMETERS[name]
        if field in found:
            raise InvalidQuery(f"{name} repeats another parameter: give one of the two")
        found[field] = read(name, text)
    return EventQuery(**found)  # type: ignore[arg-type]  # each reader returns the type of its field


def _values(name: str, text: str) -> tuple[str, ...]:
    """Split a list parameter, which the REST binding delimits by the pipe sign."""
    values = tuple(text.split("|"))
    if "" in values or len(values) > _MAX_VALUES:
        raise InvalidQuery(f"{name}: expected 1 to {_MAX_VALUES} values with | between them, none of them empty")
    return values


def _event_types(name: str, text: str) -> tuple[str, ...]:
    values = _values(name, text)
    if not EVENT_TYPES.issuperset(values):
        raise InvalidQuery(f"{name}: expected {', '.join(sorted(EVENT_TYPES))}; got {text[:80]!r}")
    return values


def _identifiers(name: str, text: str) -> tuple[str, ...]:
    values = _values(name, text)
    for value in values:
        if not formats.is_uri(value):
            raise InvalidQuery(f"{name}: expected URIs, got {value[:80]!r}")
        if value.startswith("urn:epc:idpat:"):
            raise InvalidQuery(f"{name}: patterns are not answered, got {value[:80]!r}; name the identifiers")
    return tuple(map(normalise, values))


def _biz_steps(name: str, text: str) -> tuple[str, ...]:
    values = _values(name, text)
    for value in values:
        if not is_word_or_own_uri(value, BIZ_STEPS):
            raise InvalidQuery(f"{name}: expected CBV 2.0 business steps as bare words, got {value[:80]!r}")
    return tuple(map(bare_word, values))


def _time(name: str, text: str) -> datetime:
    if not formats.is_date_time(text):
        raise InvalidQuery(
            f"{name}: expected a date and time with its zone such as 2026-02-01T09:00:00Z, got {text[:80]!r}"
            " (a + in an address is written %2B)"
        )
    try:
        return parse_time(text).astimezone(UTC)
    except OverflowError as error:
        raise InvalidQuery(f"{name}: expected a time between the years 1 and 9999 in UTC, got {text[:80]!r}") from error


def per_page(name: str, text: str) -> int:
    """Read the page size; more than we give on one page is not wrong, the page is just smaller.

    Raises:
        InvalidQuery: it is no whole number from 1 to 999999999.

    """
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(_MAX_SIZE)) or int(text) < 1:
        raise InvalidQuery(
            f"{name}: expected a whole number from 1 to {_MAX_SIZE} (a page holds {MAX_PER_PAGE} at the most), "
            f"got {text[:80]!r}"
        )
    return min(int(text), MAX_PER_PAGE)


def _token(name: str, text: str) -> str:
    if not text or len(text) > _MAX_TOKEN:
        raise InvalidQuery(f"{name}: expected the token of a previous answer's next page")
    return text


_PARAMETERS: dict[str, tuple[str, Callable[[str, str], object]]] = {
    "eventType": ("event_types", _event_types),
    "MATCH_anyEPC": ("epcs", _identifiers),
    "MATCH_anyEPCClass": ("epc_classes", _identifiers),
    "EQ_bizStep": ("biz_steps", _biz_steps),
    "bizStep": ("biz_steps", _biz_steps),
    "GE_eventTime": ("from_time", _time),
    "LT_eventTime": ("before_time", _time),
    "perPage": ("per_page", per_page),
    "nextPageToken": ("next_page_token", _token),
}
