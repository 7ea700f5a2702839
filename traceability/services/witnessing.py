"""Publishing our checkpoints: the log's second signature, then witnesses (C2SP tlog-witness); capture never waits."""

import http.client
import logging
import threading
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.cosignature import Cosigned, cosignatures
from traceability.ledger.policy import Policy, Witness
from traceability.ledger.tiles import TileTree
from traceability.ledger.witness import AddCheckpoint
from traceability.services.context import Service
from traceability.services.outgoing import Backoff, outgoing, tell_of_clock
from traceability.services.receipts import tile_reader
from traceability.services.second_signature import sign_second
from traceability.storage.store import Transaction
from traceability.storage.tables import Checkpoint, Cosignature

_CONFLICT = 409
_log = logging.getLogger(__name__)


class NotWitnessed(TraceabilityError):
    """A witness gave no cosignature; capture goes on, and the next submission tries again."""

    status = 503


class LogBehindWitness(NotWitnessed):
    """A witness has seen more of this log than there is: the database was restored from an older copy, or forked."""


def load_witnesses(service: Service) -> Policy:
    """Return the policy file of the settings; one without witnesses where there is none.

    Raises:
        InvalidInput: the file cannot be read, or a witness has no address that may be called.

    """
    path = service.settings.witnesses
    if path is None:
        return Policy(())
    try:
        policy = Policy.parse(path.read_bytes(), logs_needed=False)
    except OSError as error:
        raise InvalidInput(f"the file of witnesses {path} cannot be read: {error}") from error
    for witness in policy.witnesses.values():
        try:
            outgoing(service.settings).check(witness.url or "")
        except InvalidInput as error:
            raise InvalidInput(f"{path}: witness {witness.name}: {error.detail}") from error
    return policy


def follow_witnesses(service: Service, stop: threading.Event) -> None:
    """Until ``stop``, sign each published checkpoint once more and submit it. To be run in a thread of its own."""
    try:
        policy = load_witnesses(service)
    except InvalidInput as error:
        _log.error("no witness is asked: %s", error.detail)  # the reason is the operator's to mend
        policy = Policy(())
    states: dict[str, Backoff] = {}
    while policy.witnesses or service.settings.second_signature:
        head = publish(service)
        submit_all(service, policy, states, head)
        if stop.wait(service.settings.witness_seconds):
            return


def publish(service: Service) -> Checkpoint | None:
    """Return the newest checkpoint, signed a second time where the settings want it; None where nothing is to publish.

    A failure is logged and no more: the first signature stands, and the next round tries again.
    """
    head = None
    try:
        with service.store.read() as session:
            head = _newest(session)
        if head is not None and service.settings.second_signature:
            sign_second(service, head)
    except Exception:  # noqa: BLE001  # nothing that is wrong with the second key may stop the log
        _log.exception("the newest checkpoint has no second signature")
    return head


def submit_all(
    service: Service, policy: Policy, states: dict[str, Backoff] | None = None, head: Checkpoint | None = None
) -> dict[str, str]:
    """Submit ``head``, or the newest checkpoint, to each witness that has not cosigned it and is due; say what came."""
    states = {} if states is None else states
    said = {}
    for name, witness in policy.witnesses.items():
        state = states.setdefault(name, Backoff())
        if state.is_due(service.clock()):
            said[name] = _one(service, witness, state, head)
    return said


def _one(service: Service, witness: Witness, state: Backoff, head: Checkpoint | None) -> str:
    try:
        size = submit(service, witness, head)
    except Exception as error:  # noqa: BLE001  # a witness may answer anything, and never stops the next one
        state.failed(service.clock())
        level = logging.ERROR if isinstance(error, LogBehindWitness) else logging.WARNING
        _log.log(level, "witness %s did not cosign: %s", witness.name, error)
        return str(error)
    state.succeeded()
    return "nothing new" if size is None else f"cosigned {size}"


def submit(service: Service, witness: Witness, head: Checkpoint | None = None) -> int | None:
    """Have one witness cosign ``head``, or the newest checkpoint; return its size, None where that is kept already.

    Raises:
        NotReached: no answer.
        NotWitnessed: no cosignature of the configured key.
        LogBehindWitness: the witness has seen a larger tree of this log.

    """
    with service.store.read() as session:
        head = head or _newest(session)
        last = _last_size(session, witness)
    if head is None or last >= head.size:
        return None
    status, answer = _post(service, witness, _request(service, head, last))
    if status == _CONFLICT:
        seen = _size(witness, answer)
        if seen > head.size:
            raise LogBehindWitness(
                f"it says it has cosigned {seen} entries, this log has {head.size}: the database was restored from an "
                "older copy or has forked, or the witness is wrong. Stop writing, and compare with a newer copy"
            )
        status, answer = _post(service, witness, _request(service, head, seen))
    if status != http.client.OK:
        raise NotWitnessed(f"it answered {status}: {answer[:200].decode('utf-8', 'replace').strip()}")
    found = _own(witness, head, answer)
    at = _time(found)
    tell_of_clock(service, f"witness {witness.name}", at)
    service.store.write(lambda tx: _keep(tx, head.size, found, at))
    return head.size


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


def _newest(session: Session) -> Checkpoint | None:
    return session.exec(select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)).one_or_none()


def _last_size(session: Session, witness: Witness) -> int:
    query = select(sa.func.max(Cosignature.size)).where(Cosignature.witness == witness.key.vkey)
    return session.exec(query).one() or 0


def _post(service: Service, witness: Witness, body: bytes) -> tuple[int, bytes]:
    """Post to ``add-checkpoint``; return status and body."""
    url = f"{(witness.url or '').rstrip('/')}/add-checkpoint"
    return outgoing(service.settings).post(url, body, "text/plain; charset=utf-8")


def _size(witness: Witness, answer: bytes) -> int:
    text = answer.decode("ascii", "replace").removesuffix("\n")
    if not text.isdecimal() or len(text) > 18:  # noqa: PLR2004  # below 2^63
        raise NotWitnessed(f"{witness.name} answered 409 without the size it has")
    return int(text)
