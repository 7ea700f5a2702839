"""The five event types of EPCIS 2.0 (section 7.4) field by field, and the rules that span several fields."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from traceability.errors import Problem
from traceability.events import formats, vocabulary
from traceability.events.checks import NUMBER, TEXT, TIME, URI, Check, Others, array, both, either, record, scalar


def _word(words: frozenset[str], kind: str) -> Check:
    test = partial(vocabulary.is_word_or_own_uri, words=words)
    return scalar(test, f"a CBV 2.0 {kind} as a bare word, or a URI outside the CBV")


def _measure(words: frozenset[str], kind: str) -> Check:
    test = partial(vocabulary.is_measure_or_own_uri, words=words)
    return scalar(test, f"a CBV 2.0 {kind} as a bare word, or a URI outside the GS1 vocabulary")


_OBJECT = record({}, others=Others.ANY)
_URIS = array(URI)
CONTEXT = either(
    URI,
    _OBJECT,
    array(either(URI, _OBJECT, expected="a URI or an object"), unique=True),
    expected="a URI, an object, or a list of these without repetition",
)
_DISPOSITION = _word(vocabulary.DISPOSITIONS, "disposition")
_QUANTITIES = array(
    record(
        {"epcClass": URI, "quantity": NUMBER, "uom": scalar(formats.is_unit, "a UN/ECE unit code such as KGM")},
        required=("epcClass",),
    )
)
_PLACE = record({"id": URI}, required=("id",), others=Others.ANY)
_TRANSACTIONS = {"type": _word(vocabulary.TRANSACTION_TYPES, "transaction type"), "bizTransaction": URI}
_TRANSACTION = record(_TRANSACTIONS, required=("bizTransaction",))


def _endpoints(name: str) -> Check:
    kind = _word(vocabulary.ENDPOINT_TYPES, "source or destination type")
    return array(record({"type": kind, name: URI}, required=("type", name)))


_SENSOR_TIMES = dict.fromkeys(("time", "startTime", "endTime"), TIME)
_DEVICE = dict.fromkeys(("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), URI)
_SENSOR_REPORT = record(
    {
        "type": _measure(vocabulary.MEASUREMENTS, "measurement type"),
        "exception": _measure(vocabulary.SENSOR_ALERTS, "sensor alert type"),
        "time": TIME,
        "component": _word(vocabulary.COMPONENTS, "component"),
        "stringValue": TEXT,
        "booleanValue": scalar(formats.is_boolean, "true or false"),
        "hexBinaryValue": scalar(formats.is_hex, "hexadecimal digits"),
        "uom": TEXT,
    }
    | _DEVICE
    | dict.fromkeys(("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "uriValue"), URI)
    | dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), NUMBER),
    required=("type",),
    others=Others.URI_NAMED,
)
_SENSOR_ELEMENT = record(
    {
        "sensorMetadata": record(_SENSOR_TIMES | _DEVICE, others=Others.URI_NAMED),
        "sensorReport": array(_SENSOR_REPORT, least=1),
    },
    required=("sensorReport",),
    others=Others.URI_NAMED,
)


def _set_or_unset(value: Any, path: str, problems: list[Problem]) -> None:
    if not value:
        problems.append(Problem(path, "expected set, unset, or both"))


_DISPOSITION_SET = array(_DISPOSITION, least=1, unique=True)
_PERSISTENT = both(record({"set": _DISPOSITION_SET, "unset": _DISPOSITION_SET}), _set_or_unset)
_ERROR_DECLARATION = record(
    {
        "declarationTime": TIME,
        "reason": _word(vocabulary.ERROR_REASONS, "error reason"),
        "correctiveEventIDs": _URIS,
    },
    required=("declarationTime",),
    others=Others.URI_NAMED,
)
_COMMON: dict[str, Check] = {
    "@context": CONTEXT,
    "eventTime": TIME,
    "recordTime": TIME,
    "eventTimeZoneOffset": scalar(formats.is_zone_offset, "a zone offset such as +02:00, at most 14:00"),
    "eventID": URI,
    "certificationInfo": either(URI, _URIS, expected="a URI or a list of URIs"),
    "errorDeclaration": _ERROR_DECLARATION,
}
_SHARED: dict[str, Check] = {
    "type": TEXT,
    "bizStep": _word(vocabulary.BIZ_STEPS, "business step"),
    "disposition": _DISPOSITION,
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": array(_TRANSACTION),
    "sourceList": _endpoints("source"),
    "destinationList": _endpoints("destination"),
    "sensorElementList": array(_SENSOR_ELEMENT),
}
_ACTION: dict[str, Check] = {
    "action": scalar(lambda value: type(value) is str and value in vocabulary.ACTIONS, "OBSERVE, ADD or DELETE")
}
_MASTER: dict[str, Check] = {"persistentDisposition": _PERSISTENT, "ilmd": record({}, others=Others.URI_NAMED)}
_CHILDREN: dict[str, Check] = {"parentID": URI, "childEPCs": _URIS, "childQuantityList": _QUANTITIES}
_UNIQUE_EPCS = array(URI, unique=True)

Rule = Callable[[Mapping[str, Any]], str | None]


def _object_rule(event: Mapping[str, Any]) -> str | None:
    if not (
        "epcList" in event or event.get("quantityList") or (event.get("sensorElementList") and "readPoint" in event)
    ):
        return (
            "needs an epcList, a quantityList with an entry, or a sensorElementList with a readPoint: say what was seen"
        )
    if "ilmd" in event and event["action"] != "ADD":
        return "has ilmd with an action other than ADD: master data is given where the batch is born"
    return None


def _children_rule(event: Mapping[str, Any]) -> str | None:
    if event["action"] == "DELETE" or event.get("childEPCs") or event.get("childQuantityList"):
        return None
    return "needs childEPCs or a childQuantityList with an entry, unless the action is DELETE"


def _transaction_rule(event: Mapping[str, Any]) -> str | None:
    if event["action"] == "DELETE" or "epcList" in event or event.get("quantityList"):
        return None
    return "needs an epcList or a quantityList with an entry, unless the action is DELETE"


def _transformation_rule(event: Mapping[str, Any]) -> str | None:
    inputs = event.get("inputEPCList") or event.get("inputQuantityList")
    outputs = event.get("outputEPCList") or event.get("outputQuantityList")
    if (inputs and outputs) or ("transformationID" in event and (inputs or outputs)):
        return None
    return "needs inputs and outputs, or a transformationID and one of the two"


def _event_check(fields: dict[str, Check], required: tuple[str, ...], rule: Rule) -> Check:
    """Return the check of one event type: its fields first, the rule across fields once these are in order."""

    def spanning(value: Any, path: str, problems: list[Problem]) -> None:
        if message := rule(value):
            problems.append(Problem(path, message))

    names = ("eventTime", "eventTimeZoneOffset", *required)
    return both(record(_COMMON | _SHARED | fields, required=names, others=Others.URI_NAMED), spanning)


_GOODS: dict[str, Check] = {"epcList": _UNIQUE_EPCS, "quantityList": _QUANTITIES}
_TRANSACTION_FIELDS: dict[str, Check] = {
    "bizTransactionList": array(_TRANSACTION, least=1),
    "parentID": URI,
    "epcList": _URIS,
    "quantityList": _QUANTITIES,
}
_TRANSFORMATION_FIELDS: dict[str, Check] = {
    "inputEPCList": _UNIQUE_EPCS,
    "inputQuantityList": _QUANTITIES,
    "outputEPCList": _UNIQUE_EPCS,
    "outputQuantityList": _QUANTITIES,
    "transformationID": URI,
}
EVENT_CHECKS: dict[str, Check] = {
    "ObjectEvent": _event_check(_ACTION | _GOODS | _MASTER, ("action",), _object_rule),
    "AggregationEvent": _event_check(_ACTION | _CHILDREN, ("action",), _children_rule),
    "AssociationEvent": _event_check(_ACTION | _CHILDREN, ("action", "parentID"), _children_rule),
    "TransactionEvent": _event_check(
        _ACTION | _TRANSACTION_FIELDS, ("action", "bizTransactionList"), _transaction_rule
    ),
    "TransformationEvent": _event_check(_MASTER | _TRANSFORMATION_FIELDS, (), _transformation_rule),
}
EXTENDED_EVENT = record(
    _COMMON | {"type": scalar(formats.is_uri, "one of the five event types, or a URI")},
    required=("type", "eventTime", "eventTimeZoneOffset"),
    others=Others.ANY,
)
