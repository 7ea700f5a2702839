"""From a valid EPCIS 2.0 body to custody events. Call only after ``document_problems`` and found nothing."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from traceability.events.model import (
    CRM_IRI,
    CRM_PREFIX,
    CustodyEvent,
    Endpoint,
    ErrorDeclaration,
    Quantity,
    Transaction,
)
from traceability.events.vocabulary import EVENT_TYPES, bare_word

_COMMON = frozenset(
    """
    @context type eventTime recordTime eventTimeZoneOffset eventID certificationInfo errorDeclaration
    """.split()  # noqa: SIM905  # reads as the schema lists them
)
_FIELDS = _COMMON | frozenset(
    """
    action epcList quantityList bizStep disposition persistentDisposition readPoint bizLocation bizTransactionList
    sourceList destinationList sensorElementList ilmd parentID childEPCs childQuantityList inputEPCList
    inputQuantityList outputEPCList outputQuantityList transformationID
    """.split()  # noqa: SIM905  # as above
)

_USUAL = frozenset({CRM_PREFIX})


def read_events(body: Mapping[str, Any]) -> tuple[CustodyEvent, ...]:
    """Return the events of a valid EPCISDocument or EPCISQueryDocument, or the one event the body is, in order."""
    prefixes = _crm_prefixes(body.get("@context"))
    return tuple(
        _read_event(event, prefixes if event is body else prefixes | _crm_prefixes(event.get("@context")))
        for event in event_list(body)
    )


def event_list(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the events of a valid body as parsed JSON, in order."""
    if body["type"] == "EPCISDocument":
        return list(body["epcisBody"]["eventList"])
    if body["type"] == "EPCISQueryDocument":
        return list(body["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
    return [body]


def parse_time(text: str) -> datetime:
    """Return an RFC 3339 date-time as an aware datetime in its own zone, to the microsecond.

    Raises:
        ValueError: the text is no date-time.

    """
    return datetime.fromisoformat(text.upper())


def _read_event(event: Mapping[str, Any], prefixes: frozenset[str]) -> CustodyEvent:
    """Return one event; of a type that is not one of the five only what all types share is read."""
    known = _FIELDS if event["type"] in EVENT_TYPES else _COMMON
    fields = {name: value for name, value in event.items() if name in known}
    recorded = fields.get("recordTime")
    persistent = fields.get("persistentDisposition", {})
    return CustodyEvent(
        event_id=fields.get("eventID"),
        type=event["type"],
        action=fields.get("action"),
        biz_step=_word(fields.get("bizStep")),
        disposition=_word(fields.get("disposition")),
        event_time=parse_time(event["eventTime"]),
        event_time_text=event["eventTime"],
        event_time_zone=event["eventTimeZoneOffset"],
        record_time=parse_time(recorded) if recorded else None,
        record_time_text=recorded,
        read_point=fields.get("readPoint", {}).get("id"),
        biz_location=fields.get("bizLocation", {}).get("id"),
        parent_id=fields.get("parentID"),
        transformation_id=fields.get("transformationID"),
        persistent_set=tuple(map(bare_word, persistent.get("set", ()))),
        persistent_unset=tuple(map(bare_word, persistent.get("unset", ()))),
        ilmd=fields.get("ilmd", {}),
        extensions={name: value for name, value in event.items() if name not in known},
        sensor_elements=tuple(fields.get("sensorElementList", ())),
        certification_info=_texts(fields.get("certificationInfo", ())),
        error_declaration=_declaration(fields.get("errorDeclaration")),
        crm_prefixes=prefixes,
        raw=event,
        **_goods(fields),
        **_relations(fields),
    )


def _goods(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything that says which goods an event is about."""
    children, child_quantities = _texts(fields.get("childEPCs", ())), _quantities(fields.get("childQuantityList", ()))
    return {
        "epcs": _texts(fields.get("epcList", ())) or children,
        "child_epcs": children,
        "quantities": _quantities(fields.get("quantityList", ())) or child_quantities,
        "child_quantities": child_quantities,
        "inputs": _quantities(fields.get("inputQuantityList", ())),
        "outputs": _quantities(fields.get("outputQuantityList", ())),
        "input_epcs": _texts(fields.get("inputEPCList", ())),
        "output_epcs": _texts(fields.get("outputEPCList", ())),
    }


def _relations(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return between whom, and under which papers, the goods moved."""
    return {
        "sources": tuple(Endpoint(bare_word(one["type"]), one["source"]) for one in fields.get("sourceList", ())),
        "destinations": tuple(
            Endpoint(bare_word(one["type"]), one["destination"]) for one in fields.get("destinationList", ())
        ),
        "transactions": tuple(
            Transaction(_word(one.get("type")), one["bizTransaction"]) for one in fields.get("bizTransactionList", ())
        ),
    }


def _quantities(entries: Any) -> tuple[Quantity, ...]:
    return tuple(Quantity(one["epcClass"], _decimal(one.get("quantity")), one.get("uom")) for one in entries)


def _decimal(number: Any) -> Decimal | None:
    """Return a number as Decimal; a float, which strict JSON never gives, by the shortest text that means it."""
    if number is None or isinstance(number, Decimal):
        return number
    return Decimal(str(number))


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _word(value: str | None) -> str | None:
    return None if value is None else bare_word(value)


def _declaration(value: Mapping[str, Any] | None) -> ErrorDeclaration | None:
    if value is None:
        return None
    return ErrorDeclaration(
        parse_time(value["declarationTime"]), value.get("reason"), tuple(value.get("correctiveEventIDs", ()))
    )


def _crm_prefixes(context: Any) -> frozenset[str]:
    if context is None:
        return _USUAL
    return _USUAL | {prefix for prefix, iri in dict(context_bindings(context)).items() if iri == CRM_IRI}


def context_bindings(context: Any) -> Iterator[tuple[str, str]]:
    """Yield the (prefix, IRI) pairs a JSON-LD @context binds itself; contexts named by URI are never fetched."""
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, Mapping):
            for name, value in part.items():
                iri = value.get("@id") if isinstance(value, Mapping) else value
                if isinstance(iri, str):
                    yield name, iri
