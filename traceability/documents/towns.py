"""Towns of a gazetteer in a text: they say of which country, and where it matters of which part, a sentence speaks.

Names of towns are also names of people, firms and things. One counts only where the words around it say that it is a
place: after "in", "near", "the plant at", before "plant", or alone in a cell or between commas.
"""

import csv
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from traceability.documents.matching import Match
from traceability.documents.rulefiles import ANY_LANGUAGE, FOLDER, Rule, read_list

TOWN = "xx.town"
"""How the id of a rule of towns begins."""
_MOST_WORDS = 5
_LONGEST_CJK = 6
_CJK = "\u2e80"
_BORDERS = frozenset({",", ";", ":", "(", ")", "|", "\t", "/", ".", "-", "\u2013", "\u2014", "\n"})
_COLUMNS = ("name", "country", "region")


def towns(doc: Any) -> Iterator[Match]:
    """Yield the towns of a read text, the longest name first at each place."""
    names, firsts = _names()
    before, after = _signs()
    strings = doc.vocab.strings
    keys = doc.to_array("ORTH").tolist()
    begins = {key for key in set(keys) if (word := strings[key]) in firsts or word[:1] >= _CJK}
    done = 0
    for index, key in enumerate(keys):
        if key not in begins or index < done:
            continue
        if strings[key][:1] >= _CJK:
            end = _cjk_end(doc, index, names)
        else:
            end = _end(doc, index, names)
            if end and not _is_place(doc, index, end, before, after):
                end = 0
        if end:
            yield Match(_rule(names[doc[index:end].text]), index, end)
            done = end


def _end(doc: Any, index: int, names: dict[str, str]) -> int:
    for end in range(min(len(doc), index + _MOST_WORDS), index, -1):
        if doc[index:end].text in names:
            return end
    return 0


def _cjk_end(doc: Any, index: int, names: dict[str, str]) -> int:
    for end in range(min(len(doc), index + _LONGEST_CJK), index + 1, -1):
        if doc[index:end].text in names:
            return end
    return 0


def _is_place(doc: Any, start: int, end: int, before: frozenset[str], after: frozenset[str]) -> bool:
    previous = doc[start - 1].lower_ if start else "\t"
    following = doc[end].lower_ if end < len(doc) else "\t"
    if previous in before:
        return not (end < len(doc) and doc[end].text[:1].isupper() and following not in after)
    return following in after or (previous in _BORDERS and following in _BORDERS)


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, str], frozenset[str]]:
    """Return codes by name, and the first words of the names as the tokenizers cut them."""
    names: dict[str, str] = {}
    with (FOLDER / "towns.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(line for line in file if not line.startswith("#")):
            name, country, region = row
            names[name] = f"{country}-0" if region == "0" else region or country
    names.pop(_COLUMNS[0], None)
    firsts = {name.split(" ", 1)[0].split("-", 1)[0] for name in names}
    return names, frozenset(firsts | {name.split(" ", 1)[0] for name in names})


@lru_cache(maxsize=1)
def _signs() -> tuple[frozenset[str], frozenset[str]]:
    words = read_list("towns.list.yml")
    return frozenset(map(str, words["before"])), frozenset(map(str, words["after"]))


@lru_cache(maxsize=512)
def _rule(code: str) -> Rule:
    return Rule(
        id=f"{TOWN}.{code}", version=1, lang=ANY_LANGUAGE, kind="entity", topic="place", value=code, assertion=None,
        direction="both", max_scope=0, direct=False, weak=False, exact=True, flips=False, firm=False,
        terminated_by=(), allowed=(), literals=(), sequences=(), patterns=(), why="", examples=(),
    )  # fmt: skip
