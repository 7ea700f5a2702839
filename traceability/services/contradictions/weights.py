"""Weights of lots on papers against the weights of the same lot in the chain, within the tolerance of the balances.

Papers state net, dry or metal weights, of the lot or of a part of it. More than the lot ever weighed contradicts the
chain; less, where no event moved so little, is told as covering less. A weight without a lot or unit is not compared.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from traceability.diligence.definitions.numbers import distance, exceeds, plain, product, total
from traceability.diligence.parameters import PARAMETERS
from traceability.documents.report import DeclaredItem, Read
from traceability.documents.text import lowered
from traceability.documents.values import states_unit
from traceability.documents.values import weights as may_mean
from traceability.services.contradictions.model import Amount, Chain, Contradiction, Paper
from traceability.services.contradictions.names import Parts, parts
from traceability.texts import phrase

_NET = ("net", "líquido", "净")
_DRY = ("dry", "sec", "trocken", "droog", "seco", "干")
_ORE = ("concentrate", "erz", "konzentrat", "erts", "concentraat", "minerai", "concentré", "mineral", "minério",
        "concentrado", "minerale", "concentrato", "矿")  # fmt: skip
_SAMPLES = "assay_report"


def weights(paper: Paper, chain: Chain) -> Iterator[Contradiction]:
    """Yield a contradiction for each lot of the paper that weighs more, or less, than the chain shows of it."""
    for lot, items in _by_lot(paper.declared.items).items():
        amounts = [one for number in sorted(chain.lots.find(lot)) for one in chain.amounts.get(number, ())]
        if amounts and not _agrees(_stated(items), amounts, chain):
            yield from _against(paper, items, amounts, chain)


def _by_lot(items: Sequence[DeclaredItem]) -> Mapping[str, list[DeclaredItem]]:
    """Return the items of each lot whose weight is in a unit; a lot may be spread over drums and bags."""
    spelled: dict[Parts, str] = {}
    found: dict[str, list[DeclaredItem]] = {}
    for item in items:
        net = item.read("net")
        if item.lot and item.kg and net and states_unit(net.label, net.quote):
            found.setdefault(spelled.setdefault(parts(item.lot), item.lot), []).append(item)
    return found


def _stated(items: Sequence[DeclaredItem]) -> list[Decimal]:
    """Return the weights that lines of a lot may mean: each by itself, and all together."""
    return [_together(items), *(reading for item in items for reading in _readings(item))]


def _together(items: Sequence[DeclaredItem]) -> Decimal:
    return total(item.kg for item in items if item.kg is not None)


def _readings(item: DeclaredItem) -> Sequence[Decimal]:
    net = item.read("net")
    return may_mean(net.quote, item.kg) if net and item.kg is not None else ()


def _agrees(stated: Sequence[Decimal], amounts: Sequence[Amount], chain: Chain) -> bool:
    known = set().union(*(one.measures for one in amounts)) | {total(one.kg for one in _sent(amounts))}
    if len({one.batch for one in amounts}) == len(chain.record.get("batch_ids", ())) == 1:
        known |= {Decimal(chain.record[name]) for name in ("net_weight_kg",) if name in chain.record}
    weighed = sorted(known)
    return any(_is_near(one, weighed) for one in stated)


def _is_near(kg: Decimal, weighed: Sequence[Decimal]) -> bool:
    """Tell whether any of these weights, in order, is within the tolerance of ``kg``."""
    at = bisect_left(weighed, kg, key=lambda one: product(one, total((Decimal(1), PARAMETERS.tolerance))))
    return at < len(weighed) and distance(kg, weighed[at]) <= product(PARAMETERS.tolerance, weighed[at])


def _sent(amounts: Sequence[Amount]) -> list[Amount]:
    """Return what was sent off, which adds up where a lot went in parts."""
    return [one for one in amounts if one.signed.what in ("dispatch", "export")]


def _against(
    paper: Paper, items: Sequence[DeclaredItem], amounts: Sequence[Amount], chain: Chain
) -> Iterator[Contradiction]:
    read = max(items, key=lambda item: item.kg or 0).read("net")
    if read is None:
        return
    stated, heaviest = _together(items), max(one.kg for one in amounts)
    if exceeds(stated, heaviest, PARAMETERS.tolerance):
        # Lines of one lot may say the same twice, and a label that does not say net may mean gross.
        sure = len(items) == 1 and read.confidence == "high" and _says(read, _NET)
        yield _found(items, read, amounts, is_more=True, review=sure)
    elif _is_less(paper, items, read, amounts, chain) and stated < min(one.dry for one in amounts):
        yield _found(items, read, amounts, is_more=False, review=False)


def _is_less(paper: Paper, items: Sequence[DeclaredItem], read: Read, amounts: Sequence[Amount], chain: Chain) -> bool:
    """Tell whether a lighter weight speaks of the same thing: not of a sample, dry goods or the metal in an ore."""
    born = {lowered(chain.minerals[one.batch]) for one in amounts if one.batch in chain.minerals}
    alike = all(_same_form(item, born) for item in items)
    dry = _says(read, _DRY) and any(one.moisture is None for one in amounts)
    return paper.type != _SAMPLES and alike and not dry and read.confidence == "high"


def _same_form(item: DeclaredItem, born: Collection[str]) -> bool:
    """Tell whether a line speaks of what was weighed in the chain: tin metal is not what cassiterite weighs."""
    goods = item.read("mineral")
    if goods is None or not born:
        return True
    quote = lowered(goods.quote)
    return any(word in quote for word in (*born, *_ORE))


def _says(read: Read, words: Sequence[str]) -> bool:
    return any(word in lowered(read.label) for word in words)


def _found(
    items: Sequence[DeclaredItem], read: Read, amounts: Sequence[Amount], *, is_more: bool, review: bool
) -> Contradiction:
    first = {one.kg: one.signed for one in reversed(amounts)}  # of equal weights the event that stated it first
    said = _why(plain(_together(items)), items[0].lot, is_more=is_more)
    said = said if _says(read, _NET) else phrase(f"{said}; its label does not say whether it is net")
    return Contradiction(
        "weight_contradicted", read, tuple(first[kg] for kg in sorted(first, reverse=True)), said, review
    )


def _why(kg: str, lot: str | None, *, is_more: bool) -> str:
    if is_more:
        return phrase(f"{kg} kg of lot {lot} is more than 2 % heavier than anything signed of it")
    return phrase(f"{kg} kg of lot {lot} is less than anything signed of it")
