"""A custody event as the other rooms read it: one EPCIS 2.0 event, times aware, quantities exact, lists as tuples."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from traceability.events.units import to_kilograms

CRM_IRI = "https://ref.example.org/crm/"
"""The name space of our own extension terms (epcis.md 3)."""

CRM_PREFIX = "crm"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One entry of a quantity list: a class of goods, how much of it, and the UN/ECE unit code."""

    epc_class: str
    quantity: Decimal | None = None
    uom: str | None = None

    @property
    def kilograms(self) -> Decimal | None:
        """The quantity in kg, exact; None where it is not given or not a mass."""
        return to_kilograms(self.quantity, self.uom)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One source or destination: its type (owning_party, possessing_party, location, or a URI) and identifier."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """One business transaction: its type (bol, po, ..., or a URI) where given, and identifier."""

    type: str | None
    id: str


@dataclass(frozen=True, slots=True)
class ErrorDeclaration:
    """The statement that the event of this eventID is wrong (EPCIS 2.0, 7.4.1.4)."""

    declared_at: datetime
    reason: str | None = None
    corrective_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustodyEvent:
    """One EPCIS 2.0 event about batches. Times are aware; identifiers stand as the sender spelled them.

    ``epcs`` holds the epcList, or the childEPCs of an aggregation; ``quantities`` likewise. Lists a type of event does
    not have are empty. ``raw`` is the parsed event, which nobody may change.
    """

    event_id: str | None
    type: str
    action: str | None
    biz_step: str | None
    disposition: str | None
    event_time: datetime
    event_time_text: str
    event_time_zone: str
    record_time: datetime | None = None
    record_time_text: str | None = None
    read_point: str | None = None
    biz_location: str | None = None
    parent_id: str | None = None
    epcs: tuple[str, ...] = ()
    child_epcs: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    child_quantities: tuple[Quantity, ...] = ()
    inputs: tuple[Quantity, ...] = ()
    outputs: tuple[Quantity, ...] = ()
    input_epcs: tuple[str, ...] = ()
    output_epcs: tuple[str, ...] = ()
    transformation_id: str | None = None
    sources: tuple[Endpoint, ...] = ()
    destinations: tuple[Endpoint, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    persistent_set: tuple[str, ...] = ()
    persistent_unset: tuple[str, ...] = ()
    ilmd: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    sensor_elements: tuple[Mapping[str, Any], ...] = ()
    certification_info: tuple[str, ...] = ()
    error_declaration: ErrorDeclaration | None = None
    crm_prefixes: frozenset[str] = frozenset({CRM_PREFIX})
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def crm(self, name: str) -> Any:
        """Return the value of one of our extension terms, from ilmd first, then from the event; None where absent.

        The term is found under each prefix the document binds to CRM_IRI, under the literal prefix ``crm``, and
        written out as a full IRI.
        """
        spellings = [f"{prefix}:{name}" for prefix in sorted(self.crm_prefixes)] + [CRM_IRI + name]
        for holder in (self.ilmd, self.extensions):
            for spelling in spellings:
                if spelling in holder:
                    return holder[spelling]
        return None

    def is_crm_type(self, kind: str | None, name: str) -> bool:
        """Tell whether a transaction type is one of our terms, whatever prefix the document spells it with."""
        return kind is not None and (
            kind == CRM_IRI + name or any(kind == f"{prefix}:{name}" for prefix in self.crm_prefixes)
        )
