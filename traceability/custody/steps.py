"""What an EPCIS event says in the words of the facts: its type, and where its kilograms go (facts.md 4).

A step is one entry of ``custody_events``: one stored event, or all effective TransformationEvents that share a
transformationID. Batches, bags and other objects are named here by their normalised identifiers.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property

from traceability.custody import terms
from traceability.custody.model import Position, Recorded
from traceability.custody.names import is_batch, name_of
from traceability.events.model import CustodyEvent, Quantity

MAX_KG = Decimal(10) ** 15
"""The facts hold masses below this (assessment-facts.schema.json, decimal)."""

_GRAIN = Decimal("0.000001")

_MATERIAL_TYPES = {"by_product": "separation", "recycled": "recycling", "stock": "other"}
_PROCESS_TYPES = {
    "smelting": "smelting",
    "refining": "refining",
    "alloying": "refining",
    "crushing": "processing",
    "concentrating": "processing",
    "recycling": "recycling",
}
_LEGS = frozenset({"transporting", "storing", "loading", "unloading", "arriving"})
_OBSERVED_TYPES = {
    "void_shipping": "receipt",
    "receiving": "receipt",
    "inspecting": "assay",
    "stock_taking": "weighing",
    "cycle_counting": "weighing",
} | dict.fromkeys(_LEGS, "transport")


@dataclass(frozen=True, slots=True)
class Line:
    """Kilograms of one batch in one quantity element; kg is None where no mass can be stated in the facts."""

    batch: str
    kg: Decimal | None
    entry: Recorded


@dataclass(frozen=True, eq=False)
class Step:
    """One entry of custody_events before its goods are weighed: members by (instant, ledger index), lists by batch.

    observed, consumed and produced are the three quantity lists; the epcs beside them name bags or other objects.
    packed holds what a packing event puts into its parent, or takes out of it.
    """

    type: str
    members: tuple[Recorded, ...]
    observed: tuple[Line, ...] = ()
    consumed: tuple[Line, ...] = ()
    produced: tuple[Line, ...] = ()
    packed: tuple[Line, ...] = ()
    observed_epcs: tuple[str, ...] = ()
    consumed_epcs: tuple[str, ...] = ()

    @property
    def last(self) -> Recorded:
        """Return the member that gives the entry its id, time and place."""
        return self.members[-1]

    @property
    def event(self) -> CustodyEvent:
        """Return the event of the last member."""
        return self.last.event

    @property
    def position(self) -> Position:
        """Return the (instant, ledger index) of the entry."""
        return self.last.position

    @property
    def is_declaration(self) -> bool:
        """Tell whether the entry only repeats an event to declare it wrong."""
        return self.event.error_declaration is not None

    @property
    def is_packing(self) -> bool:
        """Tell whether the event puts things into a parent, takes them out, or looks at the parent."""
        return self.event.type == "AggregationEvent"

    @cached_property
    def parent(self) -> str | None:
        """Return the bag or container of a packing event."""
        return name_of(self.event.parent_id) if self.event.parent_id else None

    @cached_property
    def seals(self) -> tuple[str, ...]:
        """Return the seal numbers the event states."""
        return tuple(dict.fromkeys(seal for member in self.members for seal in terms.texts(member.event, "sealNumber")))

    @cached_property
    def creates(self) -> frozenset[str]:
        """Return the batches that this event brings into being."""
        lines = self.observed if self.type == "extraction" else self.produced
        return frozenset(line.batch for line in lines)

    @cached_property
    def batches(self) -> frozenset[str]:
        """Return every batch named in any list."""
        lists = (self.observed, self.consumed, self.produced, self.packed)
        return frozenset(line.batch for lines in lists for line in lines)

    @cached_property
    def objects(self) -> frozenset[str]:
        """Return every bag, container or other object named, the parent included."""
        made = (name_of(epc) for member in self.members for epc in member.event.output_epcs)
        return frozenset((*self.observed_epcs, *self.consumed_epcs, *made, *((self.parent,) if self.parent else ())))


def kilograms(quantity: Quantity) -> Decimal | None:
    """Return the mass in kg with at most six fraction digits (half to even), or None where facts can hold none."""
    mass = quantity.kilograms
    if mass is None or not 0 <= mass < MAX_KG:
        return None
    rounded = mass.quantize(_GRAIN, ROUND_HALF_EVEN)
    return rounded if rounded < MAX_KG else None


def facts_type(event: CustodyEvent) -> str | None:
    """Return the type of the event in the facts, or None where it has none there (AssociationEvent)."""
    reader = _READERS.get(event.type)
    return reader(event) if reader else None


def _object_type(event: CustodyEvent) -> str:
    if event.action == "ADD":
        return _birth_type(event)
    if event.action == "DELETE":
        return "other"
    step = event.biz_step
    customs = _has_customs(event)
    if step in {"shipping", "departing"}:
        return _leaving_type(event, customs=customs)
    if customs and step in {"arriving", "accepting"}:
        return "import"
    return "transfer" if step == "accepting" else _OBSERVED_TYPES.get(step or "", "other")


def _birth_type(event: CustodyEvent) -> str:
    if event.biz_step == "collecting":
        return "recycling"
    if event.biz_step != "commissioning":
        return "other"
    return _MATERIAL_TYPES.get(terms.text(event, "materialOrigin") or "primary", "extraction")


def _leaving_type(event: CustodyEvent, *, customs: bool) -> str:
    if customs:
        return "export"
    possessed = any(end.type == "possessing_party" for end in (*event.sources, *event.destinations))
    return "dispatch" if possessed or event.biz_step == "shipping" else "transport"


def _transaction_type(event: CustodyEvent) -> str:
    if event.action != "ADD" or event.biz_step != "accepting":
        return "other"
    return "import" if _has_customs(event) else "transfer"


def _transformation_type(event: CustodyEvent) -> str:
    return _PROCESS_TYPES.get(terms.text(event, "processType") or "", "consolidation")


def _has_customs(event: CustodyEvent) -> bool:
    return any(event.is_crm_type(transaction.type, "customsDeclaration") for transaction in event.transactions)


_READERS: dict[str, Callable[[CustodyEvent], str]] = {
    "ObjectEvent": _object_type,
    "TransactionEvent": _transaction_type,
    "TransformationEvent": _transformation_type,
    "AggregationEvent": lambda _event: "other",
}


def step_of(entry: Recorded) -> Step | None:
    """Read one recorded event; None where it is no entry of the facts (AssociationEvent)."""
    event = entry.event
    kind = facts_type(event)
    if kind is None:
        return None
    lines = _lines(entry, event.quantities)
    # a TransactionEvent may name a container alone; its contents are meant only where nothing more exact is listed
    named = event.epcs or ((event.parent_id,) if event.parent_id and not event.quantities else ())
    epcs = tuple(map(name_of, named))
    if event.type == "TransformationEvent":
        return Step(
            kind,
            (entry,),
            consumed=_lines(entry, event.inputs),
            produced=_lines(entry, event.outputs),
            consumed_epcs=tuple(map(name_of, event.input_epcs)),
        )
    if event.type == "AggregationEvent":
        children = tuple(map(name_of, event.child_epcs))
        return Step(kind, (entry,), packed=_lines(entry, event.child_quantities), observed_epcs=children)
    if event.type == "ObjectEvent" and event.action == "DELETE":
        return Step(kind, (entry,), consumed=lines, consumed_epcs=epcs)
    if event.type == "ObjectEvent" and event.action == "ADD" and kind != "extraction":
        return Step(kind, (entry,), produced=lines, observed_epcs=epcs)
    return Step(kind, (entry,), observed=lines, observed_epcs=epcs)


def _lines(entry: Recorded, quantities: Iterable[Quantity]) -> tuple[Line, ...]:
    lots = (quantity for quantity in quantities if is_batch(quantity))
    return tuple(Line(name_of(lot.epc_class), kilograms(lot), entry) for lot in lots)


def merged(steps: Iterable[Step]) -> list[Step]:
    """Join the steps of one transformationID: id, time, place of the last, lists added (facts.md 4).

    The type is that of the last member that states a process, so that a bare closing event hides no smelting.
    """
    joined: list[Step] = []
    groups: dict[str, list[Step]] = {}
    for step in steps:
        if step.event.type == "TransformationEvent" and step.event.transformation_id:
            groups.setdefault(name_of(step.event.transformation_id), []).append(step)
        else:
            joined.append(step)
    return joined + [_join(sorted(group, key=lambda step: step.position)) for group in groups.values()]


def _join(group: Sequence[Step]) -> Step:
    if len(group) == 1:
        return group[0]
    stated = [step.type for step in group if step.type != "consolidation"]
    return Step(
        stated[-1] if stated else "consolidation",
        tuple(step.last for step in group),
        consumed=tuple(line for step in group for line in step.consumed),
        produced=tuple(line for step in group for line in step.produced),
        consumed_epcs=tuple(epc for step in group for epc in step.consumed_epcs),
    )
