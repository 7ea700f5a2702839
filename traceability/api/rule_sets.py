"""Rule sets that have judged here, each with the ledger entry that stands for it."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from traceability.api.base import actor, answer, blueprint, moment, service
from traceability.services import rule_sets
from traceability.storage.tables import RuleSet

blp: Blueprint = blueprint("rule-sets", "/v1/rule-sets", "Which rules judged, as recorded in the ledger")


@blp.route("", methods=["GET"])
def get_rule_sets() -> Response:
    """Every version of the law's and the document rules that has judged here, the oldest first.

    ``packs`` are those of the law: each has a version of its own, the hash of its own rules, tables and texts, and the
    days between which it applies. Where two sets have a pack in one version, that pack did not change.
    """
    return answer({"rule_sets": [_summary(row) for row in rule_sets.rule_sets(service(), actor())]})


@blp.route("/<string:version>", methods=["GET"])
def get_rule_set(version: str) -> Response:
    """The record of one version, byte for byte: its ledger entry's ``body`` is the SHA-256 of it.

    ``version`` is that of a set, or of one pack as a finding states it (``pack_version``): then the first set with it.
    """
    row = rule_sets.rule_set(service(), actor(), version)
    return Response(bytes(row.record), content_type="application/json")


def _summary(row: RuleSet) -> dict[str, Any]:
    said = {"name": row.name, "version": row.version, "since": moment(row.at), "index": row.entry_index}
    return said | {"packs": rule_sets.packs_of(row)}
