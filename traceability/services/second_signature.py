"""The log's second signature, ML-DSA-44, on checkpoints that are published (ledger.md 3): not one for each commit.

It has the form of a cosignature under the log's own name (C2SP tlog-checkpoint).
"""

from datetime import UTC, datetime

from sqlmodel import Session, col, select

from traceability.errors import Unavailable
from traceability.ledger import ml_dsa
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.log_change import Rotation
from traceability.ledger.note import note_text
from traceability.services.context import Service
from traceability.services.log_keys import changes
from traceability.storage.store import Transaction
from traceability.storage.tables import Checkpoint, SecondSignature


def sign_second(service: Service, head: Checkpoint) -> str | None:
    """Sign a stored checkpoint with the log's ML-DSA-44 key, made now where there is none; return the signature line.

    None where ML-DSA-44 is not available here, or the checkpoint is signed already.

    Raises:
        InvalidKey: a key file cannot be used.
        Unavailable: the key that signs is not here, or the database cannot be written.

    """
    if not ml_dsa.available():
        return None
    with service.store.read() as session:
        key = second_key(service, session)
        if session.get(SecondSignature, (head.size, key.public.vkey)) is not None:
            return None
    now = service.clock()
    line = key.cosign(note_text(head.note), now)
    service.store.write(lambda tx: keep(tx, head.size, key.public.vkey, line, int(now.timestamp())))
    return line


def second_key(service: Service, session: Session) -> CosigningKey:
    """Return the ML-DSA-44 key that signs now, made where the log has none; raises as ``sign_second``."""
    keys = {key.public.vkey: key for key in service.log_keys.seconds()}
    vkey = _in_use(service, session)
    if vkey is None:
        return next(iter(keys.values()), None) or service.log_keys.new_second()
    if vkey not in keys:
        key_id = vkey.split("+")[1]
        told = f"the log's ML-DSA-44 key {key_id} is not in {service.settings.state_dir}"
        where = f"log-mldsa-{key_id}.key, mode 0600, from where it was made"
        raise Unavailable(f"{told}: copy its file {where}; until then no second signature is made here")
    return keys[vkey]


def keep(tx: Transaction, size: int, vkey: str, line: str, at: int) -> None:
    """Keep a signature line on the checkpoint of a size, made at ``at`` (POSIX seconds), unless it is there."""
    if tx.session.get(SecondSignature, (size, vkey)) is None:
        tx.session.add(SecondSignature(size=size, key=vkey, line=line, at=datetime.fromtimestamp(at, UTC)))


def _in_use(service: Service, session: Session) -> str | None:
    """Return the verifier key that the last rotation named, or that has signed since; None where there is none."""
    origin = service.settings.log_origin
    rotations = [one.change for one in changes(session) if isinstance(one.change, Rotation)]
    ended = {change.second_old for change in rotations}
    last = session.exec(select(SecondSignature.key).order_by(col(SecondSignature.size).desc()).limit(1)).first()
    if last is not None and last not in ended and last.startswith(f"{origin}+"):
        return last
    return rotations[-1].second_new if rotations and rotations[-1].origin == origin else None
