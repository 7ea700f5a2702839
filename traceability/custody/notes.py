"""Record and flag (epcis.md 9): everything about a chain that an officer should see and no rule code says."""

from traceability.custody.chain import Chain
from traceability.custody.event_notes import event_notes
from traceability.custody.goods_notes import goods_notes
from traceability.custody.journey_notes import journey_notes
from traceability.custody.model import Note, World
from traceability.custody.stock_notes import stock_notes
from traceability.custody.tag_notes import tag_notes


def notes_of(chain: Chain, world: World) -> list[Note]:
    """Return the notes on a chain, each once, by ledger index, kind and message; those on no event come first."""
    found = {*goods_notes(chain), *stock_notes(chain, world), *journey_notes(chain, world)}
    found |= {*tag_notes(chain), *_corrections(chain)}
    for posting in chain.postings:
        found.update(event_notes(posting, world))
    return sorted(found, key=lambda note: (-1 if note.index is None else note.index, note.kind, note.message))


def _corrections(chain: Chain) -> set[Note]:
    outstanding = chain.corrections.outstanding
    return {
        Note(
            "correction_outstanding",
            chain.corrections.reason(posting.step.last.event_id),
            posting.step.last.event_id,
            posting.step.last.index,
            tuple(sorted(posting.batches)),
        )
        for posting in chain.postings
        if posting.step.is_declaration and posting.step.last.event_id in outstanding
    }
