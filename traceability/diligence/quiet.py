"""Rules that have nothing to say of documents with certain sections alone, found by asking them.

Most facts documents have few of the sections there are: a batch without a shipment record has its events and two area
lists. A rule that raises nothing without having looked into any section that is there does the same for every document
with these sections on that day, whatever they hold, so there it need not run. What a rule asks is not told by anybody:
it is run once on sections that cannot be looked into, and where it tries, it is not quiet.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NoReturn

from traceability.diligence.case import Case
from traceability.diligence.packs import RULES, Rule

_KINDS: Final = 512  # of documents; each takes a millisecond or two to find


def quiet(facts: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes of rules that raise nothing from any document with the sections and the day of this one."""
    return _quiet(tuple(facts), facts["as_of"])


@lru_cache(maxsize=_KINDS)
def _quiet(sections: tuple[str, ...], as_of: str) -> frozenset[str]:
    return frozenset(code for code, rule in RULES.items() if _is_quiet(rule, sections, as_of))


def _is_quiet(rule: Rule, sections: tuple[str, ...], as_of: str) -> bool:
    closed: Any = _Closed()
    try:
        case = Case(dict.fromkeys(sections, closed) | {"as_of": as_of})
        case.raised = closed  # what was raised before differs from document to document
        return not rule.places(case)
    except (_Looked, Exception):  # noqa: BLE001  # it looked, or did with a section what nothing can be done with
        return False


class _Looked(BaseException):
    """A rule asked what is in a section. It is no error: a rule that goes on after errors must not go on after this."""


def _look(*_asked: object) -> NoReturn:
    raise _Looked


class _Closed:
    """A section that is there and cannot be looked into, not even whether it is empty or what it is."""

    __getattribute__ = __bool__ = __eq__ = __hash__ = __str__ = __repr__ = __format__ = _look
