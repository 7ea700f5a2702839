"""Notes on goods sent twice: a party that dispatches more of a batch than it made or received (epcis.md 9)."""

from collections.abc import Iterator
from decimal import Decimal

from traceability.custody import parties
from traceability.custody.balances import NOTHING, TOLERANCE
from traceability.custody.chain import Chain
from traceability.custody.goods_notes import note_at
from traceability.custody.handovers import papers
from traceability.custody.model import Note, World
from traceability.custody.postings import Posting
from traceability.custody.terms import kg_text
from traceability.texts import phrase

_Stock = tuple[str, str]  # batch, party


def stock_notes(chain: Chain, world: World) -> Iterator[Note]:
    """Yield a note where a party sends off more of a batch than ever came to it, more than the tolerance.

    Only parties that made the batch or confirmed its receipt are held to this: of others it is not known what they had.
    """
    stocks = _Stocks(world)
    for posting in chain.postings:
        if posting.counts:
            stocks.take_in(posting)
            if posting.step.type == "dispatch":
                yield from stocks.send(posting)


class _Stocks:
    """Kilograms that came to a party, and left it again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._had: dict[_Stock, Decimal] = {}
        self._sent: dict[_Stock, Decimal] = {}
        self._on_paper: dict[tuple[_Stock, str], Decimal] = {}

    def take_in(self, posting: Posting) -> None:
        """Book what a party makes, receives, or gets back."""
        party = self._receiver(posting)
        if party is None:
            return
        for amount in posting.created or posting.observed:
            stock = (amount.batch, party)
            self._had[stock] = self._had.get(stock, NOTHING) + (amount.kg or NOTHING)

    def _receiver(self, posting: Posting) -> str | None:
        step = posting.step
        source, destination = parties.literal_possessors(step.event)
        party = source if step.event.biz_step == "void_shipping" else destination
        if step.creates and party is None and len(posting.actors) == 1:
            return min(posting.actors)
        return self._world.party(party) if party and (step.creates or step.type == "receipt") else None

    def send(self, posting: Posting) -> Iterator[Note]:
        """Book a dispatch, and yield a note where it was more than there was."""
        source, _ = parties.possessors(posting.step.event, self._world)
        for amount in posting.observed if source else ():
            stock = (amount.batch, source or "")
            self._sent[stock] = self._sent.get(stock, NOTHING) + self._newly_sent(stock, amount.kg or NOTHING, posting)
            had, sent = self._had.get(stock), self._sent[stock]
            if had is not None and sent > had * (1 + TOLERANCE):
                most = phrase(f"the {kg_text(had)} kg of {amount.batch} it had")
                message = f"expected {source} to send at most {most}, got {kg_text(sent)} kg"
                yield note_at(posting, "double_spend", message, [amount.batch])

    def _newly_sent(self, stock: _Stock, kg: Decimal, posting: Posting) -> Decimal:
        """Return the kg that no earlier leg under the same papers sent: shipping and departing are one journey."""
        known = [(stock, paper) for paper in papers(posting.step)]
        before = max((self._on_paper.get(key, NOTHING) for key in known), default=NOTHING)
        self._on_paper.update(dict.fromkeys(known, max(before, kg)))
        return max(kg - before, NOTHING)
