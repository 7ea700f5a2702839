"""Where the chain in a pack begins, and where others come into it: what its events name and none of them made."""

from collections.abc import Iterable, Mapping
from typing import Any

from traceability.custody.closure import Lookup
from traceability.custody.model import Recorded
from traceability.events.identifiers import normalise
from traceability.ledger.pack import Ends
from traceability.ledger.verify_chain import loose_in, made_by


def ends_of(lookup: Lookup, recorded: Iterable[Recorded]) -> Ends:
    """Return the batches that no event of a pack made, each with the reason, as ``lookup`` knows it.

    The reading is the verifier's plain one, so that both mean the same names; the reason is found in the database, in
    everything that the reader may see of the log up to the pack's head.
    """
    events = _raw(recorded)
    loose, here = loose_in(events), {normalise(name): name for name in sorted(made_by(events))}
    same = {name: here[normalise(name)] for name in sorted(loose) if normalise(name) in here}
    left = sorted(loose - same.keys())
    elsewhere = {normalise(name) for name in made_by(_raw(lookup.naming(frozenset(map(normalise, left)))))}
    return Ends(
        tuple(name for name in left if normalise(name) not in elsewhere),
        tuple(name for name in left if normalise(name) in elsewhere),
        same,
    )


def _raw(recorded: Iterable[Recorded]) -> list[Mapping[str, Any]]:
    return [one.event.raw for one in recorded]
