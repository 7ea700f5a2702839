"""Grade and moisture of an amount, in per cent (facts.md 5): stated in our terms, or an assay of the batch's metal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from traceability.custody import terms
from traceability.custody.balances import NOTHING, Amount
from traceability.custody.metals import is_assay_of
from traceability.custody.postings import Posting
from traceability.events.model import CustodyEvent

Percents = tuple[Decimal | None, Decimal | None]

_HUNDRED = Decimal(100)
_GRAIN = Decimal("0.000001")


def minerals(postings: Iterable[Posting]) -> dict[str, str]:
    """Return the mineral of each batch as stated where it was born; an effective birth counts before a wrong one."""
    found: dict[str, str] = {}
    for posting in postings:
        for amount in posting.created:
            for line in amount.lines:
                if mineral := terms.text(line.entry.event, "mineral"):
                    found.setdefault(amount.batch, mineral)
    return found


def percents(amount: Amount, posting: Posting, mineral: str | None) -> Percents:
    """Return (grade, moisture) of an amount, each None where nothing usable is stated.

    Several quantity elements of one batch are averaged by mass, the grade by dry mass; where one of them states no
    grade, the sum has none. A moisture that is not stated counts as none, as the rules count it.
    """
    events = [(line.kg, line.entry.event) for line in amount.lines if line.kg is not None]
    if not events:
        events = [(amount.kg, posting.step.event)] if amount.kg is not None else []
    stated = [(kg, _grade(event, mineral), terms.percent(event.crm("moisturePercent"))) for kg, event in events]
    pairs = {(grade, moisture) for _, grade, moisture in stated}
    if len(pairs) == 1:
        return pairs.pop()
    wet = any(moisture for _, _, moisture in stated)
    moisture = _mean([(kg, moisture or NOTHING) for kg, _, moisture in stated]) if wet else None
    dry = [(kg * (1 - (moisture or NOTHING) / _HUNDRED), grade) for kg, grade, moisture in stated]
    return _mean(dry), moisture


def _mean(parts: Sequence[tuple[Decimal, Decimal | None]]) -> Decimal | None:
    total = sum((kg for kg, _ in parts), NOTHING)
    shares = [kg * percent for kg, percent in parts if percent is not None]
    if len(shares) < len(parts) or not total:
        return None
    return (sum(shares, NOTHING) / total).quantize(_GRAIN)


def _grade(event: CustodyEvent, mineral: str | None) -> Decimal | None:
    stated = terms.percent(event.crm("gradePercent"))
    if stated is not None or mineral is None:
        return stated
    assayed = set(_assays(event, mineral))
    return assayed.pop() if len(assayed) == 1 else None


def _assays(event: CustodyEvent, mineral: str) -> Iterator[Decimal]:
    for element in event.sensor_elements:
        for report in element.get("sensorReport", ()):
            if isinstance(report, Mapping) and _speaks_of(report, mineral):
                value = terms.percent(report.get("value"))
                if value is not None:
                    yield value


def _speaks_of(report: Mapping[str, object], mineral: str) -> bool:
    substance = report.get("chemicalSubstance")
    return report.get("uom") == "P1" and isinstance(substance, str) and is_assay_of(substance, mineral)
