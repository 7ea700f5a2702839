"""Calls to witnesses of our log (C2SP tlog-witness): have one cosign a checkpoint, or ask what it has seen."""

import http.client
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.config import Settings
from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.cosignature import Cosigned, cosignatures
from traceability.ledger.policy import Policy, Witness
from traceability.ledger.tiles import TileTree
from traceability.ledger.witness import AddCheckpoint
from traceability.services.context import Service
from traceability.services.outgoing import Outgoing, outgoing, tell_of_clock
from traceability.services.receipts import tile_reader
from traceability.storage.store import Transaction
from traceability.storage.tables import Checkpoint, Cosignature

_CONFLICT, _UNFIT = 409, 422


class NotWitnessed(TraceabilityError):
    """A witness gave no cosignature; capture goes on, and the next submission tries again."""

    status = 503


class Contradicted(NotWitnessed):
    """A witness has seen another log than this one under its name and key."""


class LogBehindWitness(Contradicted):
    """A witness has seen more of this log than there is: the database was restored from an older copy, or forked."""


class LogForked(Contradicted):
    """A witness has seen other entries: what is here does not follow from what it has cosigned."""


def load_witnesses(service: Service) -> Policy:
    """Return the witnesses of the service's settings, as ``read_witnesses``."""
    return read_witnesses(service.settings)


def read_witnesses(settings: Settings) -> Policy:
    """Return the policy file of the settings; one without witnesses where there is none.

    Raises:
        InvalidInput: the file cannot be read, or a witness has no address that may be called.

    """
    path = settings.witnesses
    if path is None:
        return Policy(())
    try:
        policy = Policy.parse(path.read_bytes(), logs_needed=False)
    except OSError as error:
        raise InvalidInput(f"the file of witnesses {path} cannot be read: {error}") from error
    for witness in policy.witnesses.values():
        try:
            outgoing(settings).check(witness.url or "")
        except InvalidInput as error:
            raise InvalidInput(f"{path}: witness {witness.name}: {error.detail}") from error
    return policy


def submit(service: Service, witness: Witness, head: Checkpoint | None = None) -> int | None:
    """Have one witness cosign ``head``, or the newest checkpoint; return its size, None where that is kept already.

    Raises:
        NotReached: no answer.
        NotWitnessed: no cosignature of the configured key.
        Contradicted: the witness has seen a larger tree of this log, or another one.

    """
    with service.store.read() as session:
        head = head or newest(session)
        last = _last_size(session, witness)
    if head is None or last >= head.size:
        return None
    head, answer = _answer(service, witness, head, last, outgoing(service.settings))
    found = _own(witness, head, answer)
    at = _time(found)
    tell_of_clock(service, f"witness {witness.name}", at)
    service.store.write(lambda tx: _keep(tx, head.size, found, at))
    return head.size


def ask(service: Service, witness: Witness, how: Outgoing) -> None:
    """Ask a witness whether it has seen the newest checkpoint or one before it; a cosignature is not kept.

    Raises:
        Contradicted: it has seen another log.
        NotReached: no answer.
        NotWitnessed: an answer that says neither.

    """
    with service.store.read() as session:
        head = newest(session)
        last = _last_size(session, witness)
    if head is not None:
        _answer(service, witness, head, min(last, head.size), how)


def _answer(service: Service, witness: Witness, head: Checkpoint, old: int, how: Outgoing) -> tuple[Checkpoint, bytes]:
    """Return what a witness answers to ``head``, or to a newer one where it has seen that from another process."""
    status, answer = _post(witness, _request(service, head, old), how)
    if status == _CONFLICT:
        old = _size(witness, answer)
        head = _at_least(service, head, old)
        status, answer = _post(witness, _request(service, head, old), how)
    if status == _UNFIT or (status == _CONFLICT and old == head.size):
        raise LogForked(
            f"it answered {status}: what it has cosigned is not the beginning of this log, of {head.size} entries. The "
            "log has forked, or the witness is wrong. Stop writing, and compare with a newer copy"
        )
    if status != http.client.OK:
        raise NotWitnessed(f"it answered {status}: {answer[:200].decode('utf-8', 'replace').strip()}")
    return head, answer


def _at_least(service: Service, head: Checkpoint, size: int) -> Checkpoint:
    """Return ``head``, or the newest checkpoint where the witness has seen more: another process may have submitted."""
    if size <= head.size:
        return head
    with service.store.read() as session:
        later = newest(session)
    if later is not None and size <= later.size:
        return later
    raise LogBehindWitness(
        f"it says it has cosigned {size} entries, this log has {head.size}: the database was restored from an "
        "older copy or has forked, or the witness is wrong. Stop writing, and compare with a newer copy"
    )


def _request(service: Service, head: Checkpoint, old: int) -> bytes:
    if old == 0:
        return AddCheckpoint(0, (), head.note).to_bytes()
    with service.store.read() as session:
        proof = TileTree(tile_reader(session), head.size).consistency(old, head.size)
    return AddCheckpoint(old, tuple(proof), head.note).to_bytes()


def _own(witness: Witness, head: Checkpoint, answer: bytes) -> Cosigned:
    note = head.note + answer.decode("utf-8", "replace")
    try:
        found = cosignatures(note, [witness.key])
    except TraceabilityError as error:
        raise NotWitnessed(f"its answer is no cosignature: {error.detail}") from error
    if not found:
        raise NotWitnessed("its answer has no cosignature of the configured key")
    return found[0]


def _time(found: Cosigned) -> datetime:
    try:
        return datetime.fromtimestamp(found.at, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotWitnessed(f"its cosignature is of a time that is none: {found.at} s") from error


def _keep(tx: Transaction, size: int, found: Cosigned, at: datetime) -> None:
    there = tx.session.get(Cosignature, (size, found.key.vkey))
    if there is None:  # two processes may have asked at once
        tx.session.add(Cosignature(size=size, witness=found.key.vkey, line=found.line, at=at))


def newest(session: Session) -> Checkpoint | None:
    """Return the newest checkpoint; None in an empty log."""
    return session.exec(select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)).one_or_none()


def _last_size(session: Session, witness: Witness) -> int:
    query = select(sa.func.max(Cosignature.size)).where(Cosignature.witness == witness.key.vkey)
    return session.exec(query).one() or 0


def _post(witness: Witness, body: bytes, how: Outgoing) -> tuple[int, bytes]:
    """Post to ``add-checkpoint``; return status and body."""
    return how.post(f"{(witness.url or '').rstrip('/')}/add-checkpoint", body, "text/plain; charset=utf-8")


def _size(witness: Witness, answer: bytes) -> int:
    text = answer.decode("ascii", "replace").removesuffix("\n")
    if not text.isdecimal() or len(text) > 18:  # noqa: PLR2004  # below 2^63
        raise NotWitnessed(f"{witness.name} answered 409 without the size it has")
    return int(text)
