"""Capture: signed bytes in, custody events and receipts out, in one transaction (EPCIS 2.0, 12.6)."""

import re
from dataclasses import dataclass
from typing import Any

from traceability.errors import Forbidden, InvalidInput, NotAuthenticated, NotFound, Problem, TooLarge
from traceability.events import capture_rules, validation
from traceability.events.capture_rules import CAPTURE_BYTES, CAPTURE_LIMIT
from traceability.events.reading import event_list
from traceability.services import incidents
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.placement import Incoming, incoming
from traceability.services.recording import Arrival, Behaviour, Captured, record_together, summary
from traceability.services.relay import credential_signer
from traceability.services.signed import SignedBody, open_signed
from traceability.storage.tables import Capture

_POSITION = re.compile(r"\$\.epcisBody(?:\.queryResults\.resultsBody)?\.eventList\[(\d{1,6})\]")


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """What came over the wire."""

    body: bytes
    content_type: str
    jws: str | None = None
    behaviour: Behaviour = "rollback"
    idempotency_key: str | None = None
    single: bool = False  # POST /epcis/events: exactly one bare event


def capture(service: Service, actor: Actor, request: CaptureRequest) -> Captured:
    """Verify, validate and record a capture; what contradicts the chain is recorded too, and flagged later.

    Raises:
        NotAuthenticated, Forbidden: no good signature of the caller's own party; kept as an incident.
        InvalidInput, TooLarge, UnsupportedMediaType: nothing is written.
        Conflict: an event id already stands for other content.

    """
    check_size(len(request.body))
    try:
        actor.require("capture", scope="capture")
        signed = open_signed(service, actor, request.body, request.content_type, request.jws)
        events, errors = _checked(service, signed, request)
        arrival = Arrival(
            service, actor, signed, tuple(events), tuple(errors), request.behaviour, request.single,
            request.idempotency_key,
        )  # fmt: skip
        return service.store.write_together(record_together, arrival)
    except (NotAuthenticated, Forbidden) as refusal:
        incidents.record(service, actor, request.body, request.content_type, request.jws, refusal)
        raise


def check_size(size: int) -> None:
    """Let a capture of ``size`` bytes go on.

    Raises:
        TooLarge: it has more than the announced limit.

    """
    if size > CAPTURE_BYTES:
        raise TooLarge(f"a capture may have {CAPTURE_BYTES} bytes; this one has {size}. Split it")


def _checked(service: Service, signed: SignedBody, request: CaptureRequest) -> tuple[list[Incoming], list[Problem]]:
    """Return the events that may be recorded and, with behaviour ``proceed``, what was wrong with the others."""
    document = signed.data
    _check_form(document, single=request.single)
    problems = validation.document_problems(document) + capture_rules.capture_problems(document)
    bad = {position_of(problem) for problem in problems}
    if problems and (request.behaviour == "rollback" or None in bad):
        raise InvalidInput(summary(problems), problems=problems[:100])
    events = event_list(document)
    if len(events) > CAPTURE_LIMIT:
        raise TooLarge(f"a capture may have {CAPTURE_LIMIT} events; this one has {len(events)}. Split it")
    context = document.get("@context")
    good = [
        incoming(
            event,
            n,
            context,
            lambda found: credential_signer(service, found),
            capture_rules.event_path(document, n),
        )
        for n, event in enumerate(events)
        if n not in bad
    ]
    return good, problems


def position_of(problem: Problem) -> int | None:
    """Return which event of the list a problem is about; None where it is about the document."""
    found = _POSITION.match(problem.path)
    return int(found.group(1)) if found else None


def _check_form(document: Any, *, single: bool) -> None:
    if not isinstance(document, dict):
        raise InvalidInput("expected a JSON object: an EPCISDocument, or one event")
    is_document = document.get("type") in ("EPCISDocument", "EPCISQueryDocument")
    if single and is_document:
        raise InvalidInput("this address takes one event; send an EPCISDocument to /epcis/capture")
    if not single and not is_document:
        raise InvalidInput(f"expected an EPCISDocument, got type {document.get('type')!r}")


def require_own_captures(actor: Actor) -> None:
    """Let those go on who may look at captures of their own party; an API key needs to read, or to capture.

    Raises:
        Forbidden: another role, or an API key with neither scope.

    """
    actor.require("documents", scope=None if "capture" in actor.scopes else "read")


def capture_job(service: Service, actor: Actor, capture_id: str) -> Capture:
    """Return a capture of the actor's own party.

    Raises:
        NotFound: there is none with this id, or it is another party's.

    """
    require_own_captures(actor)
    with service.store.read() as session:
        row = session.get(Capture, capture_id)
        if row is None or row.party_id != actor.own_party():
            raise NotFound(f"there is no capture {capture_id} of yours")
        return row
