"""The EPCIS event hash of CBV 2.0 (section 8.9): one identity for all spellings of an event. No proof of anything.

The event becomes one canonical string, its SHA-256 a ``ni`` URI (RFC 6920). Where the prose of the standard and the
published reference values differ (type before value, destinations before sources), the reference values are followed.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

from traceability.events import canonical_values as canonical
from traceability.events.canonical_values import Names
from traceability.events.reading import event_list

_Render = Callable[[str, Any, Names], str]

_UNHASHED = frozenset({"@context", "type", "eventID", "recordTime", "errorDeclaration"})


def event_hash(event: Mapping[str, Any], context: Any = None, *, ignored: Collection[str] = ()) -> str:
    """Return ``ni:///sha-256;<hex>?ver=CBV2.0`` for a valid EPCIS 2.0 event.

    Args:
        event: the event as parsed JSON.
        context: the @context of the document around it; the event's own comes on top.
        ignored: extension fields of the event that take no part, as spelled in the event.

    """
    digest = hashlib.sha256(pre_hash(event, context, ignored=ignored).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def document_hashes(body: Mapping[str, Any]) -> tuple[tuple[str | None, str], ...]:
    """Return (eventID, event hash) for each event of a valid body, in order.

    A repository may name, in ``ignoreFields`` beside the event list, extensions of its own that are not the sender's.
    """
    ignored = _ignored_fields(body)
    context = body.get("@context")
    return tuple((event.get("eventID"), event_hash(event, context, ignored=ignored)) for event in event_list(body))


def pre_hash(event: Mapping[str, Any], context: Any = None, *, ignored: Collection[str] = ()) -> str:
    """Return the canonical string of which ``event_hash`` is the digest."""
    names = Names(context, event.get("@context"))
    known = "".join(render(name, event[name], names) for name, render in _EVENT.items() if name in event)
    others = {
        name: value
        for name, value in event.items()
        if name not in _EVENT and name not in _UNHASHED and name not in ignored
    }
    return f"eventType={event['type']}{known}{canonical.extensions(others, names)}"


def _ignored_fields(body: Mapping[str, Any]) -> frozenset[str]:
    inner = body.get("epcisBody", {})
    holders = (body, inner, inner.get("queryResults", {}))
    lists = [value for holder in holders for name, value in holder.items() if name.endswith(":ignoreFields")]
    return frozenset(name for one in lists if isinstance(one, list) for name in one if isinstance(name, str))


def _value(convert: Callable[[Any, Names], str]) -> _Render:
    """Return how a field with one value, or a list of values, is written: key=value, sorted."""

    def render(name: str, value: Any, names: Names) -> str:
        values = value if isinstance(value, list) else [value]
        return "".join(sorted(f"{name}={convert(one, names)}" for one in values))

    return render


def _listed(entry: str, convert: Callable[[Any, Names], str]) -> _Render:
    """Return how a list of plain values is written: its name once, then each value under the name of an entry."""

    def render(name: str, value: Any, names: Names) -> str:
        return name + "".join(sorted(f"{entry}={convert(one, names)}" for one in value)) if value else ""

    return render


def _elements(entry: str, fields: Mapping[str, _Render]) -> _Render:
    """Return how a list of objects is written: its name once, then the objects, sorted by what they became."""

    def render(name: str, value: Any, names: Names) -> str:
        if not value:
            return ""
        return name + "".join(sorted(entry + _object(one, fields, names) for one in value))

    return render


def _nested(fields: Mapping[str, _Render]) -> _Render:
    """Return how one object is written: its name, then its fields."""

    def render(name: str, value: Any, names: Names) -> str:
        inner = _object(value, fields, names)
        return name + inner if inner else ""

    return render


def _object(value: Mapping[str, Any], fields: Mapping[str, _Render], names: Names) -> str:
    known = "".join(render(name, value[name], names) for name, render in fields.items() if name in value)
    return known + canonical.extensions({name: one for name, one in value.items() if name not in fields}, names)


_PLAIN = _value(canonical.scalar)
_TIME = _value(canonical.time)
_EPCS = _listed("epc", canonical.scalar)
_QUANTITIES = _elements("quantityElement", dict.fromkeys(("epcClass", "quantity", "uom"), _PLAIN))
_DISPOSITION = _value(canonical.word("disposition"))
_PLACE = _nested({"id": _PLAIN})


def _typed(kind: str, name: str) -> _Render:
    return _elements("", {"type": _value(canonical.word(kind)), name: _PLAIN})


_METADATA: dict[str, _Render] = dict.fromkeys(("time", "startTime", "endTime"), _TIME) | dict.fromkeys(
    ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), _PLAIN
)
_REPORT: dict[str, _Render] = {
    "type": _value(canonical.word("measurement")),
    "exception": _value(canonical.word("measurement")),
    **dict.fromkeys(("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), _PLAIN),
    "time": _TIME,
    **dict.fromkeys(("microorganism", "chemicalSubstance", "value"), _PLAIN),
    "component": _value(canonical.word("component")),
    **dict.fromkeys(("stringValue", "booleanValue", "hexBinaryValue", "uriValue", "minValue", "maxValue"), _PLAIN),
    **dict.fromkeys(("meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem"), _PLAIN),
}


def _reports(_name: str, value: Any, names: Names) -> str:
    """Write the sensor reports without a name of their list: in XML there is none."""
    return "".join(sorted("sensorReport" + _object(one, _REPORT, names) for one in value))


_SENSOR = {"sensorMetadata": _nested(_METADATA), "sensorReport": _reports}

# The order is the canonical property order; an event is written in it whatever order its JSON has.
_EVENT: dict[str, _Render] = {
    "eventTime": _TIME,
    "eventTimeZoneOffset": lambda name, value, _names: f"{name}={value}",
    "certificationInfo": _PLAIN,
    "epcList": _EPCS,
    "parentID": _PLAIN,
    "inputEPCList": _EPCS,
    "childEPCs": _EPCS,
    "quantityList": _QUANTITIES,
    "childQuantityList": _QUANTITIES,
    "inputQuantityList": _QUANTITIES,
    "outputEPCList": _EPCS,
    "outputQuantityList": _QUANTITIES,
    "action": _PLAIN,
    "transformationID": _PLAIN,
    "bizStep": _value(canonical.word("step")),
    "disposition": _DISPOSITION,
    "persistentDisposition": _nested({"set": _DISPOSITION, "unset": _DISPOSITION}),
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": _typed("transaction", "bizTransaction"),
    "destinationList": _typed("endpoint", "destination"),
    "sourceList": _typed("endpoint", "source"),
    "sensorElementList": _elements("sensorElement", _SENSOR),
    "ilmd": _nested({}),
}
