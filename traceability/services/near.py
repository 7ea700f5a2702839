"""Who of everybody screened may meet a name that a list changed: by keys, then by whole names, then by their words.

Each step is cheaper for one name than the next and leaves fewer of them; the first two are those of every comparison,
asked from the other side. What the third sets aside scores below all that is ever kept (`lists.match.KEPT_FROM`);
what is left is compared in full elsewhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from traceability.lists.ceiling import worth_telling
from traceability.lists.compare import compare_words
from traceability.lists.fold import is_latin
from traceability.lists.keys import asked_by
from traceability.lists.likely import worth_comparing
from traceability.lists.match import KEPT_FROM, NameIndex
from traceability.lists.nameform import NameForm, form_of_words, forms_of
from traceability.lists.orgforms import default_forms
from traceability.lists.qualifiers import MOST_QUALIFIED
from traceability.services.name_postings import identifier_keys
from traceability.storage.ids import id_set
from traceability.storage.postings import SqlPostings
from traceability.storage.tables import MatchName

_REACH: Final = 500  # of everybody screened, for each changed name: more than one query ever asks of a list
_PLAIN: Final = frozenset("([（")  # what stands in brackets is set aside: the words alone do not say it
_NAME: Any = MatchName.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so


class _Screened(NamedTuple):
    """One form of the name of somebody who was screened."""

    owner: str
    text: str
    form: int
    folded: str
    native: bool


def owners_near(session: Session, indices: Sequence[NameIndex]) -> set[str]:
    """Return the subjects that may meet a name, or bear a number, of these indices."""
    postings = SqlPostings(session.connection(), "P")
    forms = {listed.form for index in indices for listed in index.names}
    numbers = identifier_keys(item for index in indices for one in index.names for item in one.entry.identifiers)
    sure = {*postings.bearing(sorted(set(numbers))), *postings.equal(*sorted({form.folded for form in forms}))}
    asked = {form: asked_by(form) for form in forms}
    held = postings.held({key for keys in asked.values() for key in keys})
    reached = {form: held.nearest(keys, _REACH) for form, keys in asked.items()}
    rows = _rows(session, {*sure, *(number for some in reached.values() for number in some)})
    found = {rows[number].owner for number in sure}
    for form, some in reached.items():
        found.update(_alike(form, [rows[number] for number in some], found))
    return found


def _alike(form: NameForm, screened: Sequence[_Screened], found: set[str]) -> Iterator[str]:
    close = [screened[number] for number in worth_comparing(form, enumerate(screened))]
    others = [(one, _form(one)) for one in close if one.owner not in found]
    told = worth_telling(form, [other for _, other in others], KEPT_FROM - MOST_QUALIFIED)
    for one, other in compress(others, told):
        words = compare_words(other, form)
        if words is None or words.most + MOST_QUALIFIED >= KEPT_FROM:
            yield one.owner


def _form(one: _Screened) -> NameForm:
    """Return the form that a row was made from: of most names by the words it keeps."""
    plain = not one.native and _PLAIN.isdisjoint(one.text)
    return _of_words(one.folded) if plain else _read(one.text, one.form)


@lru_cache(maxsize=1 << 14)
def _of_words(folded: str) -> NameForm:
    return form_of_words(tuple(folded.split()), "", default_forms())


@lru_cache(maxsize=1 << 12)
def _read(text: str, number: int) -> NameForm:
    return list(forms_of(text, "", default_forms()))[number]


def _rows(session: Session, numbers: Iterable[int]) -> dict[int, _Screened]:
    some = id_set(numbers, session.get_bind().dialect.name)
    query = sa.select(_NAME.c.id, _NAME.c.owner, _NAME.c.text, _NAME.c.form, _NAME.c.folded).where(_NAME.c.id.in_(some))
    return {
        number: _Screened(owner, text, form, folded, not is_latin(text))
        for number, owner, text, form, folded in session.execute(query)
    }
