"""The id of an event whose sender gave none, made again by who verifies its receipt."""

from collections.abc import Mapping
from typing import Any

from traceability.errors import InvalidInput
from traceability.events.event_hash import event_hash
from traceability.events.validation import document_problems


def made_id(event: Mapping[str, Any], context: Any = None) -> str:
    """Return the CBV event hash of an event as it was captured; ``context`` is the document's @context around it.

    Raises:
        InvalidInput: it is no valid EPCIS 2.0 event.

    """
    problems = document_problems(event if context is None else {"@context": context, **event})
    if problems:
        raise InvalidInput(f"{problems[0].path}: {problems[0].message}")
    return event_hash(event, context)
