"""What anybody may know: whether the service works, and the signed head of its ledger (C2SP tlog-checkpoint)."""

from typing import Any

import structlog
from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.exc import SQLAlchemyError

from traceability.api.base import answer, blueprint, moment, service
from traceability.services import health as health_service
from traceability.services import log_keys, published_log

blp: Blueprint = blueprint("health", "", "Health, and the head of the ledger")

_LOG = structlog.get_logger("health")


@blp.route("/health", methods=["GET"])
def get_health() -> Response:
    """Whether the database answers, where the ledger stands, and whether jobs are being done."""
    try:
        found = health_service.health(service())
    except SQLAlchemyError as error:
        _LOG.error("the database does not answer", error=str(error))  # the traceback says no more
        return answer({"status": "failed", "database": "unreachable"}, 503)
    return answer(_shown(found), headers={"Cache-Control": "no-store"})


@blp.route("/v1/log", methods=["GET"])
def get_log() -> Response:
    """The ledger's origin, its verifier key, and its newest checkpoint; ``checkpoint`` is null before the first."""
    head = health_service.newest_checkpoint(service())
    body = {
        "origin": service().settings.log_origin,
        "vkey": log_keys.signing(service()),
        "size": 0 if head is None else head.size,
        "checkpoint": None if head is None else published_log.signed_note(service(), head),
    }
    return answer(body)


def _shown(found: health_service.Health) -> dict[str, Any]:
    return {
        "status": found.status,
        "database": "reachable",
        "ledger": {"size": found.size, "at": moment(found.at)},
        "jobs": {
            "waiting": found.waiting,
            "running": found.running,
            "failed": found.failed,
            "worker": found.worker,
            "oldest_due_seconds": found.oldest_due_seconds,
        },
        "audits": dict(found.audits),
        **({"quarantine": found.quarantine} if found.quarantine else {}),
        **({"clock": found.clock} if found.clock else {}),
        **({"log_key": found.log_key} if found.log_key else {}),
        **({"witnesses": dict(found.witnesses)} if found.witnesses else {}),
    }
