"""Numbers of lots and tags on papers that the chain does not know, where it knows others."""

import re
from collections.abc import Iterator
from dataclasses import replace

from traceability.documents.report import DeclaredItem
from traceability.services.contradictions.model import Chain, Contradiction, Paper, Signed, lines, signed
from traceability.services.contradictions.names import Lots, covers, tag_numbers, tail
from traceability.texts import phrase

_TAG = re.compile(r"[0-9]{5}")  # "Tags: 1200" may be how many there are


def lots(paper: Paper, chain: Chain) -> Iterator[Contradiction]:
    """Yield a contradiction where a paper names lots and not one of them is in the chain.

    A paper of a bigger consignment names other lots besides: that contradicts nothing.
    """
    named = [(item.lot, item.read("lot")) for item in paper.declared.items if item.lot]
    if not named or not chain.amounts:
        return
    known = _known(chain)
    if any(known.find(lot) for lot, _ in named):
        return
    read = named[0][1]
    if read is not None:
        facts = tuple(replace(amounts[0].signed, value=lot) for lot, amounts in chain.amounts.items())
        yield Contradiction(
            "lot_contradicted", read, facts, _why(named[0][0], len(named) - 1), read.confidence == "high"
        )


def _why(lot: str | None, more: int) -> str:
    if more:
        return phrase(f"lot {lot} and {more} more are not in the chain")
    return phrase(f"lot {lot} is not in the chain")


def _known(chain: Chain) -> Lots:
    """Return every number by which the chain knows goods: lots, bags and their tags, seals."""
    held = [tag for event in chain.events for line in lines(event) for tag in line.get("tag_ids", ())]
    seals = [seal for event in chain.events for seal in event.get("seal_numbers", ())]
    return Lots({*chain.amounts, *map(tail, (*held, *seals))})


def tags(paper: Paper, chain: Chain) -> Iterator[Contradiction]:
    """Yield a contradiction where the tags of a lot, or of a paper without lots, are none of the chain's."""
    tagged = [(item, read) for item in paper.declared.items if (read := item.read("tags")) and _TAG.search(read.quote)]
    facts = list(_tagged(chain)) if tagged else []
    numbers = tag_numbers(tag.value for _, tag in facts)
    for item, read in tagged if numbers else ():
        if _of_chain(item, chain) and not covers(read.quote, numbers):
            own = chain.lots.find(item.lot or "")
            told = tuple(tag for _, tag in sorted(facts, key=lambda fact: fact[0] not in own))
            why = phrase("none of these tags is in the chain")
            yield Contradiction("tags_contradicted", read, told, why, read.confidence == "high")


def _of_chain(item: DeclaredItem, chain: Chain) -> bool:
    return item.lot is None or bool(chain.lots.find(item.lot))


def _tagged(chain: Chain) -> Iterator[tuple[str, Signed]]:
    """Yield the tags of the chain, each once for every lot it is on, with the number of the lot."""
    seen = set()
    for event in chain.events:
        for line in lines(event):
            lot = tail(line["batch_id"])
            for tag in line.get("tag_ids", ()):
                if (lot, tag) not in seen:
                    seen.add((lot, tag))
                    yield lot, signed(event, tail(tag))
