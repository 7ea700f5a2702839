"""From what is stored to an assessment-facts document (facts.md): a pure function of rows, subject and as_of."""

from traceability.services.facts.assemble import Assembled, assemble

__all__ = ["Assembled", "assemble"]
