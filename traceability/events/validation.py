"""Is this an EPCIS 2.0 document? The verdict of the GS1 EPCIS 2.0.0 JSON schema, formats checked.

Written by hand because a generic validator takes far longer, and passes wrong words where formats are not checked.
What capture refuses besides is in ``capture_rules``.
"""

from typing import Any

from traceability.errors import Problem
from traceability.events import formats
from traceability.events.checks import TEXT, TIME, URI, Check, Others, array, both, curtailed, record, scalar, shown
from traceability.events.event_checks import CONTEXT, EVENT_CHECKS, EXTENDED_EVENT

_VERSION = scalar(formats.is_version, 'a version such as "2.0"')


def _event(value: Any, path: str, problems: list[Problem]) -> None:
    """Check one event by its type; a type that is not one of the five must be a URI (an extended event)."""
    kind = value.get("type") if isinstance(value, dict) else None
    check = EVENT_CHECKS.get(kind, EXTENDED_EVENT) if isinstance(kind, str) else EXTENDED_EVENT
    check(value, path, problems)


_EVENT_LIST = array(_event)
_ATTRIBUTE = record(
    {
        "id": URI,
        "attribute": scalar(
            lambda value: formats.is_number(value) or isinstance(value, str | dict), "a number, string or object"
        ),
    },
    required=("id",),
    others=Others.ANY,
)
_VOCABULARY_ELEMENT = record(
    {"id": URI, "attributes": array(_ATTRIBUTE), "children": array(URI)}, required=("id",), others=Others.ANY
)
_VOCABULARY = record(
    {"type": URI, "vocabularyElementList": array(_VOCABULARY_ELEMENT)}, required=("type",), others=Others.ANY
)
_VOCABULARY_LIST = array(_VOCABULARY)
_HEADER = record(
    {"epcisMasterData": record({"vocabularyList": _VOCABULARY_LIST}, others=Others.ANY)}, others=Others.URI_NAMED
)
_ENVELOPE: dict[str, Check] = {
    "@context": CONTEXT,
    "id": URI,
    "type": TEXT,
    "schemaVersion": _VERSION,
    "creationDate": TIME,
}
_DOCUMENT = record(
    _ENVELOPE
    | {
        "instanceIdentifier": TEXT,
        "sender": TEXT,
        "receiver": TEXT,
        "epcisHeader": _HEADER,
        "epcisBody": record({"eventList": _EVENT_LIST}, required=("eventList",), others=Others.ANY),
    },
    required=("@context", "type", "schemaVersion", "creationDate", "epcisBody"),
    others=Others.URI_NAMED,
)
_RESULTS_BODY = record(
    {"eventList": _EVENT_LIST, "vocabularyList": _VOCABULARY_LIST}, required=("eventList",), others=Others.URI_NAMED
)
_QUERY_RESULTS = record(
    {"queryName": TEXT, "subscriptionID": TEXT, "resultsBody": _RESULTS_BODY},
    required=("queryName", "resultsBody"),
    others=Others.URI_NAMED,
)
_QUERY_DOCUMENT = record(
    _ENVELOPE
    | {"epcisBody": record({"queryResults": _QUERY_RESULTS}, required=("queryResults",), others=Others.URI_NAMED)},
    required=("@context", "type", "epcisBody"),
    others=Others.URI_NAMED,
)
_SINGLE_EVENT = both(_event, record({}, required=("@context",), others=Others.ANY))
_DOCUMENTS = {"EPCISDocument": _DOCUMENT, "EPCISQueryDocument": _QUERY_DOCUMENT}


def document_problems(body: Any) -> list[Problem]:
    """Return what keeps a parsed JSON value from being valid EPCIS 2.0; an empty list says that it is valid.

    Read are an EPCISDocument, an EPCISQueryDocument, and a single event that carries its own @context. Each problem
    names its place as a path from the root ``$``. Where there are more than MAX_PROBLEMS, the last one is about ``$``.
    """
    problems: list[Problem] = []
    if not isinstance(body, dict):
        return [Problem("$", f"expected an EPCIS document (a JSON object), got {shown(body)}")]
    kind = body.get("type")
    check = _DOCUMENTS.get(kind, _SINGLE_EVENT) if isinstance(kind, str) else _SINGLE_EVENT
    check(body, "$", problems)
    return curtailed(problems)
