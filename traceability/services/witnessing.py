"""Publishing our checkpoints: the log's second signature, then witnesses (C2SP tlog-witness); capture never waits."""

import http.client
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.cosignature import Cosigned, cosignatures
from traceability.ledger.policy import Policy, Witness
from traceability.ledger.tiles import TileTree
from traceability.ledger.witness import AddCheckpoint
from traceability.services.context import Service
from traceability.services.receipts import tile_reader
from traceability.services.second_signature import sign_second
from traceability.storage.store import Transaction
from traceability.storage.tables import Checkpoint, Cosignature

_SECONDS = 10
_MOST = 64_000  # bytes of an answer
_LONGEST_WAIT = 600  # seconds
_CONFLICT = 409
_log = logging.getLogger(__name__)


class NotWitnessed(TraceabilityError):
    """A witness gave no cosignature; capture goes on, and the next submission tries again."""

    status = 503


class LogBehindWitness(NotWitnessed):
    """A witness has seen more of this log than there is: the database was restored from an older copy, or forked."""


@dataclass(slots=True)
class _State:
    """What one process knows of a witness between two submissions."""

    failures: int = 0
    not_before: datetime = field(default=datetime.min.replace(tzinfo=UTC))


def load_witnesses(service: Service) -> Policy:
    """Return the policy file of the settings; one without witnesses where there is none.

    Raises:
        InvalidInput: the file cannot be read, or a witness has no http(s) address.

    """
    path = service.settings.witnesses
    if path is None:
        return Policy(())
    try:
        policy = Policy.parse(path.read_bytes(), logs_needed=False)
    except OSError as error:
        raise InvalidInput(f"the file of witnesses {path} cannot be read: {error}") from error
    for witness in policy.witnesses.values():
        if urlsplit(witness.url or "").scheme not in ("http", "https"):
            raise InvalidInput(f"{path}: witness {witness.name} has no http(s) address to submit checkpoints to")
    return policy


def follow_witnesses(service: Service, stop: threading.Event) -> None:
    """Until ``stop``, sign each published checkpoint once more and submit it. To be run in a thread of its own."""
    policy = load_witnesses(service)
    states: dict[str, _State] = {}
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
    service: Service, policy: Policy, states: dict[str, _State] | None = None, head: Checkpoint | None = None
) -> dict[str, str]:
    """Submit ``head``, or the newest checkpoint, to each witness that has not cosigned it and is due; say what came."""
    states = {} if states is None else states
    said = {}
    for name, witness in policy.witnesses.items():
        state = states.setdefault(name, _State())
        if service.clock() >= state.not_before:
            said[name] = _one(service, witness, state, head)
    return said


def _one(service: Service, witness: Witness, state: _State, head: Checkpoint | None) -> str:
    try:
        size = submit(service, witness, head)
    except Exception as error:  # noqa: BLE001  # a witness may answer anything, and never stops the next one
        state.failures += 1
        state.not_before = service.clock() + timedelta(seconds=min(2 ** min(state.failures, 32), _LONGEST_WAIT))
        level = logging.ERROR if isinstance(error, LogBehindWitness) else logging.WARNING
        _log.log(level, "witness %s did not cosign: %s", witness.name, error)
        return str(error)
    state.failures = 0
    return "nothing new" if size is None else f"cosigned {size}"


def submit(service: Service, witness: Witness, head: Checkpoint | None = None) -> int | None:
    """Have one witness cosign ``head``, or the newest checkpoint; return its size, None where that is kept already.

    Raises:
        NotWitnessed: no answer, or no cosignature of the configured key.
        LogBehindWitness: the witness has seen a larger tree of this log.

    """
    with service.store.read() as session:
        head = head or _newest(session)
        last = _last_size(session, witness)
    if head is None or last >= head.size:
        return None
    status, answer = _post(witness, _request(service, head, last))
    if status == _CONFLICT:
        seen = _size(witness, answer)
        if seen > head.size:
            raise LogBehindWitness(
                f"it has cosigned {seen} entries, this log has {head.size}: the database was restored from an older "
                "copy or has forked. Stop writing, and compare with a newer copy"
            )
        status, answer = _post(witness, _request(service, head, seen))
    if status != http.client.OK:
        raise NotWitnessed(f"it answered {status}: {answer[:200].decode('utf-8', 'replace').strip()}")
    found = _own(witness, head, answer)
    service.store.write(lambda tx: _keep(tx, head.size, found))
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


def _keep(tx: Transaction, size: int, found: Cosigned) -> None:
    there = tx.session.get(Cosignature, (size, found.key.vkey))
    if there is None:  # two processes may have asked at once
        at = datetime.fromtimestamp(found.at, UTC)
        tx.session.add(Cosignature(size=size, witness=found.key.vkey, line=found.line, at=at))


def _newest(session: Session) -> Checkpoint | None:
    return session.exec(select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)).one_or_none()


def _last_size(session: Session, witness: Witness) -> int:
    query = select(sa.func.max(Cosignature.size)).where(Cosignature.witness == witness.key.vkey)
    return session.exec(query).one() or 0


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects())


def _post(witness: Witness, body: bytes) -> tuple[int, bytes]:
    """Post to ``add-checkpoint``; return status and the start of the body."""
    url = f"{(witness.url or '').rstrip('/')}/add-checkpoint"
    headers: Mapping[str, str] = {"Content-Type": "text/plain; charset=utf-8"}
    request = urllib.request.Request(url, data=body, method="POST", headers=dict(headers))  # noqa: S310  # see load_witnesses
    try:
        with _OPENER.open(request, timeout=_SECONDS) as answer:
            return answer.status, answer.read(_MOST)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(_MOST)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotWitnessed(f"{url} does not answer: {error}") from error


def _size(witness: Witness, answer: bytes) -> int:
    text = answer.decode("ascii", "replace").removesuffix("\n")
    if not text.isdecimal() or len(text) > 18:  # noqa: PLR2004  # below 2^63
        raise NotWitnessed(f"{witness.name} answered 409 without the size it has")
    return int(text)
