"""Whether a database may be written: its head, computed again, against every checkpoint that is remembered.

A log that was put back to an earlier state, or shows another history, must not sign anything: every receipt given since
would be contradicted by the log's own key. So it is read and never written until an operator has looked.
"""

from collections.abc import Iterable

from traceability.errors import Unavailable
from traceability.ledger.checkpoint import Checkpoint
from traceability.ledger.tiles import TileTree

_MEND = (
    "Nothing is written, reading works. The operator stops the service and puts the newest copy of the database in its "
    "place (`traceability restore`); where later entries are lost for good, `traceability ledger new-origin NAME` lets "
    "what is here go on as a log of another name (docs/operator.md, A restored or forked log)"
)


class Quarantined(Unavailable):
    """The database is not the newest state of its log; nothing is written until an operator has looked."""

    type = "about:blank#quarantined"
    title = "Ledger quarantined"


def compare(tree: TileTree, heads: Iterable[Checkpoint]) -> None:
    """Let a log go on that continues every remembered checkpoint.

    Raises:
        Quarantined: it is behind one of them, or has another history.

    """
    remembered = list(heads)
    for head in remembered:
        if head.size > tree.size:
            most = max(one.size for one in remembered)
            told = f"the ledger here has {tree.size} entries, and its key has signed {most}: an older copy"
            raise Quarantined(f"{told} was put back, or the last entries were lost. {_MEND}")
        if tree.root(head.size) != head.root:
            told = f"the first {head.size} entries of the ledger here are not those that its key has signed: a fork"
            raise Quarantined(f"{told}. {_MEND}")
