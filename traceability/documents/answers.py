"""Answers of questionnaires and tables: what stands after a question or a label - yes, no, zero, a ticked box."""

import re

# Grouped by the first letter, which is then looked at once and not once a word; within a letter the order counts.
_YES = r"y(?:es|)|true|oui|ja|s(?:[ií]|im)|v(?:rai|erdadero)|waar"
_NO = (
    r"n(?:o||il|one|ever|ot applicable|ot found|one (?:found|identified|reported|observed)|/a|a|ot at all|one of|"
    r"either|obody|othing|ot|ous ne|ous n'|on|[ée]ant|ein|ee|ihil|ul|inguno|inguna|unca|[aã]o|enhum|enhuma|"
    r"essuno|essuna)|"
    r"zero|0|fals[eo]|aucune?|kein(?:e?|er)|geen|there (?:is|are|was|were|have been) (?:no|none|not)|"
    r"w(?:e (?:do|did|have|are|were) (?:not|never)|ij [a-z]{2,12} niet|ir [a-zäöü]{2,12} nicht)|"
    r"否|无|無|没有?"
)
_PREFIX = r"(?:answer|response|reply|antwort|antwoord|r[ée]ponse|respuesta|resposta|risposta)\s*+[:=]?+\s*+"
_STOP = r"[\s.,;:!?)\"'*|\t\u2013\u2014\u3002\uff0c-]"
_WORD = re.compile(
    rf"\s*+(?:{_PREFIX})?[\"'(*]?(?:(?P<yes>{_YES}|是|有)|(?P<no>{_NO}))(?=$|{_STOP})",
    re.IGNORECASE,
)
_TICKED = r"(?:\[\s?[xX✓✔]\s?\]|\(\s?[xX✓✔]\s?\)|[☒☑✓✔✗✘■])"
_EMPTY = r"(?:\[\s{0,3}\]|\(\s{0,3}\)|[☐□○])"
_BOX = re.compile(rf"(?P<box>{_TICKED}|{_EMPTY})\s*(?P<word>{_YES}|{_NO})?(?![^\W\d_])", re.IGNORECASE)
_WORD_BOX = re.compile(rf"(?<![^\W\d_])(?P<word>{_YES}|{_NO})\s*+:?+\s*+(?P<box>{_TICKED}|{_EMPTY})", re.IGNORECASE)
_TICK = re.compile(_TICKED)
_IS_YES = re.compile(rf"(?:{_YES})\Z", re.IGNORECASE)
_REACH = 120
_QUESTION_MARKS = ("?", "\uff1f")


def is_question(sentence: str) -> bool:
    """Whether the sentence asks."""
    return any(mark in sentence for mark in _QUESTION_MARKS)


def answer_after(text: str, start: int, end: int, stop: int) -> str | None:
    """Return ``yes``, ``no``, ``open`` for a question [start, end) of ``text``; None when it asks nothing.

    ``stop`` is the end of the block: the answer is looked for up to there. A label followed by a colon, a cell border
    or a dash and an answer counts as a question, without one it asks nothing.
    """
    sentence = text[start:end]
    if is_question(sentence):
        mark = max(sentence.rfind(each) for each in _QUESTION_MARKS)
        # The answer may stand on the question's own line or begin the next sentence.
        return _answer(text[start + mark + 1 : min(stop, end + _REACH)]) or "open"
    return None


def label_answer(text: str, target_end: int, end: int) -> str | None:
    """Return ``yes`` or ``no`` when the target is part of a label with an answer: "Child labour cases: 0"."""
    rest = text[target_end:end]
    boxes = _boxes(rest)
    if boxes is not None:
        return boxes
    for border in re.finditer(r"[:\t|=\uff1a]\s*|\s[\u2013\u2014]\s", rest[:_REACH]):
        found = _WORD.match(rest, border.end())
        if found and _ends_cell(rest, found.end()):
            return "yes" if found.group("yes") else "no"
    return None


def ticked_before(text: str, start: int, target: int) -> str | None:
    """Return the answer of a ticked box between the sentence's start and the target: "[X] No child labour"."""
    return _boxes(text[start:target])


def _ends_cell(rest: str, at: int) -> bool:
    following = rest[at : at + 1]
    return not following or following in ".,;\t|)\n\u3002" or rest[at : at + 2] in (" (", " \t", " |")


def _answer(rest: str) -> str | None:
    boxes = _boxes(rest)
    if boxes is not None:
        return boxes
    found = _WORD.match(rest.lstrip(" \t|:-\u2013\u2014>\"')"))
    if found is None:
        return None
    return "yes" if found.group("yes") else "no"


def _boxes(rest: str) -> str | None:
    """Read ticked boxes; whether a box stands before or after its word is told by which comes first."""
    if not _TICK.search(rest):
        return None
    before = _BOX.search(rest)
    after = _WORD_BOX.search(rest)
    pattern = _WORD_BOX if after and (before is None or after.start() < before.start()) else _BOX
    for found in pattern.finditer(rest):
        if _TICK.fullmatch(found.group("box")) and found.group("word"):
            return "yes" if _IS_YES.match(found.group("word")) else "no"
    return None
