"""Notes on kilograms: batches from nowhere, more out than in, double spending, losses nobody explains (epcis.md 9)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from traceability.custody import terms
from traceability.custody.balances import NOTHING, TOLERANCE, Amount
from traceability.custody.chain import Chain, cycle
from traceability.custody.grades import minerals, percents
from traceability.custody.model import Note
from traceability.custody.postings import Posting
from traceability.custody.terms import kg_text
from traceability.texts import phrase

ELSEWHERE = frozenset({"assay", "transfer"})
"""A laboratory or an office may be far from the goods it speaks of, and speak of goods that are used up."""

_HUNDRED = Decimal(100)


def note_at(posting: Posting, kind: str, message: str, batches: Iterable[str]) -> Note:
    """Return a note at the last event of a posting."""
    return Note(kind, message, posting.step.last.event_id, posting.step.last.index, tuple(sorted(batches)))


def goods_notes(chain: Chain) -> Iterator[Note]:
    """Yield the notes on what the batches of a chain weigh and where they come from."""
    yield from _births(chain)
    if circle := cycle(chain):
        yield Note(
            "cycle",
            phrase(f"expected no batch to be made from itself, got a circle of {', '.join(circle)}"),
            batches=tuple(circle),
        )
    grades = _Grades(chain)
    for posting in chain.postings:
        if posting.counts:
            yield from _spending(posting)
            yield from _weights(posting)
            yield from _yields(posting, grades)


def _births(chain: Chain) -> Iterator[Note]:
    born = {batch for posting in chain.postings if posting.counts for batch in posting.step.creates}
    withdrawn = {batch for posting in chain.postings if not posting.counts for batch in posting.step.creates}
    users: dict[str, Posting] = {}
    for posting in chain.followed():
        for amount in posting.consumed:
            users.setdefault(amount.batch, posting)
    for batch in sorted(chain.batches - born):
        if batch in withdrawn:
            yield Note(
                "no_birth",
                phrase(f"expected an effective birth of {batch}, got only one declared wrong"),
                batches=(batch,),
            )
        elif batch in users:
            message = phrase(f"expected {batch} to exist before it is used, got no event that creates it")
            yield note_at(users[batch], "unknown_input", message, [batch])
        else:
            yield Note("no_birth", phrase(f"expected an event that creates {batch}, got none"), batches=(batch,))


def _spending(posting: Posting) -> Iterator[Note]:
    for amount in posting.consumed:
        after = posting.after[amount.batch]
        if after.is_overdrawn:
            born, taken = kg_text(after.born or NOTHING), kg_text(after.used + after.lost)
            message = phrase(f"expected at most {born} kg to be taken from {amount.batch}, got {taken} kg")
            yield note_at(posting, "double_spend", message, [amount.batch])


def _weights(posting: Posting) -> Iterator[Note]:
    if posting.step.type in ELSEWHERE or posting.step.type == "extraction":
        return
    for amount in posting.observed:
        left = posting.before[amount.batch].remaining
        if amount.kg is not None and left is not None and amount.kg > max(left, NOTHING) * (1 + TOLERANCE):
            message = phrase(f"expected at most {kg_text(left)} kg left of {amount.batch}, got {kg_text(amount.kg)} kg")
            yield note_at(posting, "excess_weight", message, [amount.batch])


class _Grades:
    """Dry mass and contained metal; an input has the grade it was born with."""

    def __init__(self, chain: Chain) -> None:
        self._minerals = minerals(chain.postings)
        self._born: dict[str, tuple[Decimal | None, Decimal | None]] = {}
        for posting in chain.postings:
            for amount in posting.created if posting.counts else ():
                self._born.setdefault(amount.batch, percents(amount, posting, self._minerals.get(amount.batch)))

    def dry(self, amounts: Iterable[Amount]) -> Decimal:
        """Return the dry mass in kg; moisture not stated counts as none."""
        return sum((self._dry(amount) for amount in amounts), NOTHING)

    def contained(self, amounts: Iterable[Amount]) -> Decimal | None:
        """Return the contained metal in kg, or None where one grade is not known."""
        total = NOTHING
        for amount in amounts:
            grade = self._born.get(amount.batch, (None, None))[0]
            if grade is None:
                return None
            total += self._dry(amount) * grade / _HUNDRED
        return total

    def _dry(self, amount: Amount) -> Decimal:
        moisture = self._born.get(amount.batch, (None, None))[1]
        return (amount.kg or NOTHING) * (1 - (moisture or NOTHING) / _HUNDRED)


def _yields(posting: Posting, grades: _Grades) -> Iterator[Note]:
    everything = (*posting.consumed, *posting.produced)
    if not posting.consumed or not posting.produced or not all(map(_is_weighed, everything)):
        return
    names = {amount.batch for amount in everything}
    taken, made = grades.dry(posting.consumed), grades.dry(posting.produced)
    metal_in, metal_out = grades.contained(posting.consumed), grades.contained(posting.produced)
    compared = [(phrase("dry mass"), taken, made)]
    if metal_in is not None and metal_out is not None:
        compared.append(("metal", metal_in, metal_out))
    for what, before, after in compared:
        if after > before * (1 + TOLERANCE):
            message = phrase(
                f"expected at most {kg_text(before)} kg of {what} out, tolerance 2 %, got {kg_text(after)} kg"
            )
            yield note_at(posting, "excess_output", message, names)
    yield from _losses(posting, taken, made, names)


def _is_weighed(amount: Amount) -> bool:
    return amount.kg is not None and all(line.kg is not None for line in amount.lines)


def _losses(posting: Posting, taken: Decimal, made: Decimal, names: set[str]) -> Iterator[Note]:
    stated = (terms.number(member.event.crm("processLossKg")) for member in posting.step.members)
    declared = sum((loss for loss in stated if loss is not None and loss >= 0), NOTHING)
    missing = taken - made - declared
    unexplained = missing > taken * TOLERANCE and posting.step.type == "consolidation"
    if unexplained or (declared and -missing > taken * TOLERANCE):
        balance = phrase(f"{kg_text(taken)} kg in less {kg_text(made)} kg out")
        message = phrase(f"expected a loss of about {balance}, got a stated loss of {kg_text(declared)} kg")
        yield note_at(posting, "implausible_loss", message, names)
