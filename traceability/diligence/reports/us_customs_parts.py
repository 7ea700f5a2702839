"""The five parts of a tracing package and its list of papers, from the signed steps of the chain."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from traceability.diligence.definitions.numbers import exceeds, total
from traceability.diligence.parameters import PARAMETERS
from traceability.diligence.reports.model import Cell, Column, Gap, Map, Point, Section, Table
from traceability.diligence.reports.tracing import Amounts, Consignment, Spot, Step

_TENTH: Final = Decimal("0.1")
_SALES: Final = frozenset({"transfer"})
_CARRIED: Final = frozenset({"dispatch", "export", "transport", "transit", "import", "receipt"})
_BORN: Final = frozenset({"extraction", "recycling"})
_SIGNED = Column("signed", "Signed by")
_SITES = (
    Column("number", "No."), Column("name", "Site"), Column("country", "Country"), Column("area", "Area"),
    Column("latitude", "Latitude", "°"), Column("longitude", "Longitude", "°"), Column("steps", "Steps"),
    Column("site", "Identifier"),
)  # fmt: skip
_LEGS = (
    Column("number", "No."), Column("left", "Left"), Column("start", "From"), Column("arrived", "Arrived"),
    Column("end", "To"), Column("batches", "Batches and kg"),
)  # fmt: skip
_ACTORS = (
    Column("name", "Party"), Column("country", "Country"), Column("address", "Address"), Column("roles", "Roles"),
    Column("steps", "Steps it signed"), Column("identifier", "Identifier"),
)  # fmt: skip
_DONE = (
    Column("at", "When"), Column("what", "Step"), Column("seller", "From"), Column("buyer", "To"),
    Column("batches", "Batches and kg"), Column("papers", "Papers it names"), _SIGNED,
)  # fmt: skip
_CARRIAGE = (*_DONE[:2], Column("place", "Where"), *_DONE[2:])
_BIRTHS = (
    Column("at", "When"), Column("what", "Step"), Column("place", "Where"), Column("batches", "Batches and kg"),
    _SIGNED,
)  # fmt: skip
_MADE = (
    Column("at", "When"), Column("what", "Process"), Column("place", "Where"), Column("inputs", "In"),
    Column("outputs", "Out"), Column("yield", "Out of in", "%"), Column("gained", "More out than in"), _SIGNED,
)  # fmt: skip
_PAPERS = (
    Column("number", "No."), Column("type", "Kind"), Column("name", "Name of the file"), Column("issued", "Issued on"),
    Column("language", "Language"), Column("file", "In the package"), Column("sha256", "SHA-256"),
)  # fmt: skip


def map_section(one: Consignment) -> Section:
    """Return the sites in the order in which the chain reaches them, the journeys between them, and all parties."""
    sites = _sites(one.steps)
    rows = tuple(
        (number, spot.name, spot.country, spot.subdivision, _degrees(spot.latitude), _degrees(spot.longitude),
         ", ".join(dict.fromkeys(steps)), spot.site)
        for number, (spot, steps) in enumerate(sites.items(), start=1)
    )  # fmt: skip
    signed = {name: sum(name in step.signers for step in one.steps) for step in one.steps for name in step.signers}
    actors = tuple(
        (a.name, a.country, a.address, ", ".join(a.roles) or None, signed.get(a.name or a.identifier, 0), a.identifier)
        for a in one.actors
    )
    note = "Coordinates are WGS 84, as the party registered the site."
    tables = (
        Table("sites", "Sites in the order of the chain", _SITES, rows, note),
        Table("journeys", "Journeys", _LEGS, tuple(_legs(one.steps))), Table("parties", "Parties", _ACTORS, actors),
    )  # fmt: skip
    said = f"Steps declared wrong by those who reported them, and not shown: {one.corrected}."
    drawn = (_drawn(one.steps, sites),)
    return Section("Map", (said,) if one.corrected else (), tables, maps=drawn)


def _sites(steps: Iterable[Step]) -> dict[Spot, list[str]]:
    """Return the sites in the order of the chain, each with the steps done there."""
    sites: dict[Spot, list[str]] = {}
    for step in steps:
        if step.spot.site or step.spot.country:
            sites.setdefault(step.spot, []).append(step.type)
    return sites


def _drawn(steps: Iterable[Step], sites: Iterable[Spot]) -> Map:
    """Return the sites that have coordinates under their numbers of the table, and the journeys between two of them."""
    numbers = {spot: number for number, spot in enumerate(sites, start=1)}
    points = tuple(
        Point(number, spot.name or spot.country or "site", spot.latitude, spot.longitude)
        for spot, number in numbers.items()
        if spot.latitude is not None and spot.longitude is not None
    )
    known = {point.number for point in points}
    ends = ((numbers.get(start.spot, 0), numbers.get(end.spot, 0)) for start, end in _journeys(steps) if end)
    legs = tuple(dict.fromkeys((a, b) for a, b in ends if a != b and {a, b} <= known))
    return Map("Sites and journeys", points, legs)


def _journeys(steps: Iterable[Step]) -> Iterator[tuple[Step, Step | None]]:
    """Yield each dispatch with the receipt of the same batches by the same receiver that follows it."""
    left = list(steps)
    for place, step in enumerate(left):
        if step.type == "dispatch":
            later = (one for one in left[place + 1 :] if one.type == "receipt" and _same(step, one))
            yield step, next(later, None)


def _legs(steps: Iterable[Step]) -> Iterator[tuple[Cell, ...]]:
    for number, (step, end) in enumerate(_journeys(steps), start=1):
        arrived = (_when(end), _place(end.spot)) if end else (None, None)
        yield number, _when(step), _place(step.spot), *arrived, _kg(step.observed)


def _same(sent: Step, got: Step) -> bool:
    shared = {batch for batch, _ in sent.observed} & {batch for batch, _ in got.observed}
    return sent.receiver == got.receiver and (bool(shared) or bool(set(sent.papers) & set(got.papers)))


def transactions(one: Consignment) -> Section:
    """Return the sales that signed events tell of, and every commercial paper that any event names."""
    named = ("inv", "po", "poc", "prodorder", "pedigree", "cert")
    rows = _rows(one, lambda step: step.type in _SALES or any(kind in named for kind, _ in step.papers), _done)
    return Section("Transactions", (), (Table("transactions", "Sales and what they name", _DONE, rows),))


def transport(one: Consignment) -> Section:
    """Return shipping, customs, stops and receipts."""
    rows = _rows(one, lambda step: step.type in _CARRIED, _carried)
    return Section("Transport", (), (Table("transport", "Carriage", _CARRIAGE, rows),))


def origin(one: Consignment) -> Section:
    """Return where raw materials begin: extractions and recycling, and batches that no step made."""
    rows = _rows(one, lambda step: step.type in _BORN, _birth)
    unborn = _unborn(one)
    said = (f"Batches that no recorded step made: {'; '.join(unborn)}.",) if unborn else ()
    declared = ", ".join(p.get("subdivision") or p.get("country", "") for p in one.record.get("origins", []))
    more = f"Origin as the importer declared it, beside what was signed: {declared or 'not declared'}."
    return Section("Origin", (*said, more), (Table("origins", "Where raw materials begin", _BIRTHS, rows),))


def production(one: Consignment) -> Section:
    """Return every process with its kilograms in and out; more out than in beyond the tolerance is said."""
    rows = _rows(one, lambda step: bool(step.inputs and step.outputs), _process)
    note = f"Kilograms as weighed. More out than in is said beyond {PARAMETERS.tolerance * 100:.0f} %."
    return Section("Production", (), (Table("production", "Processes", _MADE, rows, note),))


def papers(one: Consignment) -> Section:
    """Return the list of papers with their files."""
    rows = tuple(
        (number, p.type.replace("_", " "), p.name, p.issued_on, p.language, p.file, p.sha256)
        for number, p in enumerate(one.papers, start=1)
    )
    note = "Kind, day and language as a machine read them; a person checks them."
    return Section("Papers", (), (Table("papers", "Papers of the chain", _PAPERS, rows, note),))


def gaps(one: Consignment, law: str) -> Iterator[Gap]:
    """Yield what the steps leave open: the beginning of a batch, signatures, places, kilograms that cannot be right."""
    signed = "signed events of the chain, by those who did the steps"
    for batch in _unborn(one):
        yield Gap(f"where the batch {batch} comes from (part 4)", law, signed)
    for seller, buyer in _unsold(one.steps):
        yield Gap(f"the sale behind what {seller} handed to {buyer} (part 2)", law, signed)
    if not one.steps:
        yield Gap("the chain of the consignment: no signed event names its batches", law, signed)
    counted = {
        "a valid signature of": sum(step.signature != "valid" for step in one.steps),
        "the place of": sum(step.spot.country is None and step.type not in _SALES for step in one.steps),
        "a credible yield of": sum(_gained(step) for step in one.steps),
    }
    for what, number in counted.items():
        if number:
            yield Gap(f"{what} {number} step{'s' * (number != 1)} of the chain", law, signed)


def _unsold(steps: Iterable[Step]) -> list[tuple[str, str]]:
    """Return who handed goods to whom without any sale between the two, in their order."""
    found = list(steps)
    sold = {(step.sender, step.receiver) for step in found if step.type in _SALES}
    handed = dict.fromkeys((step.sender, step.receiver) for step in found if step.type == "dispatch")
    return [(a, b) for a, b in handed if a is not None and b is not None and a != b and (a, b) not in sold]


def _unborn(one: Consignment) -> list[str]:
    """Return the batches named in the chain that no step made, in their order."""
    made = {batch for step in one.steps for batch, _ in _outputs(step)}
    named = [batch for step in one.steps for batch, _ in (*step.inputs, *step.observed)]
    return [batch for batch in dict.fromkeys([*named, *one.record.get("batch_ids", [])]) if batch not in made]


def _outputs(step: Step) -> Amounts:
    return (*step.outputs, *step.observed) if step.type == "extraction" else step.outputs


def _rows(
    one: Consignment, chosen: Callable[[Step], bool], cells: Callable[[Step], tuple[Cell, ...]]
) -> tuple[tuple[Cell, ...], ...]:
    return tuple(cells(step) for step in one.steps if chosen(step))


def _done(step: Step) -> tuple[Cell, ...]:
    moved = _kg((*step.observed, *step.outputs))
    return _when(step), step.type, step.sender, step.receiver, moved, _named(step), _signed(step)


def _carried(step: Step) -> tuple[Cell, ...]:
    at, what, *rest = _done(step)
    return at, what, _place(step.spot), *rest


def _birth(step: Step) -> tuple[Cell, ...]:
    return _when(step), step.type, _place(step.spot), _kg(_outputs(step)), _signed(step)


def _process(step: Step) -> tuple[Cell, ...]:
    used, made = _sum(step.inputs), _sum(step.outputs)
    share = (made * 100 / used).quantize(_TENTH) if used and made is not None else None
    seen = None if used is None or made is None else "yes" if _gained(step) else "no"
    return (
        _when(step), step.type, _place(step.spot), _kg(step.inputs), _kg(step.outputs), share, seen, _signed(step),
    )  # fmt: skip


def _gained(step: Step) -> bool:
    used, made = _sum(step.inputs), _sum(step.outputs)
    return bool(step.inputs) and used is not None and made is not None and exceeds(made, used, PARAMETERS.tolerance)


def _sum(amounts: Amounts) -> Decimal | None:
    """Return the kilograms of all; None where those of one are not known, or there are none."""
    known = [kg for _, kg in amounts if kg is not None]
    return total(known) if amounts and len(known) == len(amounts) else None


def _kg(amounts: Amounts) -> str | None:
    return "; ".join(f"{batch} {'kg not stated' if kg is None else f'{kg:f} kg'}" for batch, kg in amounts) or None


def _named(step: Step) -> str | None:
    return "; ".join(f"{_KINDS.get(kind, kind)} {number}" for kind, number in step.papers) or None


_KINDS: Final[Mapping[str, str]] = {
    "bol": "bill of lading", "inv": "invoice", "po": "purchase order", "poc": "order confirmation",
    "prodorder": "production order", "desadv": "despatch advice", "recadv": "receiving advice", "cert": "certificate",
    "testres": "test result", "customsDeclaration": "customs declaration",
}  # fmt: skip


def _when(step: Step) -> str:
    """Return when it was, to the minute and with its offset."""
    return step.at.isoformat(" ", "minutes")


def _signed(step: Step) -> str:
    status = "" if step.signature == "valid" else f" ({step.signature.replace('_', ' ')})"
    return f"{', '.join(step.signers) or 'nobody'}{status}; log entry {step.entry}"


def _place(spot: Spot) -> str | None:
    return ", ".join(part for part in (spot.name or spot.site, spot.subdivision or spot.country) if part) or None


def _degrees(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}"
