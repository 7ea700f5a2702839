"""Batches: the custody chain, the state, and the officer's queue."""

import re
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from traceability.api.base import actor, answer, blueprint, moment, purpose, service
from traceability.errors import InvalidQuery
from traceability.services import batches, disclose, trace
from traceability.services.evidence.pack import evidence_pack
from traceability.services.file_names import attachment

blp: Blueprint = blueprint("batches", "/v1/batches", "Custody chains and states of batches")
queue_blp: Blueprint = blueprint("queue", "/v1/queue", "What an officer has to see, worst first")

_SIZE = re.compile(r"[1-9][0-9]{0,17}")


@blp.route("/<path:batch>/chain", methods=["GET"])
def get_chain(batch: str) -> Response:
    """The whole upstream and downstream of a batch: events, parties, places, kilograms, verdicts, decisions."""
    return answer(disclose.chain(service(), actor(), batch, purpose()))


@blp.route("/<path:batch>/upstream", methods=["GET"])
def get_upstream(batch: str) -> Response:
    """What a batch was made of: batches and event ids, without reading the events."""
    return _traced(batch, "upstream")


@blp.route("/<path:batch>/downstream", methods=["GET"])
def get_downstream(batch: str) -> Response:
    """What was made of a batch: batches and event ids, without reading the events."""
    return _traced(batch, "downstream")


def _traced(batch: str, direction: trace.Direction) -> Response:
    found = trace.trace(service(), actor(), batch, direction, purpose())
    events = [{"index": i, "event_id": e, "type": kind, "biz_step": step} for i, e, kind, step in found.events]
    return answer({"batch": batch, "direction": direction, "batches": list(found.batches), "events": events})


@blp.route("/<path:batch>/state", methods=["GET"])
def get_state(batch: str) -> Response:
    """The state of a batch for the caller's importer, with every subject it follows from."""
    found = disclose.state_of_batch(service(), actor(), batch, purpose())
    return answer(
        {
            "batch": found.batch,
            "state": found.state,
            "codes": found.codes,
            "subjects": [disclose.assessed(item) for item in found.subjects],
            "inherited": [{"batch": ancestor, **disclose.assessed(item)} for ancestor, item in found.inherited],
        }
    )


@blp.route("/<path:batch>/evidence", methods=["GET"])
def get_evidence(batch: str) -> Response:
    """The evidence pack of a batch as ZIP, as of the newest checkpoint or of the stored one of ``size`` entries.

    ``X-Log-Size`` is that size, ``X-Ledger-Entry`` the index of the entry that stands for the file as it is given.
    """
    asked = request.args.get("size")
    if asked is not None and not _SIZE.fullmatch(asked):
        raise InvalidQuery(f"expected size as the number of entries of a stored checkpoint; got {asked[:40]!r}")
    pack = evidence_pack(service(), actor(), batch, purpose(), None if asked is None else int(asked))
    headers = {
        "Content-Disposition": attachment(pack.name),
        "X-Log-Size": str(pack.size),
        "X-Ledger-Entry": str(pack.entry),
    }
    return Response(pack.data, content_type="application/zip", headers=headers)


@queue_blp.route("", methods=["GET"])
def get_queue() -> Response:
    """Shipment records and batches of the caller's importer, worst state first."""
    wanted = {"state": request.args.get("state"), "code": request.args.get("code")}
    rows = disclose.queue(service(), actor(), purpose(), **wanted)
    return answer([queue_row(row) for row in rows])


def queue_row(row: batches.QueueRow) -> dict[str, Any]:
    """Return one line of the queue as JSON."""
    return {
        "kind": row.state.kind,
        "subject": row.state.subject,
        "state": row.state.state,
        "status": row.state.status,
        "severity": row.severity,
        "since": moment(row.since),
        "codes": row.state.codes,
        "batches": list(row.batches),
        "materials": list(row.minerals),
        "origins": list(row.origins),
        "pending": list(row.state.pending),
        "coverage": [item["sentence"] for item in row.state.coverage if item["state"] != "full"],
        "as_of": row.state.assessment and row.state.assessment.as_of.isoformat(),
    }
