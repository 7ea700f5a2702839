"""Smelters on papers against those of the signed record and chain: by CID first, by name where one side has none.

A list of everything a supplier buys from is no contradiction while the signed smelter stands on it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from traceability.documents.report import DeclaredSmelter
from traceability.lists.fold import fold
from traceability.services.contradictions.model import Chain, Contradiction, Paper, SignedSmelter
from traceability.texts import phrase

#: Words that say what a company does or is, and not which one it is.
_COMMON: Final = frozenset(
    {
        "smelter", "smelters", "smelting", "refinery", "refineries", "refiner", "refining", "metal", "metals",
        "metallurgical", "metallurgy", "mineral", "minerals", "mining", "company", "corporation", "corp", "limited",
        "ltd", "llc", "llp", "inc", "co", "sa", "spa", "gmbh", "ag", "bv", "nv", "plc", "pt", "cv", "group",
        "international", "industries", "industrial", "resources", "works", "plant", "the", "of", "and", "for", "de",
        "la", "du", "da", "do", "tin", "gold", "tungsten", "tantalum", "cobalt",
    }
)  # fmt: skip


def smelters(paper: Paper, chain: Chain) -> Iterator[Contradiction]:
    """Yield a contradiction where a paper names smelters, the signed facts do, too, and no two can be the same."""
    named, known = paper.declared.smelters, chain.smelters
    read = named[0].read if named else None
    if read is None or not known or _meet(named, known):
        return
    facts = tuple(one.signed for one in known)
    yield Contradiction(
        "smelter_contradicted", read, facts, _why(_words(named[0]), len(named) - 1), read.confidence == "high"
    )


def _why(smelter: str, more: int) -> str:
    return phrase(f"{smelter} and {more} more are none of these") if more else phrase(f"{smelter} is none of these")


def _meet(named: Sequence[DeclaredSmelter], known: Sequence[SignedSmelter]) -> bool:
    """Tell whether any two of them may be one."""
    cids = {one.cid for one in known if one.cid}
    nameless = any(one.name is None for one in known)
    by_word = _by_word(known)
    for one in named:
        if one.id in cids or (nameless and one.id is None):  # a name and a number alone cannot be compared
            return True
        likely = (other for word in _telling(one.name) for other in by_word.get(word, ()))
        if any(not (one.id and other.cid) for other in likely):
            return True
    return False


def _by_word(known: Sequence[SignedSmelter]) -> dict[str, list[SignedSmelter]]:
    found: dict[str, list[SignedSmelter]] = {}
    for one in known:
        for word in _telling(one.name or ""):
            found.setdefault(word, []).append(one)
    return found


def _telling(name: str) -> set[str]:
    """Return the words of a name that tell it from others, and its initials, by which many smelters go."""
    words = fold(name).split()
    initials = {"".join(word[0] for word in words)} if len(words) > 1 else set()
    return (set(words) - _COMMON) | initials or set(words)


def _words(one: DeclaredSmelter) -> str:
    return f"{one.name}, {one.id}" if one.id else one.name
