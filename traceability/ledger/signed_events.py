"""The custody events in what was signed: an EPCISDocument, one event, or a credential about either, as plain JSON."""

from collections.abc import Mapping, Sequence
from typing import Any


def event_at(content: Any, position: int) -> Any:
    """Return the event at a position of a capture's content; None where there is none."""
    events, _ = events_of(content)
    return events[position] if position < len(events) else None


def events_of(content: Any) -> tuple[Sequence[Any], Any]:
    """Return the events of a capture in their order, and the @context around them.

    A capture is an EPCIS document, one event, or a credential about either.
    """
    if isinstance(content, Mapping) and "credentialSubject" in content:
        content = content["credentialSubject"]
    if isinstance(content, list):
        return content, None
    inner = content.get("epcisBody") if isinstance(content, Mapping) else None
    if not isinstance(inner, Mapping):
        return [content], None
    if isinstance(results := inner.get("queryResults"), Mapping):  # an EPCISQueryDocument
        inner = results.get("resultsBody") or {}
    events = inner.get("eventList", inner.get("event")) if isinstance(inner, Mapping) else None
    return events if isinstance(events, list) else [events], content.get("@context")
