"""Rule sets as ledger entries: which rules judged, provable years later (ledger.md 2, kind rule-set).

A set is recorded in the transaction of the first assessment or reading that was made by it. Its record holds what its
version is the hash of: of the law every pack with its version, the days between which it applies, and its rows, words,
tables and parameters themselves; of the document rules the hash of every file. Of the law it is of form 2; form 1,
which databases of before hold, knew one version of everything and no packs.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import orjson
import rfc8785
from sqlmodel import Session, col, select

from traceability.diligence import versions
from traceability.documents import rulefiles
from traceability.errors import NotFound
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.storage.store import Transaction
from traceability.storage.tables import RuleSet

Name = Literal["law", "documents"]

_OWN: Mapping[Name, Callable[[], tuple[str, Any]]] = {
    "law": lambda: (versions.rule_pack_version(), versions.rule_pack_content()),
    "documents": lambda: (rulefiles.ruleset_hash(), rulefiles.ruleset_content()),
}


def keep(tx: Transaction, name: Name, version: str) -> None:
    """Record the rule set unless it is known; the log is locked before it is looked for, so that none comes twice."""
    at = tx.now
    known = select(RuleSet.id).where(RuleSet.name == name, RuleSet.version == version)
    if tx.session.exec(known).first() is not None:
        return
    record = record_of(name, version)
    place = tx.log.append(Entry(kind="rule-set", body=digest(record), at=milliseconds(at)))
    tx.session.add(RuleSet(name=name, version=version, record=record, at=at, entry_index=place))
    tx.session.flush()


def record_of(name: Name, version: str) -> bytes:
    """Return the bytes the entry stands for (RFC 8785); ``content`` is null where these rules are not that version."""
    ours, content = _OWN[name]()
    said = {"v": 1, "name": name, "version": version, "content": content if ours == version else None}
    if name == "law" and ours == version:
        said |= {"v": 2, "packs": [pack.to_dict() for pack in versions.packs().values()]}
    return bytes(rfc8785.dumps(said))


def packs_of(row: RuleSet) -> list[dict[str, Any]]:
    """Return the packs of a rule set, each with its version and dates; of one of form 1, and of papers, there are none.

    Each has ``pack``, ``title``, ``law``, ``version``, ``applicable_from``, ``applicable_to`` and ``codes``.
    """
    found: list[dict[str, Any]] = orjson.loads(row.record).get("packs", [])
    return found


def line_of(row: RuleSet, code: str) -> Mapping[str, str] | None:
    """Return the line of the catalogue that a set of the law had for a code; None where its record has none."""
    content = orjson.loads(row.record)["content"] or {}
    lines: list[Mapping[str, str]] = content.get("catalogue", [])
    for pack in content.get("packs", {}).values():
        lines = [*lines, *pack["catalogue"]]
    return next((line for line in lines if line["code"] == code), None)


def rule_sets(service: Service, actor: Actor) -> Sequence[RuleSet]:
    """Return every rule set that has judged here, the oldest first."""
    actor.require_scope("read")
    with service.store.read() as session:
        return session.exec(select(RuleSet).order_by(col(RuleSet.entry_index))).all()


def rule_set(service: Service, actor: Actor, version: str) -> RuleSet:
    """Return one rule set by its version, or the first that held a pack of that version.

    Raises:
        NotFound: nothing here was judged by such a version.

    """
    actor.require_scope("read")
    with service.store.read() as session:
        found = session.exec(select(RuleSet).where(RuleSet.version == version)).first() or _holding(session, version)
    if found is None:
        raise NotFound(f"nothing here was judged by rules of version {version[:100]}; GET /v1/rule-sets lists them")
    return found


def _holding(session: Session, version: str) -> RuleSet | None:
    query = select(RuleSet).where(RuleSet.name == "law").order_by(col(RuleSet.entry_index))
    return next((row for row in session.exec(query) if any(one["version"] == version for one in packs_of(row))), None)
