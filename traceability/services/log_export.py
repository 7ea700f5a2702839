"""Our own log as static files, read from one snapshot of the database and verified like a stranger's."""

from pathlib import Path

from sqlmodel import Session

from traceability.ledger.mirror import Copied, copy_log
from traceability.ledger.tile_paths import CHECKPOINT, parse_place
from traceability.services import published_log
from traceability.services.context import Service
from traceability.services.receipts import Head, cosigned_note
from traceability.storage.static_log import StaticLog


def export(service: Service, folder: Path, *, again: bool = False) -> Copied:
    """Bring the copy of our log in ``folder`` up to the newest checkpoint; the service may go on meanwhile.

    ``again`` reads what was copied before as well, and mends what does not fit.

    Raises:
        NotFound: nothing has been recorded yet.
        Forked: the folder holds another history of this log than the database.
        ProofError: what is stored is not what the checkpoint says.
        LedgerDamaged: a stored tile or entry is missing.

    """
    head = published_log.newest(service)
    with service.store.read() as session:
        return copy_log(_Stored(session, head), StaticLog(folder), service.log_keys.verifiers(), again=again)


class _Stored:
    """Our tables as the source of a copy, at one head."""

    def __init__(self, session: Session, head: Head) -> None:
        self._session, self._head = session, head

    def get(self, path: str) -> bytes | None:
        if path == CHECKPOINT:
            return cosigned_note(self._session, self._head).encode()
        _, level, rest = path.split("/", 2)
        place = parse_place(level, rest)
        if place is None or not place.exists_at(self._head.size):
            return None
        data = published_log.read_resource(self._session, place, self._head.size)
        self._session.expunge_all()  # a whole log passes through here
        return data
