"""Having our checkpoints time-stamped (RFC 3161): ask, check, keep, try again; capture never waits.

Each authority is asked once an interval, where there is a newer checkpoint than the last one it stamped.
"""

import http.client
import logging
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.config import Settings
from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.timestamp import Stamp, StampRequest, Trust
from traceability.services.context import Service
from traceability.services.outgoing import Backoff, outgoing, tell_of_clock
from traceability.storage.store import Transaction
from traceability.storage.tables import Checkpoint, CheckpointTimestamp, Cosignature

_LOOK_SECONDS = 30
_NEAR = 50  # cosigned checkpoints looked at
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_log = logging.getLogger(__name__)


class NotStamped(TraceabilityError):
    """An authority gave no token; capture goes on, and it is asked again."""

    status = 503


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority: what the operator calls it, its address, and what its tokens are checked against."""

    name: str
    url: str
    trust: Trust


def load_authorities(service: Service) -> list[Authority]:
    """Return the authorities of the service's settings, as ``read_authorities``."""
    return read_authorities(service.settings)


def read_authorities(settings: Settings) -> list[Authority]:
    """Return the authorities of the settings' file: lines ``authority NAME URL CERTIFICATES [POLICY]``, # for comments.

    The file of certificates (PEM, the root among them) is looked for beside it.

    Raises:
        InvalidInput: a file cannot be read, has another form, names one twice, or an address that may not be called.
        Unavailable: the extra ``tsa`` is not installed.

    """
    path = settings.timestamp_authorities
    if path is None:
        return []
    StampRequest.over(b"checked here, so that the operator hears of a missing package at the start")
    found: dict[str, Authority] = {}
    for number, line in enumerate(_read(path).decode("utf-8", "replace").splitlines(), 1):
        words = line.split()
        if words and not words[0].startswith("#"):
            authority = _authority(settings, path, f"{path}, line {number}", words)
            if authority.name in found:
                raise InvalidInput(f"{path}, line {number}: the name {authority.name} is taken")
            found[authority.name] = authority
    return list(found.values())


def _authority(settings: Settings, path: Path, where: str, words: Sequence[str]) -> Authority:
    if words[0] != "authority" or len(words) not in (4, 5) or not _NAME.fullmatch(words[1]):
        raise InvalidInput(f"{where}: expected 'authority NAME URL CERTIFICATES [POLICY]'")
    try:
        outgoing(settings).check(words[2])
        return Authority(words[1], words[2], Trust.read(_read(path.parent / words[3]), *words[4:]))
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error.detail}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error


def follow_authorities(service: Service, stop: threading.Event) -> None:
    """Until ``stop``, have the newest checkpoint stamped once an interval. To be run in a thread of its own."""
    try:
        authorities = load_authorities(service)
    except TraceabilityError as error:
        _log.error("no checkpoint is time-stamped: %s", error.detail)  # the reason is the operator's to mend
        return
    states: dict[str, Backoff] = {}
    while authorities:
        stamp_all(service, authorities, states)
        if stop.wait(min(_LOOK_SECONDS, service.settings.timestamp_seconds)):
            return


def stamp_all(
    service: Service, authorities: Sequence[Authority], states: dict[str, Backoff] | None = None
) -> dict[str, str]:
    """Ask each authority that is due; return what came of it."""
    states = {} if states is None else states
    said = {}
    for authority in authorities:
        state = states.setdefault(authority.name, Backoff())
        if state.is_due(service.clock()):
            said[authority.name] = _one(service, authority, state)
    return said


def _one(service: Service, authority: Authority, state: Backoff) -> str:
    try:
        size = stamp(service, authority)
    except Exception as error:  # noqa: BLE001  # an authority may answer anything, and never stops the next one
        state.failed(service.clock())
        _log.warning("authority %s did not stamp: %s", authority.name, error)
        return str(error)
    state.succeeded()
    return "nothing new" if size is None else f"stamped {size}"


def stamp(service: Service, authority: Authority) -> int | None:
    """Have one authority stamp a checkpoint where it is due, and keep the token; return its size, None for nothing.

    Raises:
        NotReached: no answer.
        NotStamped: an answer of another status than 200.
        BadSignature: no granted token, another nonce or policy, or no trusted authority signed it.
        ProofError: a token over other bytes.

    """
    with service.store.read() as session:
        head = _due(service, session, authority)
    if head is None:
        return None
    asked = StampRequest.over(head.note.encode())
    call = outgoing(service.settings)
    status, answer = call.post(authority.url, asked.to_bytes(), "application/timestamp-query")
    if status != http.client.OK:
        raise NotStamped(f"it answered {status}: {answer[:200].decode('utf-8', 'replace').strip()}")
    found = asked.accept(answer, authority.trust)
    tell_of_clock(service, f"authority {authority.name}", found.at)
    service.store.write(lambda tx: _keep(tx, head, authority, found))
    return head.size


def _due(service: Service, session: Session, authority: Authority) -> Checkpoint | None:
    """Return the checkpoint to stamp: of those after the last stamped one the newest that most witnesses cosigned.

    So that one receipt can carry both. Where none of them was cosigned, the newest.
    """
    mine = CheckpointTimestamp.authority == authority.name
    query = select(CheckpointTimestamp).where(mine).order_by(col(CheckpointTimestamp.size).desc()).limit(1)
    last = session.exec(query).one_or_none()
    if last is not None and _is_recent(service, last.received_at):
        return None
    size = 0 if last is None else last.size
    near = select(Cosignature.size).where(col(Cosignature.size) > size).distinct()
    near = near.order_by(col(Cosignature.size).desc()).limit(_NEAR)
    many = select(Cosignature.size).where(col(Cosignature.size).in_(near)).group_by(col(Cosignature.size))
    best = session.exec(many.order_by(sa.func.count().desc(), col(Cosignature.size).desc()).limit(1)).one_or_none()
    if best is not None:
        return session.get(Checkpoint, best)
    newest = select(Checkpoint).where(col(Checkpoint.size) > size).order_by(col(Checkpoint.size).desc()).limit(1)
    return session.exec(newest).one_or_none()


def _is_recent(service: Service, at: datetime) -> bool:
    now = service.clock()
    return at <= now < at + timedelta(seconds=service.settings.timestamp_seconds)


def _keep(tx: Transaction, head: Checkpoint, authority: Authority, found: Stamp) -> None:
    if tx.session.get(CheckpointTimestamp, (head.size, authority.name)) is None:  # two processes may have asked at once
        row = CheckpointTimestamp(
            size=head.size, authority=authority.name, token=found.token, at=found.at, received_at=tx.clock()
        )
        tx.session.add(row)
