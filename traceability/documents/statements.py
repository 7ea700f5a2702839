"""From matches to statements: one per topic and sentence, with its assertion, place, actor and what speaks for it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from traceability.documents.assertion import Decision
from traceability.documents.engine import Reading, Sentence, concept_of
from traceability.documents.matching import Match
from traceability.documents.names import CAPITALISING, is_inside_name
from traceability.documents.places import codes, of_attention
from traceability.documents.vocabulary import ADJECTIVE

HUBS = frozenset({"RW", "UG", "BI", "TZ", "KE", "AE", "ZM"})
"""Adjoining countries and trading hubs: of attention only beside words for smuggling (document-labels.md 2)."""

_YEAR = 4
_AT = 3
_FAR = 40
# Words of titles and of law that are written with a capital and name nobody.
_NO_NAMES = frozenset(
    {
        "modern", "slavery", "forced", "labour", "labor", "human", "trafficking", "rights", "child", "act", "code",
        "conduct", "policy", "convention", "conventions", "international", "organization", "organisation", "nations",
        "guidance", "due", "diligence", "supplier", "suppliers", "conflict", "minerals", "statement", "transparency",
        "section", "annex", "article", "we", "our", "the", "they", "it", "this", "these", "in", "chain", "supply",
        "ethical", "trading", "initiative", "global", "standard", "standards", "group", "board", "company",
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december", "monday", "friday", "rule", "commission", "department", "bureau", "committee", "hidden",
        "affairs", "customs", "border", "protection", "secretary", "homeland", "security", "united", "states",
        "kingdom", "tariff", "congress", "federal", "council", "government", "ministry", "european", "union",
        "parliament", "alliance", "responsible", "trade", "compact", "notice", "report", "law", "list",
    }
)  # fmt: skip
_KNOWN_CASES = frozenset({"affirmed", "reported", "historical", "remediated"})
_NO_FACTS = frozenset({"smelter_gap", "smelter", "mitigation"})
_INCIDENTS = frozenset({"FORCED_LABOUR", "CHILD_LABOUR", "ARMED_GROUP"})
_WHY_SOURCING = "A mineral is placed in or brought from this area."


@dataclass(frozen=True, slots=True)
class Statement:
    """What a sentence says about one topic; offsets are characters of the normalised text."""

    rule: str
    version: int
    kind: str
    topic: str | None
    decision: Decision
    start: int
    end: int
    sentence: tuple[int, int]
    tokens: tuple[int, int]
    country: str | None
    region: str | None
    actor: str
    attention: bool
    why: str
    evidence: bool = True

    @property
    def assertion(self) -> str:
        """How it is meant."""
        return self.decision.assertion


def statements(reading: Reading, lang: str) -> Iterator[Statement]:
    """Yield every statement of a read text, findings and plain mentions alike."""
    for sentence in reading.sentences:
        yield from _concepts(reading, sentence, lang)
        yield from sourcing(reading, sentence, lang)


def actor_of(sentence: Sentence) -> str:
    """Return own, supplier or unknown: of whom the sentence speaks."""
    for actor in ("own", "supplier"):
        if sentence.of(actor):
            return actor
    return "unknown"


def is_anchored(reading: Reading, sentence: Sentence, lang: str) -> bool:
    """Whether a place, a site, a number or a name says where or of whom (document-labels.md 1, rule 3)."""
    if sentence.of("place") or sentence.of("anchor"):
        return True
    words = reading.doc[sentence.first + 1 : sentence.last]
    return any(_counts_people(word) or (lang not in CAPITALISING and _names(word)) for word in words)


def _counts_people(word: Any) -> bool:
    return bool(word.like_num) and not (word.text.isdigit() and len(word.text) == _YEAR)


def _names(word: Any) -> bool:
    return bool(word.text[:1].isupper()) and not word.is_upper and word.lower_ not in _NO_NAMES


def place_near(sentence: Sentence, tokens: tuple[int, int]) -> tuple[str | None, str | None]:
    """Return country and region of the place nearest to ``tokens``, a region rather than its own country."""
    places = [*sentence.of("place"), *sentence.of("place_words")]
    if not places:
        return None, None
    nearest = min(places, key=lambda place: _distance(sentence, place, tokens))
    country, region = codes(nearest.rule)
    if region is None:
        regions = [codes(place.rule)[1] for place in places]
        region = next((each for each in regions if each is not None and each.startswith(country + "-")), None)
    return country, region


def _distance(sentence: Sentence, place: Match, tokens: tuple[int, int]) -> int:
    """How far a place is from ``tokens``; the place of extraction comes first, that of a plant or an office last."""
    apart = 0 if place.overlaps(*tokens) else max(0, place.start - tokens[1], tokens[0] - place.end)
    dug = any(0 <= place.start - word.end <= _AT for word in sentence.of("extraction"))
    works = any(0 <= word.start - place.end <= 1 for word in sentence.of("smelter_word"))
    # "Nepalese welders in Doha": an adjective that stands apart says who people are, not where.
    people = place.rule.id.endswith(ADJECTIVE) and apart > 1
    return apart + _FAR * (works or people or _passed_through(sentence, place)) - _FAR * (dug and apart > 0)


def _concepts(reading: Reading, sentence: Sentence, lang: str) -> Iterator[Statement]:
    best: dict[str, Statement] = {}
    for match in sentence.concepts:
        topic = match.rule.topic or ""
        statement = _statement(reading, sentence, match, lang)
        if topic not in best or _rank(statement, match) > _rank(best[topic], None):
            best[topic] = statement
    named = any(topic.startswith("ILO-") and each.evidence for topic, each in best.items())
    for topic, statement in best.items():
        # Forced labour without a named indicator says nothing more beside one (document-labels.md 6).
        if not (topic == "forced_labour" and named) and topic != "smelter":
            yield statement


def _rank(statement: Statement, match: Match | None) -> tuple[bool, bool, int]:
    order = {"affirmed": 3, "reported": 2, "remediated": 1, "historical": 1}
    shown = statement.assertion in _KNOWN_CASES
    return (shown and statement.evidence, bool(match and match.rule.direct), order.get(statement.assertion, 0))


def _statement(reading: Reading, sentence: Sentence, match: Match, lang: str) -> Statement:
    concept = concept_of(match.rule)
    told = match.rule.direct and bool(sentence.of("place"))
    decision = reading.decide((match.start, match.end), concept, told=told)
    start, end = reading.chars(match.start, match.end)
    country, region = place_near(sentence, (match.start, match.end))
    topic = match.rule.topic
    # A group named in passing is no case: it does something, or something is told of it at a place.
    told_of = decision.incident and (concept != "ARMED_GROUP" or bool(sentence.of("place")))
    told_of = told_of or (concept == "ARMED_GROUP" and _is_at_a_mine(sentence))
    found = match.rule.direct or told_of
    evidence = (found and is_anchored(reading, sentence, lang)) or sentence.frame.answer == "yes"
    # A deed that somebody found is a case even where the sentence does not say at which place.
    evidence = evidence or (match.rule.direct and (decision.incident or concept not in _INCIDENTS))
    return Statement(
        rule=match.rule.id,
        version=match.rule.version,
        kind=concept,
        topic=None if topic in _NO_FACTS else topic,
        decision=decision,
        start=start,
        end=end,
        sentence=(sentence.start, sentence.end),
        tokens=(match.start, match.end),
        country=country,
        region=region,
        actor=actor_of(sentence),
        attention=True,
        why=match.rule.why,
        evidence=evidence,
    )


def _is_at_a_mine(sentence: Sentence) -> bool:
    """Whether a mineral or a mine is told of in a listed area."""
    listed = any(of_attention(*codes(place.rule)) for place in sentence.of("place"))
    return listed and bool(sentence.of("mineral") or sentence.of("extraction"))


def sourcing(reading: Reading, sentence: Sentence, lang: str) -> Iterator[Statement]:
    """Yield statements that place a mineral somewhere, one per place; places only passed through are left out."""
    minerals = [match for match in sentence.of("mineral") if not is_inside_name(match, reading.doc, lang)]
    origins = sentence.of("origin_word")
    if not (minerals or origins):
        return
    told = bool(sentence.of("sourcing") or sentence.of("illicit") or origins)
    seen: set[tuple[str, str | None]] = set()
    for place in _places(sentence):
        country, region = codes(place.rule)
        attention = of_attention(country, region) or (country in HUBS and bool(sentence.of("illicit")))
        # A mineral beside a listed area is placed there; elsewhere only words of sourcing say so.
        if (country, region) in seen or (not attention and (not told or _passed_through(sentence, place))):
            continue
        seen.add((country, region))
        target = min(minerals, key=lambda match: abs(match.start - place.start)) if minerals else place
        yield _sourced(reading, sentence, place, target, attention=attention)


def _places(sentence: Sentence) -> list[Match]:
    places = [*sentence.of("place"), *sentence.of("place_words")]
    regions = {codes(place.rule)[0] for place in places if codes(place.rule)[1]}
    # "Kalehe, South Kivu, DRC" is one place: the country stands behind its region.
    return [place for place in places if codes(place.rule)[1] or codes(place.rule)[0] not in regions]


def _passed_through(sentence: Sentence, place: Match) -> bool:
    return any(0 <= place.start - word.end <= 3 for word in sentence.of("transit"))  # noqa: PLR2004 - "via the port of X"


def _sourced(reading: Reading, sentence: Sentence, place: Match, target: Match, *, attention: bool) -> Statement:
    at_place = reading.decide((place.start, place.end), "MINERAL_SOURCING")
    at_target = reading.decide((target.start, target.end), "MINERAL_SOURCING")
    decision = at_target if at_place.assertion == "affirmed" and at_target.assertion != "negated" else at_place
    country, region = codes(place.rule)
    first, last = min(place.start, target.start), max(place.end, target.end)
    start, end = reading.chars(first, last)
    return Statement(
        rule=f"xx.sourcing.{'area' if attention else 'elsewhere'}",
        version=1,
        kind="MINERAL_SOURCING" if attention else "ORIGIN",
        topic="sourcing" if attention else None,
        decision=decision,
        start=start,
        end=end,
        sentence=(sentence.start, sentence.end),
        tokens=(first, last),
        country=country,
        region=region,
        actor=actor_of(sentence),
        attention=attention,
        why=_WHY_SOURCING if attention else "An origin outside the areas is stated.",
        evidence=attention or bool(sentence.of("origin_word")) or bool(sentence.of("extraction")),
    )


def is_risk(statement: Statement) -> bool:
    """Whether an officer should see the passage as a possible finding (document-labels.md 3)."""
    if statement.kind == "SMELTER":
        return statement.assertion in {"affirmed", "reported"} and statement.rule.endswith(".gap")
    if statement.assertion not in {"affirmed", "reported"} or statement.kind == "MITIGATION":
        return False
    return statement.evidence and (statement.kind in _INCIDENTS or statement.attention)


def with_place(statement: Statement, country: str | None, region: str | None) -> Statement:
    """Return the statement with another place."""
    return replace(statement, country=country, region=region)
