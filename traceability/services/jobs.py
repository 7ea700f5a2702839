"""Jobs for admins: which wait, run or have failed, why, and letting a failed one run again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from sqlmodel import Session, col, select

from traceability.errors import InvalidQuery, NotFound
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.storage import jobs as queue
from traceability.storage.jobs import OpenJob
from traceability.storage.jobs_port import State
from traceability.storage.tables import Document, Party

_END_OF_IDS = 2**63  # what a column of ids can hold
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Job:
    """A job that has not succeeded, and the party whose work it is; None where it is nobody's in particular."""

    open: OpenJob
    party: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the job as JSON; ``due`` is when it is tried next (RFC 3339), ``error`` that of its last attempt."""
        due = self.open.run_after
        return {
            "id": self.open.id, "name": self.open.name, "key": self.open.key, "party": self.party,
            "state": self.open.state, "attempts": self.open.attempts,
            "due": due and due.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "error": self.open.error,
        }  # fmt: skip


def jobs(service: Service, actor: Actor, state: str | None = None, *, limit: int = 500) -> list[Job]:
    """Return the jobs that have not succeeded, oldest first; ``state`` narrows them to waiting, running or failed.

    Raises:
        Forbidden: the actor is no admin.
        InvalidQuery: there is no such state.

    """
    actor.require("administer", scope="read")
    if state is not None and state not in STATES:
        raise InvalidQuery(f"expected the state {', '.join(STATES)}; got {state[:20]!r}")
    with service.store.read() as session:
        found = queue.all_jobs(session, state, limit=limit)
        names = _owners(session, found)
    return [Job(job, names.get(_owner_key(job.args))) for job in found]


def retry(service: Service, actor: Actor, job_id: int) -> None:
    """Let a failed job run again, with all its attempts.

    Raises:
        Forbidden: the actor is no admin.
        NotFound: there is no failed job with this id.

    """
    actor.require("administer", scope="write")
    if job_id >= _END_OF_IDS:
        raise NotFound(f"there is no failed job {str(job_id)[:40]}")
    service.store.write(lambda tx: queue.retry_job(tx, job_id))


def _owner_key(args: Mapping[str, Any]) -> str:
    return str(args.get("owner_id") or args.get("document_id") or "")


def _owners(session: Session, found: Sequence[OpenJob]) -> dict[str, str]:
    """Return the names of the parties by their ids, and by those of their documents."""
    keys = {_owner_key(job.args) for job in found}
    parties = session.exec(select(Party.id, Party.name).where(col(Party.id).in_(keys))).all()
    papers = select(Document.id, Party.name).join(Party, col(Party.id) == col(Document.owner_id))
    return dict([*parties, *session.exec(papers.where(col(Document.id).in_(keys))).all()])
