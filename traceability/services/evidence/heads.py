"""The head a pack shows: every pack of one size shows the same, whatever witnesses and authorities say later."""

import orjson
from sqlmodel import Session, col, select

from traceability.errors import NotFound
from traceability.services.receipts import cosigned_note, timestamps
from traceability.storage.store import Transaction
from traceability.storage.tables import Checkpoint, Cosignature, PackHead


def stored(session: Session, size: int | None) -> Checkpoint:
    """Return the checkpoint of a size, or the newest; raises NotFound where there is none."""
    query = select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)
    found = session.exec(query).first() if size is None else session.get(Checkpoint, size)
    if found is None:
        raise NotFound(f"no checkpoint was signed at {size} entries" if size else "nothing is recorded yet")
    return found


def newest_cosigned(session: Session) -> int | None:
    """Return the largest size that a witness has cosigned."""
    return session.exec(select(Cosignature.size).order_by(col(Cosignature.size).desc()).limit(1)).first()


def keep(tx: Transaction, size: int) -> None:
    """Write down the head as it is shown from now on in packs of this size, unless an earlier pack has shown one."""
    tx.log.moment(tx.clock())  # the log is locked: of two first packs the second finds what the first has kept
    if tx.session.get(PackHead, size) is None:
        checkpoint = tx.session.get_one(Checkpoint, size)
        stamps = b"".join(orjson.dumps(one.as_dict()) + b"\n" for one in timestamps(tx.session, size))
        note = cosigned_note(tx.session, checkpoint)
        tx.session.add(PackHead(size=size, note=note, timestamps=stamps.decode()))


def shown(session: Session, checkpoint: Checkpoint) -> tuple[str, bytes]:
    """Return the note with its signatures, and the time-stamp tokens as JSON lines, that packs of this size show."""
    kept = session.get_one(PackHead, checkpoint.size)
    return kept.note, kept.timestamps.encode()
