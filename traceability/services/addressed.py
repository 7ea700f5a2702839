"""Which cases between two parties a reader sees: requests for information and contests.

One place for both, because it decides who sees what is not theirs: a supplier what is addressed to its party, people of
an importer what their party wrote or is addressed, a regulator or auditor what stands in their mandate.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.services.access import Actor
from traceability.services.period import within
from traceability.storage.tables import CaseVersion


def newest(session: Session, actor: Actor, kind: str, part: str) -> Sequence[CaseVersion]:
    """Return the newest version of each case of a kind; ``part`` is what those may do who take part on both sides."""
    found: Sequence[CaseVersion] = session.exec(
        _visible(actor, kind, part).where(col(CaseVersion.latest).is_(True))
    ).all()
    return found


def versions(session: Session, actor: Actor, kind: str, part: str, case_id: str) -> Sequence[CaseVersion]:
    """Return the versions of one case, newest first; none where the actor sees none, foreign or unknown alike."""
    query = _visible(actor, kind, part).where(CaseVersion.case_id == case_id)
    found: Sequence[CaseVersion] = session.exec(query.order_by(col(CaseVersion.version).desc())).all()
    return found


def is_writer(actor: Actor, row: CaseVersion) -> bool:
    """Tell whether the reader is of the side that keeps the case: it sees it whole, with what stays between its own."""
    return row.owner_id == actor.party_id and actor.role != "supplier"


def _visible(actor: Actor, kind: str, part: str) -> Any:
    party_id = actor.own_party()
    addressed, kept = col(CaseVersion.addressee_id) == party_id, col(CaseVersion.owner_id) == party_id
    if actor.role == "supplier":
        mine: Any = addressed
    else:
        mine = sa.or_(kept, addressed) if actor.may(part) else kept
    query = select(CaseVersion).where(CaseVersion.kind == kind, mine)
    if actor.records is None:  # it stands above every page: no more is looked at than is the reader's
        return query
    known = select(CaseVersion.case_id).where(within(actor, col(CaseVersion.written_at)))
    return query.where(col(CaseVersion.case_id).in_(known))
