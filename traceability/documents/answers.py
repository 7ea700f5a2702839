"""Answers of questionnaires and tables: what stands after a question or a label - yes, no, zero, a ticked box."""

import re

# Grouped by the first letter, which is then looked at once and not once a word; within a letter the order counts.
_YES = r"y(?:es|)|true|oui|ja|s(?:[ií]|im)|v(?:rai|erdadero)|waar"
_NO = (
    r"n(?:o(?: aplica|)||il|one|ever|ot applicable|ot found|one (?:found|identified|reported|observed)|/a|a|ot at all|"
    r"one of|either|obody|othing|ot|ous ne|ous n'|on(?: applicable|)|[ée]ant|ein|ee|ihil|ul|inguno|inguna|unca|"
    r"[aã]o(?: se aplica|)|enhum|enhuma|essun[oa]?|iente|iet van toepassing|icht zutreffend|\.v\.t\.?)|"
    r"z(?:ero|éro)|cero|0(?: ?%| (?:cases?|cas|fälle|gevallen|casos?|casi|kg|g|t))?|fals[eo]|f(?:ehlanzeige)|"
    r"(?:aucune?|kein(?:e?|er)|geen|nessuna?|nenhuma?|ningún|ninguna) (?:case|cas|constat|incident|fall|fälle|befunde?|"
    r"gevallen|geval|bevinding(?:en)?|casi|casos?|rilievi|rilievo|hallazgos?|ocorrências?|incidentes?|vorfälle)|"
    r"s(?:in (?:casos?|hallazgos?|incidencias?)|em (?:casos?|ocorrências?)|enza (?:casi|rilievi)|ans (?:cas|constat))|"
    r"aucune?|kein(?:e?|er)|geen|sans objet|entfällt|"
    r"(?:there|it|they|this|these|that|he|she) (?:is|are|was|were|do|does|did|has|have|have been|has been) "
    r"(?:no|none|not|never)|"
    r"w(?:e (?:do|did|have|are|were) (?:not|never|no|none)|ij [a-z]{2,12} (?:niet|geen|nooit)|"
    r"ir [a-zäöü]{2,12} (?:nicht|keine?n?|nie))|"
    r"否|无|無|没有?|未发现"
)
_PREFIX = (
    r"(?:(?:answer|response|reply|antwort|antwoord|r[ée]ponse|respuesta|resposta|risposta|回答|答复?)\s*+[:=]?+|"
    r"[ar]\s?[:.)=])\s*+"
)
# Choices offered are no answer: "(Y/N)", "ja / nein", "tick one".
_OFFERED = re.compile(
    rf"[\s(\[]*+(?:(?:{_YES}|是|有)\s*+[/|]\s*+(?:{_NO})(?:\s*+[/|]\s*+(?:n/?a|unknown|other))?"
    r"|(?:please )?(?:tick|circle|mark|select|delete|cocher|cochez|ankreuzen|bitte ankreuzen|aankruisen|marque|"
    r"assinale|barrare|请勾选)[^)\]\n?]{0,40})[)\]]",
    re.IGNORECASE,
)
_OFFERED_BARE = re.compile(rf"\s*+(?:{_YES})\s?/\s?(?:{_NO})\s*+(?=[-=:>\u2192\u2013\u2014]|$)", re.IGNORECASE)
_NO_ANSWER = re.compile(
    r"\s*+(?:no|not|keine|geen|aucune|sin|sem|nessuna)\s++(?:answer|response|reply|information|comment|data|yet|antwort|"
    r"angabe|antwoord|r[ée]ponse|respuesta|resposta|risposta)",
    re.IGNORECASE,
)
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


def label_answer(text: str, target_end: int, end: int, *, near: bool = False) -> str | None:
    """Return ``yes`` or ``no`` when the target is part of a label with an answer: "Child labour cases: 0".

    ``near`` says that only the value right after the label counts: in "Tin | origin: Peru | DRC: no" tin is not denied.
    """
    rest = text[target_end:end]
    boxes = _boxes(rest)
    if boxes is not None:
        return boxes
    for border in re.finditer(r"[:\t|=\uff1a]\s*|\s[\u2013\u2014]\s", rest[:_REACH]):
        found = _WORD.match(rest, border.end())
        if found and _ends_cell(rest, found.end()):
            return "yes" if found.group("yes") else "no"
        if near:
            return None
    return None


def ticked_before(text: str, start: int, target: int) -> str | None:
    """Return the answer of a ticked box between the sentence's start and the target: "[X] No child labour"."""
    return _boxes(text[start:target])


def _ends_cell(rest: str, at: int) -> bool:
    following = rest[at : at + 1]
    return not following or following in ".,;\t|)\n\u3002\uff0c\uff1b" or rest[at : at + 2] in (" (", " \t", " |", " /")


def _answer(rest: str) -> str | None:
    boxes = _boxes(rest)
    if boxes is not None:
        return boxes
    for offered in (_OFFERED, _OFFERED_BARE):
        choice = offered.match(rest)
        rest = rest[choice.end() :] if choice else rest
    rest = rest.lstrip(" \t|:-\u2013\u2014\u2192=>\"')")
    found = None if _NO_ANSWER.match(rest) else _WORD.match(rest)
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
