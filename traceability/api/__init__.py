"""The API: EPCIS REST under /epcis, ours under /v1, the log under /ledger; every blueprint is named here."""

from flask_smorest import Blueprint

from traceability.api import (
    assessments,
    batches,
    decisions,
    documents,
    epcis,
    health,
    jobs,
    keys,
    ledger,
    lists,
    parties,
    people,
    profiles,
    rule_sets,
    shipments,
    sites,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    epcis.blp,
    epcis.captures_blp,
    parties.blp,
    keys.blp,
    sites.blp,
    people.blp,
    lists.blp,
    rule_sets.blp,
    assessments.blp,
    shipments.blp,
    profiles.blp,
    documents.blp,
    batches.blp,
    batches.queue_blp,
    decisions.blp,
    decisions.incidents_blp,
    decisions.mandates_blp,
    decisions.access_blp,
    ledger.tiles_blp,
    ledger.proofs_blp,
    ledger.receipts_blp,
    health.blp,
    jobs.blp,
)
