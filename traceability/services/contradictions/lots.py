"""Numbers of lots and tags on papers that the chain does not know, where it knows others."""

from collections.abc import Iterator
from dataclasses import replace

from traceability.documents.report import DeclaredItem
from traceability.services.contradictions.model import Chain, Contradiction, Paper, Signed, lines, said, signed, some
from traceability.services.contradictions.names import Lots, covers, tag_numbers, tail


def lots(paper: Paper, chain: Chain) -> Iterator[Contradiction]:
    """Yield a contradiction where a paper names lots and not one of them is in the chain.

    A paper of a bigger consignment names other lots besides: that contradicts nothing.
    """
    named = [(item.lot, item.read("lot")) for item in paper.declared.items if item.lot]
    known = _known(chain)
    if not named or not chain.amounts or any(known.find(lot) for lot, _ in named):
        return
    read = named[0][1]
    if read is not None:
        facts = tuple(replace(amounts[0].signed, value=lot) for lot, amounts in chain.amounts.items())
        others = f" and {len(named) - 1} more" if len(named) > 1 else ""
        message = f"{said(paper, read)}: lot {named[0][0]}{others} is not in the chain; its lots are {some(facts)}"
        yield Contradiction("paper_lot", message, read, facts, read.confidence == "high")


def _known(chain: Chain) -> Lots:
    """Return every number by which the chain knows goods: lots, bags and their tags, seals."""
    held = [tag for event in chain.events for line in lines(event) for tag in line.get("tag_ids", ())]
    seals = [seal for event in chain.events for seal in event.get("seal_numbers", ())]
    return Lots({*chain.amounts, *map(tail, (*held, *seals))})


def tags(paper: Paper, chain: Chain) -> Iterator[Contradiction]:
    """Yield a contradiction where the tags of a lot, or of a paper without lots, are none of the chain's."""
    facts = list(_tagged(chain))
    numbers = tag_numbers(one.value for one in facts)
    for item in paper.declared.items if numbers else ():
        read = item.read("tags")
        if read is not None and item.tags and _of_chain(item, chain) and not covers(read.quote, numbers):
            message = f"{said(paper, read)}: none of these tags is in the chain; its tags are {some(facts)}"
            yield Contradiction("paper_tags", message, read, tuple(facts), read.confidence == "high")


def _of_chain(item: DeclaredItem, chain: Chain) -> bool:
    return item.lot is None or bool(chain.lots.find(item.lot))


def _tagged(chain: Chain) -> Iterator[Signed]:
    seen = set()
    for event in chain.events:
        for line in lines(event):
            for tag in line.get("tag_ids", ()):
                if tag not in seen:
                    seen.add(tag)
                    yield signed(event, tail(tag))
