"""Querying recorded events and captures: what the caller may see, in ledger order, page by page (EPCIS 2.0, 8.2.7)."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import orjson
from sqlmodel import Session, col, select

from traceability import strict_json
from traceability.errors import InvalidQuery, NotFound
from traceability.events.filters import PER_PAGE, EventQuery, per_page
from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.capture import require_own_captures
from traceability.services.context import Service
from traceability.services.counter_signatures import counter_signers
from traceability.services.gone import gone
from traceability.services.mandates import log_read, reader
from traceability.services.visible import View, view_of
from traceability.storage.tables import Capture, Event, EventItem, Item

T = TypeVar("T")
_TOKEN_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the token of the next page where there is one."""

    items: Sequence[T]
    next_token: str | None
    expires: str


def events(service: Service, actor: Actor, query: EventQuery, purpose: str | None = None) -> Page[Event]:
    """Return the recorded events a query asks for and the actor may see, in ledger order.

    Raises:
        Forbidden: a regulator or auditor has no mandate in force, or states no purpose.

    """
    actor.require("chain", scope="read")
    mandate, actor = reader(service, actor, purpose)
    if mandate is not None:
        log_read(service, actor, "events", "query", mandate, {"purpose": purpose, "query": str(query)[:500]})
    asked = _query_name(query)
    after = int(_read_token(service, asked, query.next_page_token) or -1)
    with service.store.read() as session:
        view = view_of(session, actor)
        statement = select(Event).where(col(Event.index) > after, view.condition(session.get_bind().dialect.name))
        statement = statement.where(col(Event.erased_index).is_(None))  # what is left of an erased one nobody signed
        statement = _filtered(statement, query).order_by(col(Event.index)).limit(query.per_page + 1)
        rows = list(session.exec(statement))
    return _page(service, asked, rows, query.per_page, lambda row: str(row.index))


def _query_name(query: EventQuery) -> str:
    """Return what stands for a query in its page tokens: all it asks for; the size of a page may change on the way."""
    asked = replace(query, per_page=PER_PAGE, next_page_token=None)
    return f"events-{hashlib.sha256(repr(asked).encode()).hexdigest()[:32]}"


def _filtered(statement: Any, query: EventQuery) -> Any:
    if query.event_types:
        statement = statement.where(col(Event.type).in_(query.event_types))
    if query.biz_steps:
        statement = statement.where(col(Event.biz_step).in_(query.biz_steps))
    if query.from_time is not None:
        statement = statement.where(col(Event.event_time) >= query.from_time)
    if query.before_time is not None:
        statement = statement.where(col(Event.event_time) < query.before_time)
    for keys in (query.epcs, query.epc_classes):
        if keys:
            named = select(EventItem.event_index).join(Item, col(Item.id) == col(EventItem.item_id))
            statement = statement.where(col(Event.index).in_(named.where(col(Item.key).in_(keys))))
    return statement


def event(service: Service, actor: Actor, event_id: str, purpose: str | None = None) -> bytes:
    """Return one event as JSON; one declared wrong carries its error declaration.

    Raises:
        NotFound: there is none with this id that the actor may see.
        Gone: it was erased when its retention ended.

    """
    actor.require("chain", scope="read")
    mandate, actor = reader(service, actor, purpose)
    if mandate is not None:
        log_read(service, actor, "event", event_id, mandate, {"purpose": purpose})
    with service.store.read() as session:
        view = view_of(session, actor)  # also where there is none, or the time would tell a foreign one from none
        rows = list(session.exec(select(Event).where(Event.event_id == normalise(event_id))))
        seen = [row for row in rows if _sees(session, view, row)]
        shown = max(seen, key=lambda row: row.declares_error, default=None)
        if shown is None:
            raise NotFound(f"there is no event {event_id[:200]} that you may see")
        if shown.erased_index is not None:
            raise gone(session, f"the event {event_id[:200]}", shown.erased_index, shown.index)
        return _shown(shown)


def _sees(session: Session, view: View, row: Event) -> bool:
    items = set(session.exec(select(EventItem.item_id).where(EventItem.event_index == row.index)))
    besides = counter_signers(session, [row.index]).get(row.index, ())
    return view.sees_event(row, items, besides)


def captures(service: Service, actor: Actor, args: Mapping[str, str]) -> Page[Capture]:
    """Return the captures of the actor's own party, newest first.

    Raises:
        Forbidden: another role, or an API key that may neither read nor capture.
        InvalidQuery: a parameter is unknown or cannot be used.

    """
    require_own_captures(actor)
    unknown = args.keys() - {"perPage", "nextPageToken"}
    if unknown:
        raise InvalidQuery(f"unknown query parameter {min(unknown)[:80]!r}: expected perPage or nextPageToken")
    size = per_page("perPage", args.get("perPage", str(PER_PAGE)))
    after = _read_token(service, "captures", args.get("nextPageToken"))
    with service.store.read() as session:
        statement = select(Capture).where(Capture.party_id == actor.own_party())
        if after is not None:
            moment, last_id = after.split("|")
            at = datetime.fromisoformat(moment)
            earlier = col(Capture.received_at) < at
            statement = statement.where(earlier | ((col(Capture.received_at) == at) & (col(Capture.id) > last_id)))
        statement = statement.order_by(col(Capture.received_at).desc(), col(Capture.id)).limit(size + 1)
        rows = list(session.exec(statement))
    return _page(service, "captures", rows, size, lambda row: f"{row.received_at.isoformat()}|{row.id}")


def query_document(rows: Sequence[Event], created: datetime) -> bytes:
    """Return recorded events as an EPCISQueryDocument, each with our recordTime."""
    prefix = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {"crm": "https://ref.example.org/crm/"},
        ],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": _text(created),
        "epcisBody": {
            "queryResults": {
                "queryName": "SimpleEventQuery",
                "resultsBody": {"eventList": [orjson.Fragment(_shown(row)) for row in rows]},
            }
        },
    }
    return orjson.dumps(prefix)


def _shown(row: Event) -> bytes:
    raw = strict_json.stored(row.body)
    raw["recordTime"] = _text(row.received_at)
    return strict_json.dumps(raw)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _page(service: Service, kind: str, rows: list[T], size: int, cursor: Callable[[T], str]) -> Page[T]:
    expires = (service.clock() + _TOKEN_LIFE).isoformat(timespec="seconds").replace("+00:00", "Z")
    if len(rows) <= size:
        return Page(rows, None, expires)
    return Page(rows[:size], _make_token(service, kind, cursor(rows[size - 1])), expires)


def _make_token(service: Service, kind: str, position: str) -> str:
    """Return a signed keyset cursor: pages stay where they are while data arrives (epcis.md 5)."""
    until = int((service.clock() + _TOKEN_LIFE).timestamp())
    text = f"{kind}~{position}~{until}"
    return base64.urlsafe_b64encode(f"{text}~{_mac(service, text)}".encode()).decode().rstrip("=")


def _read_token(service: Service, kind: str, token: str | None) -> str | None:
    """Return the position in a token of ours; None at the start."""
    if token is None:
        return None
    strange = InvalidQuery("nextPageToken is not one this service gave for these pages")
    try:
        text, mac = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii").rsplit("~", 1)
    except ValueError as error:
        raise strange from error
    if not hmac.compare_digest(mac, _mac(service, text)):
        raise strange
    for_kind, position, until = text.split("~")
    if for_kind != kind:
        raise InvalidQuery("nextPageToken was given for another query: ask that one again, or this one without it")
    if int(until) < service.clock().timestamp():
        raise InvalidQuery("nextPageToken has expired; ask again from the first page")
    return position


def _mac(service: Service, text: str) -> str:
    return hmac.new(service.salt, b"page:" + text.encode(), hashlib.sha256).hexdigest()[:32]
