"""Who approved a further key of a party, or one that came for a lost one, as an entry of the log (ledger.md 6).

The first key of a party goes with the party, whose approval refers to it; for a rotated key the old one vouches.
"""

from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services.context import Service
from traceability.services.whole import key_approval_bytes
from traceability.storage.store import Transaction
from traceability.storage.tables import KeyApplication, PartyKey


def record(service: Service, tx: Transaction, key: PartyKey, application: KeyApplication | None = None) -> None:
    """Write the decision by which a key that was just brought became active; it refers to the key's own entry."""
    entry = Entry(
        kind="decision", body=digest(key_approval_bytes(key, application, service.who)),
        who=service.who(key.party_id), at=milliseconds(tx.now), ref=(key.added_index or 0,),
    )  # fmt: skip
    key.approved_index = tx.log.append(entry)
    tx.session.add(key)
