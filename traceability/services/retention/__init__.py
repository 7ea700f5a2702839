"""Retention: the service finds what is due and reports it, a dpo approves, and only then is anything erased."""

from traceability.services.retention import files, reports

__all__ = ["files", "reports"]  # their jobs find their functions by being imported
