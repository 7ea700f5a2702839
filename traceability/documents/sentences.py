"""Sentence ends in normalised text; abbreviations as in "U.S." end none (documents.md 2)."""

import re

_CANDIDATE = re.compile(
    r"""[.!?\u3002\uff01\uff1f;]["')\]]{0,2}(?=\s|$)|[\u3002\uff01\uff1f\uff1b]|\s(?=[\u2022\u25cf\u25aa])"""
)
_ABBREVIATIONS = frozenset(
    {
        "no", "nos", "co", "ltd", "inc", "corp", "mr", "mrs", "ms", "dr", "prof", "st", "art", "arts", "sec", "para",
        "paras", "p", "pp", "fig", "ref", "approx", "est", "max", "min", "vs", "etc", "e.g", "i.e", "cf", "al", "jan",
        "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "vol", "ca", "tel", "dept",
        "nr", "bzw", "z.b", "d.h", "u.a", "ggf", "abs", "inkl", "bijv", "d.w.z", "o.a", "blz", "m", "mm", "mme", "n",
        "sra", "ud", "uds", "num", "pag", "ej", "p.ej", "tn", "gmbh", "ing", "usw", "evtl", "ag", "sp",
        "u.s", "u.k", "u.n", "d.r", "d.r.c", "r.d.c", "s.a", "s.a.r.l", "b.v", "n.v", "s.l", "s.p.a", "s.r.l", "l.l.c",
    }
)  # fmt: skip
_WORD_BEFORE = re.compile(r"[\w.]{1,12}$")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences of normalised ``text``; together they cover it but for spaces between."""
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _CANDIDATE.finditer(text):
        if found.group().startswith(";") or _is_abbreviation(text, found.start(), found.end()):
            continue
        _add(spans, text, start, found.end())
        start = found.end()
    _add(spans, text, start, len(text))
    return spans


def _is_abbreviation(text: str, dot: int, end: int) -> bool:
    if text[dot] != ".":
        return False
    before = _WORD_BEFORE.search(text, max(0, dot - 12), dot)
    following = text[end : end + 2].lstrip()[:1]
    if following and (following.islower() or following in ",;:"):
        return True
    if before is None:
        return False
    word = before.group()
    if word.lower().strip(".") in {"no", "nr", "n", "art", "p", "mar", "dec", "min", "max"} and not following.isdigit():
        # "the answer is no." ends a sentence; "No. 4" does not.
        return False
    return word.lower().strip(".") in _ABBREVIATIONS or (len(word) == 1 and word.isupper())


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
