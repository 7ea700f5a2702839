"""Every table, so that ``SQLModel.metadata`` is complete after importing this package."""

from traceability.storage.tables.assessments import AssessmentRow, BatchCritical, Decision, Job
from traceability.storage.tables.events import (
    BatchEdge,
    Capture,
    CounterSignature,
    Event,
    EventItem,
    Handover,
    Holding,
    IdempotencyKey,
    Incident,
    Item,
)
from traceability.storage.tables.ledger import (
    Checkpoint,
    CheckpointTimestamp,
    Cosignature,
    LedgerEntry,
    LedgerTile,
    LogChange,
    LogHead,
    SecondSignature,
)
from traceability.storage.tables.lists import ListEntryRow, ListVersionRow, RuleSet, Screening
from traceability.storage.tables.parties import KeyApplication, KeyRevocation, Party, PartyClaim, PartyKey, Site
from traceability.storage.tables.people import AccessLog, AccessLogParty, ApiKey, Mandate, User
from traceability.storage.tables.records import Document, DocumentLink, ImporterProfile, Shipment, ShipmentBatch

__all__ = [
    "AccessLog",
    "AccessLogParty",
    "ApiKey",
    "AssessmentRow",
    "BatchCritical",
    "BatchEdge",
    "Capture",
    "Checkpoint",
    "CheckpointTimestamp",
    "Cosignature",
    "CounterSignature",
    "Decision",
    "Document",
    "DocumentLink",
    "Event",
    "EventItem",
    "Handover",
    "Holding",
    "IdempotencyKey",
    "ImporterProfile",
    "Incident",
    "Item",
    "Job",
    "KeyApplication",
    "KeyRevocation",
    "LedgerEntry",
    "LedgerTile",
    "ListEntryRow",
    "ListVersionRow",
    "LogChange",
    "LogHead",
    "Mandate",
    "Party",
    "PartyClaim",
    "PartyKey",
    "RuleSet",
    "Screening",
    "SecondSignature",
    "Shipment",
    "ShipmentBatch",
    "Site",
    "User",
]
