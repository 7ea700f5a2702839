"""Whether a party is still here: nothing is given to one that has left (see `departures`)."""

from traceability.errors import Conflict
from traceability.storage.store import Transaction
from traceability.storage.tables import PartyDeparture


def has_left(tx: Transaction, party_id: str) -> PartyDeparture | None:
    """Return the departure of a party that has left.

    The head is locked first: one that leaves at the same moment has left before this, or leaves after it and ends what
    this gives.
    """
    _ = tx.now
    return tx.session.get(PartyDeparture, party_id)


def require_here(tx: Transaction, party_id: str) -> None:
    """Let something new be given to a party that has not left; the head is locked first.

    Raises:
        Conflict: it has.

    """
    row = has_left(tx, party_id)
    if row is not None:
        raise Conflict(f"the party left on {row.left_at.date()} (ledger entry {row.entry_index}); it applies anew")
