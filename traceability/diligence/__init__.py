"""What it means: facts about a shipment or batch go in, findings and one status come out (rule-catalogue.md).

A pure function of the facts document: no clock, no network, no database, no document text. Nothing here is legal
advice; a finding is an indicator for a person, and no result calls goods clear.
"""

from traceability.diligence.facts import check_facts, facts_schema, inputs_hash

__all__ = ["check_facts", "facts_schema", "inputs_hash"]
