"""Keeping the tables by which names are looked up: side L of the list versions, side P of whoever was screened.

Both are made from records and follow them: what is not indexed yet is taken in before it is asked, and a matcher of
another version begins again. Who asks and finds side L behind uses the index in memory instead (``sql_index``).
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.lists import identifiers as ids
from traceability.lists.entries import Identifier, ListEntry, from_payload
from traceability.lists.keys import keys_of
from traceability.lists.nameform import NameForm, forms_of
from traceability.lists.orgforms import default_forms
from traceability.lists.version import MATCHER_VERSION
from traceability.services.context import Service
from traceability.storage.postings import Keyed, Side, SqlPostings, clear
from traceability.storage.tables import ListEntryRow, ListVersionRow, MatchIndexed, MatchName, Screening

EVERYBODY: Final = 0
"""Stands for side P among the versions that are indexed."""
TEXT: Final = 500
_CHUNK: Final = 2_000
_NAME: Any = MatchName.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so

_NUMBERED: Final = (
    "SELECT p.name_id, k.key FROM match_key k JOIN match_posting p ON p.key_id = k.id "
    "WHERE k.side = 'L' AND k.key LIKE 'i:%'"
)


def identifier_keys(identifiers: Iterable[Identifier]) -> list[str]:
    """Return the keys under which a party's numbers are kept beside those of its names."""
    return sorted({f"i:{'|'.join(key)}"[:400] for item in identifiers if (key := ids.key(item))})


def keep_list(service: Service, version_id: int) -> int:
    """Take in the names of a list version that are not there yet; return how many. Few at a time: others write too."""
    _begin_again(service, "L")
    with service.store.read() as session:
        if is_indexed(session, "L", version_id):
            return 0
        payloads = session.exec(
            select(ListEntryRow.payload).where(ListEntryRow.version_id == version_id, ListEntryRow.kind == "party")
        ).all()
        known = _known_names(session)
    entries = (from_payload(payload) for payload in payloads)
    return _add(
        service, "L", version_id, (one for entry in entries for one in _of_entry(entry) if _identity(one) not in known)
    )


def keep_screened(service: Service) -> int:
    """Take in whoever was screened and is not there yet; return how many names that were."""
    _begin_again(service, "P")
    there = sa.select(_NAME.c.owner).where(_NAME.c.side == "P", _NAME.c.list_id == "")
    newest = (
        sa.select(sa.func.max(Screening.id))
        .where(col(Screening.subject_key).not_in(there))
        .group_by(col(Screening.subject_key))
    )
    with service.store.read() as session:
        rows = session.exec(select(Screening.subject_key, Screening.subject).where(col(Screening.id).in_(newest))).all()
    return _add(service, "P", EVERYBODY, (one for key, subject in rows for one in of_subject(key, subject)))


def of_subject(key: str, subject: Mapping[str, Any]) -> Iterator[Keyed]:
    """Yield the forms of a subject's name; the first bears its identifiers too, and is there whatever the name."""
    numbers = identifier_keys(Identifier(**item) for item in subject.get("identifiers", ()))
    name = str(subject["name"])
    forms = list(forms_of(name, "", default_forms()))
    if not forms:
        yield Keyed("", key, name[:TEXT], "", 0, "", tuple(numbers))
    for number, form in enumerate(forms):
        yield _keyed("", key, name, "", number, form, () if number else numbers)


def _of_entry(entry: ListEntry) -> Iterator[Keyed]:
    numbers = identifier_keys(entry.identifiers)
    for name in entry.names:
        for number, form in enumerate(forms_of(name.text, entry.schema, default_forms())):
            yield _keyed(entry.list_id, entry.entry_key, name.text, entry.schema, number, form, numbers)
            numbers = []


def _keyed(
    list_id: str, owner: str, text: str, kind: str, number: int, form: NameForm, numbers: Iterable[str]
) -> Keyed:
    keys = (*keys_of(form), *numbers)
    return Keyed(list_id, owner[:TEXT], text[:TEXT], kind[:20], number, form.folded, keys)


def _identity(one: Keyed) -> tuple[str, ...]:
    # With its identifiers: a number that is new to an old name has to be found too.
    return (one.list_id, one.owner, one.text, one.kind, str(one.form), *(key for key in one.keys if key[:2] == "i:"))


def _known_names(session: Session) -> set[tuple[str, ...]]:
    query = sa.select(_NAME.c.id, _NAME.c.list_id, _NAME.c.owner, _NAME.c.text, _NAME.c.kind, _NAME.c.form)
    rows = session.execute(query.where(_NAME.c.side == "L"))
    names = {row.id: (row.list_id, row.owner, row.text, row.kind, str(row.form)) for row in rows}
    numbers: dict[int, list[str]] = {}
    for name_id, key in session.execute(sa.text(_NUMBERED)):
        numbers.setdefault(name_id, []).append(key)
    return {(*name, *sorted(numbers.get(number, ()))) for number, name in names.items()}


def _add(service: Service, side: Side, version_id: int, names: Iterator[Keyed]) -> int:
    added = 0
    while chunk := list(islice(names, _CHUNK)):
        added += service.store.write(lambda tx, some=chunk: SqlPostings(tx.connection, side).add(some))  # type: ignore[misc]  # mypy does not infer a lambda's default
    row = MatchIndexed(side=side, version_id=version_id, matcher=MATCHER_VERSION, at=service.clock())
    service.store.write(lambda tx: tx.session.merge(row))
    return added


def _begin_again(service: Service, side: Side) -> None:
    """Forget a side that another matcher has indexed: its keys are not the ones that are asked now."""
    other = select(MatchIndexed).where(MatchIndexed.side == side, MatchIndexed.matcher != MATCHER_VERSION)
    with service.store.read() as session:
        found = session.exec(other.limit(1)).first() is not None
    if found:
        service.store.write(lambda tx: clear(tx.connection, side))


def versions_of(session: Session, lists: Iterable[str]) -> list[int]:
    """Return every version of some lists, the first first: who left a list is still asked about for its time."""
    query = select(ListVersionRow.id).where(col(ListVersionRow.list_id).in_(sorted(lists)))
    return [number for number in session.exec(query.order_by(col(ListVersionRow.id))) if number is not None]


def is_indexed(session: Session, side: Side, *versions: int) -> bool:
    """Return whether a side holds every name of these versions, by this matcher."""
    query = select(MatchIndexed.version_id).where(MatchIndexed.side == side, MatchIndexed.matcher == MATCHER_VERSION)
    return set(versions) <= set(session.exec(query))
