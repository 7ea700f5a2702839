"""Dates on papers that cannot be if the chain is right; three days are given to clocks, offices and weekends.

Said of goods before they were mined, of a certificate made out or ended before or after it was of use, and of a paper
dated after it was handed over. An everyday difference between two dates contradicts nothing.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from traceability.documents.report import DeclaredDate
from traceability.documents.values import days
from traceability.services.contradictions.model import Chain, Contradiction, Event, Paper, Signed, day_of, signed
from traceability.texts import phrase

_TOLERANCE: Final = timedelta(days=3)
_ZONE: Final = timedelta(days=1)
_CERTIFICATES: Final = frozenset({"certificate_of_origin", "export_certificate"})
#: Papers that are made out for goods that exist; a contract or order comes before them.
_OF_GOODS: Final = _CERTIFICATES | {"packing_list", "bill_of_lading", "assay_report"}
_SENT: Final = frozenset({"shipment", "on_board"})
_GOODS_EXIST: Final = _SENT | {"sample_received", "export"}

_Test = Callable[[date], bool]
_Found = tuple[_Test, Sequence[Signed], str]


def dates(paper: Paper, chain: Chain) -> Iterator[Contradiction]:
    """Yield a contradiction for each kind of date of which no reading is possible.

    Where a paper has several of a kind, as the day it was made out and that of a stamp, all have to be impossible.
    """
    kinds: dict[str, list[DeclaredDate]] = {}
    for one in paper.declared.dates:
        if one.read is not None:
            kinds.setdefault(one.kind, []).append(one)
    for kind, found in kinds.items():
        yield from _handed_over(paper, found)
        for impossible, facts, why in _checks(paper, kind, chain):
            if all(impossible(day) for one in found for day in _readings(one)):
                yield from _found(found[0], tuple(facts), why)
                break


def _readings(one: DeclaredDate) -> list[date]:
    return [date.fromisoformat(day) for day in days(one.read.quote if one.read else "", one.date)]


def _handed_over(paper: Paper, found: Sequence[DeclaredDate]) -> Iterator[Contradiction]:
    """Yield a contradiction where a paper is made out on a day after the service had it already."""
    handed = paper.handed_over
    late = [one for one in found if one.kind == "issue" and handed and min(_readings(one)) > handed + _ZONE]
    if late and handed:
        entry = Signed("handed over", f"ledger entry {paper.entry_index}", day=handed.isoformat())
        yield from _found(late[0], (entry,), phrase("it is dated after the day it was handed over"))


def _checks(paper: Paper, kind: str, chain: Chain) -> Iterator[_Found]:
    if chain.begins is not None and (kind in _GOODS_EXIST or (kind == "issue" and paper.type in _OF_GOODS)):
        born = day_of(chain.begins)
        yield lambda day: day < born - _TOLERANCE, _said(chain.begins), phrase("before that day there were no goods")
    left = chain.by_type.get("export") or chain.by_type.get("import")
    if left:
        yield from _leaving(paper, kind, left)
    if kind in _SENT and (arrived := chain.by_type.get("import")):
        end = day_of(arrived[-1])
        yield lambda day: day > end + _TOLERANCE, _said(arrived[-1]), phrase("the goods had arrived before")
    if kind == "production":
        yield from _production(chain)


def _leaving(paper: Paper, kind: str, left: Sequence[Event]) -> Iterator[_Found]:
    """Compare a certificate with the day the goods left the country, or reached ours where only that is signed."""
    first, last = left[0], left[-1]
    start, end = day_of(first), day_of(last)
    if kind == "issue" and paper.type in _CERTIFICATES:
        yield lambda day: day > end + _TOLERANCE, _said(last), phrase("it is made out after the goods had left")
    elif kind == "valid_until" and paper.type in _CERTIFICATES:
        yield lambda day: day < start, _said(first), phrase("it had ended when the goods left")
    elif kind == "export" and last["type"] == "export":
        facts = dict.fromkeys((*_said(first), *_said(last)))
        yield lambda day: not _near(day, left), list(facts), phrase("no export is signed for then")


def _near(day: date, events: Sequence[Event]) -> bool:
    """Tell whether one of these events, by their days, is within the tolerance of a day."""
    at = bisect_left(events, day - _TOLERANCE, key=day_of)
    return at < len(events) and day_of(events[at]) <= day + _TOLERANCE


def _production(chain: Chain) -> Iterator[_Found]:
    """Compare a day of production with the days on which the chain's goods were born."""
    if chain.born:
        first, last = chain.born[0], chain.born[-1]
        start, end = day_of(first) - _TOLERANCE, day_of(last) + _TOLERANCE
        facts = list(dict.fromkeys((*_said(first), *_said(last))))
        yield lambda day: not start <= day <= end, facts, phrase("nothing was produced then")


def _said(event: Event) -> tuple[Signed, ...]:
    return (signed(event, day_of(event).isoformat()),)


def _found(one: DeclaredDate, facts: tuple[Signed, ...], said: str) -> Iterator[Contradiction]:
    # Work goes on for weeks before a lot is made up: only what comes after the last of it is out of the question.
    early = one.kind == "production" and one.date < (facts[0].day or "")
    if one.read is not None:
        review = one.read.confidence == "high" and not early
        yield Contradiction("date_contradicted", one.read, facts, phrase(f"{one.date}: {said}"), review)
