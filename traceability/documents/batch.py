"""Lines of text for ``screen --passages`` and ``screen --assertions`` (cli.md): answers without a file."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from traceability.documents import language
from traceability.documents.engine import Context, Reading, Sentence, concept_of, engine_for
from traceability.documents.matching import Match
from traceability.documents.names import COMPANY_FORMS, is_inside_name, is_named
from traceability.documents.places import codes, of_attention, shown
from traceability.documents.policy import denies, is_mended, policy_label
from traceability.documents.sentences import sentence_spans
from traceability.documents.statements import HUBS, Statement, is_risk, place_near, sourcing, statements
from traceability.documents.text import Normalised, normalise
from traceability.documents.towns import TOWN
from traceability.documents.vocabulary import ADJECTIVE

_LABELS = {kind: f"{kind}_INCIDENT" for kind in ("FORCED_LABOUR", "CHILD_LABOUR", "ARMED_GROUP")}
_INCIDENTS = frozenset(_LABELS)
_RAISED = frozenset({"affirmed", "reported"})
_CASES = _RAISED | {"historical", "remediated"}
_Tokens = tuple[int, int]
_Place = tuple[str | None, str | None]
_CHUNK = 500
_SHORT = 3
_BESIDE_PLACE = 1
_PREPOSITIONS = frozenset(
    {
        "in", "from", "at", "near", "around", "en", "de", "à", "dans", "près", "aus", "im", "bei", "nahe", "uit", "te",
        "bij", "vanuit", "desde", "cerca", "em", "no", "na", "da", "do", "del", "of", "origin", "mine", "du",
    }
)  # fmt: skip
_REFINE = (
    "smelt",
    "refin",
    "raffin",
    "fond",
    "fund",
    "schmel",
    "geschmolz",
    "gesmolt",
    "verhütt",
    "hütte",
    "affin",
    "scheide",
)
_BEFORE_SMELTER = re.compile(r"[\u4e00-\u9fffA-Za-z]{2,40}\Z")
_NO_NAME = (
    "的", "该", "此", "家", "座", "个", "各", "所有", "我们", "其", "从", "向", "与", "和", "或", "由", "在", "对",
    "名", "级", "合格", "认证", "供应商", "经审核", "未经审核", "未知", "哪些", "哪家", "任何", "下游", "上游", "矿山",
)  # fmt: skip
_PARTICLES = frozenset(
    {"of", "and", "de", "del", "la", "las", "los", "du", "des", "der", "von", "van", "den", "di", "da", "do", "y", "et",
     "und", "en", "e", "the", "für", "zu", "le", "les"}
)  # fmt: skip
# Which concept a marked target stands for, most telling first: by a rule that matches it or a word in it.
_BY_WORD = (
    ("CHILD_LABOUR", "child_word"),
    ("ARMED_GROUP", "armed_word"),
    ("FORCED_LABOUR", "labour_word"),
    ("SMELTER", "smelter_word"),
    ("ORIGIN", "unknown_word"),
    ("ORIGIN", "origin_noun"),
    ("MINERAL_SOURCING", "mineral"),
    ("ORIGIN", "place"),
    ("ORIGIN", "place_words"),
    ("ORIGIN", "origin_word"),
)


def screen_passages(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Label passages ``{"id", "text"[, "lang"]}`` in a screening child (document-labels.md 2)."""
    return _in_child("passages", lines)


def screen_assertions(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Decide marked targets ``{"id", "text", "target": {"start", "end"}[, "lang"]}`` in a screening child."""
    return _in_child("assertions", lines)


def _in_child(job: str, lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    from traceability.documents.sandbox import Sandbox

    rows = list(lines)
    with Sandbox() as sandbox:
        return [row for at in range(0, len(rows), _CHUNK) for row in sandbox.lines(job, rows[at : at + _CHUNK])]


def warm() -> None:
    """Build the English pipeline and the language model, so that the first document does not wait for them."""
    language.detect("This document is in English.")
    engine_for("en").read("No child labour was found.", Context())


def passages(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Label passages; runs in the child."""
    return [_passage(row) for row in rows]


def assertions(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Decide marked targets; runs in the child."""
    return [_assertion(row) for row in rows]


def _language(row: dict[str, Any]) -> str:
    lang = row.get("lang") or language.detect(row["text"])[0]
    return lang if lang in language.LANGUAGES else "en"


def _read(row: dict[str, Any]) -> tuple[Normalised, Reading, str]:
    lang = _language(row)
    normal = normalise(row["text"])
    return normal, engine_for(lang).read(normal.text, Context(), _spans(normal.text)), lang


def _spans(text: str) -> list[tuple[int, int]]:
    return sentence_spans(text) or [(0, len(text))]


def _passage(row: dict[str, Any]) -> dict[str, Any]:
    normal, reading, lang = _read(row)
    found = list(statements(reading, lang))
    labels: set[str] = set()
    for statement in found:
        labels.update(_labels_of(statement))
    minerals = _minerals(reading, lang)
    if minerals:
        labels.add("MINERAL")
    labels.update(policy_label(reading, found))
    if any(is_mended(sentence) for sentence in reading.sentences):
        labels.add("MITIGATION")
    if any(denies(reading, sentence) for sentence in reading.sentences):
        labels.add("NEGATED_INCIDENT")
    if any(_names_smelter(reading, match, lang) for sentence in reading.sentences for match in sentence.concepts):
        labels.add("NAMES_SMELTER")
    named = [*((match, "MINERAL") for match in minerals), *((match, "COUNTRY") for match in _countries(reading))]
    spans = sorted((*normal.original(*reading.chars(match.start, match.end)), label) for match, label in named)
    return {
        "id": row["id"],
        "labels": sorted(labels),
        "risk": any(is_risk(statement) for statement in found),
        "spans": [
            {"start": start, "end": end, "label": label, "text": row["text"][start:end]} for start, end, label in spans
        ],
        "findings": [_row_finding(statement, normal, row["text"]) for statement in found if is_risk(statement)],
    }


def _minerals(reading: Reading, lang: str) -> list[Any]:
    found = [match for sentence in reading.sentences for match in sentence.of("mineral")]
    return [
        match
        for match in found
        if match.rule.value not in {"ore", "3tg"} and not is_inside_name(match, reading.doc, lang)
    ]


def _countries(reading: Reading) -> list[Match]:
    """Return the countries and regions that are named; a town or an adjective is none."""
    places = (match for sentence in reading.sentences for match in sentence.of("place"))
    return [match for match in places if not match.rule.id.startswith(TOWN) and not match.rule.id.endswith(ADJECTIVE)]


def _labels_of(statement: Statement) -> set[str]:
    kind, assertion = statement.kind, statement.assertion
    if kind in _INCIDENTS:
        if assertion == "negated":
            return {"NEGATED_INCIDENT"}
        if assertion in _CASES and statement.evidence:
            return {_LABELS[kind]} | ({"MITIGATION"} if assertion == "remediated" else set())
        return set()
    if statement.topic == "origin_undetermined" and assertion in _CASES:
        return {"ORIGIN_UNDETERMINED"}
    if kind == "MINERAL_SOURCING" and statement.attention:
        # A share of the world's supply is no origin of goods, and places the mineral all the same.
        share = assertion == "definition" and all(cue.rule.weak for cue in statement.decision.cues)
        placed = {"CAHRA_SOURCING"} if assertion in _CASES or share else set()
        return {"NEGATED_SOURCING"} if assertion == "negated" else placed
    return {kind} if kind == "MITIGATION" and assertion in _CASES else set()


def _names_smelter(reading: Reading, match: Match, lang: str) -> bool:
    if match.rule.topic != "smelter":
        return False
    if lang == "zh":
        return _is_named_in_chinese(reading, match)
    return reading.doc[match.start].text[:3].upper() == "CID" or is_named(match, reading.doc)


def _is_named_in_chinese(reading: Reading, match: Match) -> bool:
    """Whether two characters or more that name something stand before "smelter": Chinese has no capitals."""
    end = reading.doc[match.start].idx
    before = reading.text[max(0, end - 40) : end]
    name = _BEFORE_SMELTER.search(before)
    return name is not None and not name.group().endswith(_NO_NAME)


def _row_finding(statement: Statement, normal: Normalised, text: str) -> dict[str, Any]:
    start, end = normal.original(statement.start, statement.end)
    return {
        "kind": statement.kind,
        "topic": statement.topic,
        "assertion": statement.assertion,
        "actor": statement.actor,
        "quote": text[start:end],
        "start": start,
        "end": end,
        "country": statement.country,
        "region": shown(statement.region),
        "rule": statement.rule,
    }


def _assertion(row: dict[str, Any]) -> dict[str, Any]:
    normal, reading, lang = _read(row)
    target = row["target"]
    start, end = normal.position(target["start"]), normal.position(target["end"])
    tokens = reading.tokens(start, max(end, start + 1))
    concept = _concept(reading, tokens)
    assertion, place = _decided(reading, tokens, concept, lang)
    if _is_name(reading, tokens, concept, lang):
        assertion = "negated"
    risk = _risk(reading, tokens, concept, assertion, place)
    return {
        "id": row["id"], "concept": concept, "assertion": assertion,
        "country": place[0], "region": shown(place[1]), "risk": risk,
    }  # fmt: skip


def _concept(reading: Reading, tokens: _Tokens) -> str:
    sentence = reading.sentence_at(tokens[0])
    over = [match for match in sentence.concepts if match.overlaps(*tokens) and match.rule.topic != "mitigation"]
    if _is_smelter_name(reading, tokens, sentence):
        return "SMELTER"
    if _is_place(reading, tokens, sentence):
        return "ORIGIN"
    for concept, topic in _BY_WORD:
        named = any(concept_of(match.rule) == concept for match in over)
        if named or any(match.overlaps(*tokens) for match in sentence.of(topic)):
            return concept
    return _nearest(reading, sentence, tokens)


def _is_place(reading: Reading, tokens: _Tokens, sentence: Sentence) -> bool:
    """Whether the target is the name of a place, with no more words than such names are told with."""
    places = [match for match in sentence.of("place") if match.overlaps(*tokens)]
    named = sum(min(match.end, tokens[1]) - max(match.start, tokens[0]) for match in places)
    words = sum(not (word.is_punct or word.lower_ in _PREPOSITIONS) for word in reading.doc[tokens[0] : tokens[1]])
    return bool(places) and words - named <= _BESIDE_PLACE


def _nearest(reading: Reading, sentence: Sentence, tokens: _Tokens) -> str:
    """Fall back on what the sentence speaks of nearest to the target."""
    spoken_of = [match for match in sentence.concepts if match.rule.topic != "mitigation"]
    if spoken_of:
        nearest = min(spoken_of, key=lambda match: min(abs(match.start - tokens[1]), abs(tokens[0] - match.end)))
        return concept_of(nearest.rule)
    if _follows_preposition(reading, tokens[0]) and tokens[1] - tokens[0] <= _SHORT:
        return "ORIGIN"
    # A word or two that no list knows, in a sentence about a place, is a material; more words tell of a deed.
    material = tokens[1] - tokens[0] <= _SHORT and not sentence.of("labour_word") and sentence.of("sourcing")
    return "MINERAL_SOURCING" if material else "FORCED_LABOUR"


def _is_smelter_name(reading: Reading, tokens: tuple[int, int], sentence: Any) -> bool:
    """Whether the target is a name of its own: capitalised, and neither a place, a mineral nor an armed group alone."""
    words = [word for word in reading.doc[tokens[0] : tokens[1]] if word.is_alpha and len(word) > 1]
    words = words[:1] + [word for word in words[1:] if word.lower_ not in _PARTICLES]
    if not words or words[0].text[:1] == words[0].lower_[:1] or not all(word.text[:1].isupper() for word in words):
        return False
    every = (*sentence.entities, *sentence.concepts)
    known = [match for match in every if match.rule.topic not in {"smelter", "smelter_gap"}]
    covered = {index for match in known for index in range(match.start, match.end)}
    unknown = any(word.i not in covered for word in words)
    if any(word.lower_ in COMPANY_FORMS for word in words):
        return unknown
    before = max(0, tokens[0] - 4)
    refined = any(word.lower_.startswith(_REFINE) for word in reading.doc[before : tokens[0]])
    return unknown and (
        refined or (_speaks_of_smelters(reading, sentence) and not _follows_preposition(reading, tokens[0]))
    )


def _speaks_of_smelters(reading: Reading, sentence: Sentence) -> bool:
    """Whether the sentence has a word for smelters, or the words of a smelter table."""
    if sentence.of("smelter_word") or any(
        match.rule.topic in {"smelter", "smelter_gap"} for match in sentence.concepts
    ):
        return True
    words = reading.doc[sentence.first : sentence.last]
    return bool(sentence.of("assurance")) or any(word.lower_.startswith(_REFINE) for word in words)


def _follows_preposition(reading: Reading, token: int) -> bool:
    """Whether the words before the target say that it is a place."""
    return any(word.lower_ in _PREPOSITIONS for word in reading.doc[max(0, token - 2) : token])


def _decided(reading: Reading, tokens: _Tokens, concept: str, lang: str) -> tuple[str, _Place]:
    sentence = reading.sentence_at(tokens[0])
    assertion = reading.decide(tokens, concept).assertion
    place = place_near(sentence, tokens)
    if concept == "MINERAL_SOURCING" and assertion in {"affirmed", "negated"}:
        said = list(sourcing(reading, sentence, lang))
        own = [each for each in said if each.tokens[0] < tokens[1] and tokens[0] < each.tokens[1]]
        denied = [each for each in said if each.assertion == "negated"]
        if denied and (assertion == "negated" or all(each.assertion == "negated" for each in own)):
            return "negated", (denied[0].country, denied[0].region)
    if place[0] is None:
        places = [match for each in reading.sentences for match in (*each.of("place"), *each.of("place_words"))]
        if len({codes(match.rule)[0] for match in places}) == 1:
            place = codes(places[0].rule)
    return assertion, place


def _is_name(reading: Reading, tokens: tuple[int, int], concept: str, lang: str) -> bool:
    if concept != "MINERAL_SOURCING":
        return False
    found = [match for match in reading.sentence_at(tokens[0]).of("mineral") if match.overlaps(*tokens)]
    return bool(found) and is_inside_name(found[0], reading.doc, lang)


def _risk(reading: Reading, tokens: _Tokens, concept: str, assertion: str, place: _Place) -> bool:
    sentence = reading.sentence_at(tokens[0])
    if assertion not in _RAISED:
        return False
    if concept in _INCIDENTS:
        return True
    if concept == "SMELTER":
        return "smelter_gap" in {match.rule.topic for match in sentence.concepts}
    unknown = [match for match in sentence.concepts if match.rule.topic == "origin_undetermined"]
    unknown += sentence.of("unknown_word") if concept == "ORIGIN" else []
    return (
        any(match.overlaps(*tokens) for match in unknown)
        or of_attention(*place)
        or (place[0] in HUBS and bool(sentence.of("illicit")))
    )
