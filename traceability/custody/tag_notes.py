"""Notes on bags, their tags and seals: missing, refilled, used twice (epcis.md 9; facts.md 5)."""

from collections.abc import Iterator

from traceability.custody.balances import TOLERANCE
from traceability.custody.chain import Chain
from traceability.custody.goods_notes import note_at
from traceability.custody.model import Note
from traceability.custody.postings import Posting
from traceability.custody.terms import kg_text
from traceability.texts import phrase


def tag_notes(chain: Chain) -> Iterator[Note]:
    """Yield the notes on the bags of a chain."""
    sealed: dict[str, str] = {}
    uses_tags = any(chain.fillings.values())
    for posting in chain.postings:
        if not posting.counts:
            continue
        if posting.step.type == "extraction" and uses_tags:
            yield from _untagged(chain, posting)
        if posting.step.is_packing and posting.step.event.action == "ADD" and posting.step.packed:
            yield from _packed(chain, posting, posting.step.parent or "", sealed)


def _untagged(chain: Chain, posting: Posting) -> Iterator[Note]:
    for amount in posting.observed:
        packed = chain.tags(amount.batch).kg
        if amount.kg is not None and packed < (1 - TOLERANCE) * amount.kg:
            message = phrase(
                f"expected all {kg_text(amount.kg)} kg of {amount.batch} in tagged bags, as others of the chain; "
                f"got {kg_text(packed)} kg"
            )
            yield note_at(posting, "tag_missing", message, [amount.batch])


def _packed(chain: Chain, posting: Posting, bag: str, sealed: dict[str, str]) -> Iterator[Note]:
    step = posting.step
    batches = {line.batch for line in step.packed}
    if others := sorted(chain.fillings.get(bag, frozenset()) - batches):
        message = phrase(f"expected bag {bag} to be filled from one batch, got also {', '.join(others)}")
        yield note_at(posting, "tag_reused", message, batches)
    if not step.seals and not posting.seals:
        yield note_at(posting, "seal_missing", phrase(f"expected a seal number on bag {bag}, got none"), batches)
    for seal in step.seals:
        if sealed.setdefault(seal, bag) != bag:
            message = phrase(f"expected seal {seal} on {sealed[seal]} only, got it on {bag} too")
            yield note_at(posting, "seal_reused", message, batches)
