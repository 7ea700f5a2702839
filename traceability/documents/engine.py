"""The spaCy pipeline of one language: sentences, entities, concepts, cues, assertions (documents.md 2).

``spacy.blank`` and our rules: no model is downloaded, the same text gives the same statements everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from traceability.documents import answers
from traceability.documents.assertion import Decision, Frame, decide, effective_cues
from traceability.documents.matching import Match, RuleMatcher, build_prefilter
from traceability.documents.names import is_inside_name
from traceability.documents.rulefiles import ANY_LANGUAGE, Rule, rules_of
from traceability.documents.sentences import sentence_spans
from traceability.documents.towns import towns
from traceability.documents.vocabulary import ADJECTIVE, mineral_rules, place_rules

CONCEPTS = {
    "forced_labour": "FORCED_LABOUR",
    "child_labour": "CHILD_LABOUR",
    "armed_group": "ARMED_GROUP",
    "origin_undetermined": "ORIGIN",
    "smelter": "SMELTER",
    "smelter_gap": "SMELTER",
    "mitigation": "MITIGATION",
}


def concept_of(rule: Rule) -> str:
    """Return the kind of the labels guide that a concept rule speaks of."""
    topic = rule.topic or ""
    return "FORCED_LABOUR" if topic.startswith("ILO-") else CONCEPTS.get(topic, "MINERAL_SOURCING")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a read text: its tokens, its characters, what was found in it and how it is framed."""

    start: int
    end: int
    first: int
    last: int
    entities: tuple[Match, ...]
    concepts: tuple[Match, ...]
    frame: Frame
    _by_topic: dict[str | None, list[Match]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the entities by topic once: each is asked for many times."""
        for match in self.entities:
            self._by_topic.setdefault(match.rule.topic, []).append(match)

    def of(self, topic: str) -> Sequence[Match]:
        """Return the entities of a topic (mineral, place, sourcing, actor words)."""
        return self._by_topic.get(topic, ())


@dataclass(frozen=True, slots=True)
class Reading:
    """A normalised text with its sentences; token offsets lead back to characters through ``doc``."""

    text: str
    doc: Any
    sentences: tuple[Sentence, ...]

    def chars(self, start: int, end: int) -> tuple[int, int]:
        """Return the characters of the tokens [start, end)."""
        last = self.doc[end - 1]
        return self.doc[start].idx, last.idx + len(last)

    def tokens(self, start: int, end: int) -> tuple[int, int]:
        """Return the tokens that touch the characters [start, end)."""
        touched = [token.i for token in self.doc if token.idx < end and token.idx + len(token) > start]
        return (touched[0], touched[-1] + 1) if touched else (0, min(1, len(self.doc)))

    def sentence_at(self, token: int) -> Sentence:
        """Return the sentence that holds ``token``."""
        return next((each for each in self.sentences if each.first <= token < each.last), self.sentences[-1])

    def decide(self, target: tuple[int, int], concept: str, *, told: bool = False) -> Decision:
        """Decide how the tokens ``target`` are meant; a label with an answer after it counts as a question."""
        sentence = self.sentence_at(target[0])
        frame = sentence.frame if concept != "SMELTER" else _of_smelter(sentence, target)
        if concept == "ORIGIN":
            target, frame = _of_origin(sentence, target)
        if frame.answer is None and concept != "SMELTER":
            at = self.chars(*target)
            material = concept in {"MINERAL_SOURCING", "ORIGIN"}
            frame = replace(frame, answer=answers.label_answer(self.text, at[1], sentence.end, near=material))
            ticked = answers.ticked_before(self.text, sentence.start, at[0])
            if frame.answer is None and ticked is not None:
                # The "No" of a ticked box is the answer; it does not deny once more.
                cues = tuple(cue for cue in frame.cues if cue.rule.assertion != "negated")
                frame = replace(frame, answer=ticked, cues=cues)
        return decide(target, concept, frame, told=told)


@dataclass(frozen=True, slots=True)
class Context:
    """What governs a text from outside: its block's kind and the assertions of heading and lead-in."""

    kind: str = "paragraph"
    inherited: frozenset[str] = field(default_factory=frozenset)


class Engine:
    """The pipeline of one language. Not thread-safe: one per child process."""

    def __init__(self, lang: str) -> None:
        own = rules_of(lang)
        entities = [rule for rule in own if rule.kind == "entity"]
        entities += [rule for rule in (*place_rules(), *mineral_rules()) if rule.lang in {lang, ANY_LANGUAGE}]
        concepts = [rule for rule in own if rule.kind == "concept"]
        self.lang = lang
        self._nlp = _blank(lang)
        self._nlp.max_length = 25_000_000
        # One index for all: each word of a text is looked up once.
        self._rules = RuleMatcher(self._nlp, [*entities, *concepts, *(rule for rule in own if rule.kind == "cue")])
        self._headings = RuleMatcher(self._nlp, [rule for rule in own if rule.kind == "heading"])
        component: Any = self._nlp.add_pipe("traceability_rules")
        component.engine = self
        wanted = [*concepts, *(rule for rule in entities if rule.topic in {"mineral", "place_words", "smelter"})]
        self.prefilter = build_prefilter(wanted)

    def read(self, text: str, context: Context, spans: Sequence[tuple[int, int]] | None = None) -> Reading:
        """Read normalised ``text``; ``spans`` are its sentences where the caller has split it already."""
        doc = self._nlp.make_doc(text)
        doc.user_data["sentences"] = list(spans) if spans is not None else sentence_spans(text)
        doc.user_data["context"] = context
        doc.user_data["text"] = text
        for _, component in self._nlp.pipeline:
            doc = component(doc)
        return Reading(text, doc, tuple(doc.user_data["read"]))

    def heading(self, text: str, *, lead_in: bool) -> frozenset[str]:
        """Return what a heading or a lead-in that ends in a colon says about the list under it."""
        doc = self._nlp.make_doc(text)
        words = _lower_words(doc)
        found = {match.rule.assertion or "" for match in self._headings(doc, words)}
        if lead_in:
            cues = effective_cues([match for match in self._rules(doc, words) if match.rule.kind == "cue"])
            strong = {cue.rule.assertion or "" for cue in cues if not cue.rule.weak and cue.rule.direction != "pseudo"}
            found |= {"hypothetical" if each == "condition" else each for each in strong} & _INHERITED
        return frozenset(found - {""})

    def annotate(self, doc: Any) -> list[Sentence]:
        """Find entities, concepts and cues of ``doc`` and frame its sentences: the work of the pipeline component."""
        words = _lower_words(doc)
        text: str = doc.user_data["text"]
        every = self._rules(doc, words)
        entities = [match for match in every if match.rule.kind == "entity" and _counts(match, doc)]
        entities = _longest_places([*entities, *towns(doc)])
        concepts = [
            match
            for match in every
            if match.rule.kind == "concept"
            and (match.rule.topic == "smelter" or not is_inside_name(match, doc, self.lang))
        ]
        cues = [match for match in every if match.rule.kind == "cue"]
        context: Context = doc.user_data["context"]
        sentences = []
        for start, end in doc.user_data["sentences"]:
            first, last = _token_range(doc, start, end)
            if first == last:
                continue
            found = tuple(match for match in concepts if match.within(first, last))
            own = [cue for cue in cues if cue.within(first, last) and not _is_worded(cue, found)]
            own = [cue for cue in own if not _is_particle(cue, doc, first)]
            answer = answers.answer_after(text, start, end, len(text))
            frame = Frame(first, tuple(words[first:last]), effective_cues(own), context.inherited, answer, found)
            here = tuple(match for match in entities if match.within(first, last))
            sentences.append(Sentence(start, end, first, last, here, found, frame))
        return _with_followers(self._with_leads(text, sentences))

    def _with_leads(self, text: str, sentences: list[Sentence]) -> list[Sentence]:
        """A sentence that ends in a colon governs the bullets after it."""
        out: list[Sentence] = []
        lead: frozenset[str] = frozenset()
        for each in sentences:
            own = text[each.start : each.end]
            lead = lead if own[:1] in _BULLETS else frozenset()
            frame = replace(each.frame, inherited=each.frame.inherited | lead)
            out.append(replace(each, frame=frame))
            if own.endswith(":"):
                lead = self.heading(own, lead_in=True)
        return out


_KNOWN = frozenset(
    {
        "known", "identified", "determined", "established", "verified", "documented", "traceable", "bekend", "bekannt",
        "connue", "connu", "conocido", "conhecida", "nachvollziehbar", "herleidbaar", "vastgesteld", "festgestellt",
    }
)  # fmt: skip


def _of_origin(sentence: Sentence, target: tuple[int, int]) -> tuple[tuple[int, int], Frame]:
    """Words that say an origin is unknown carry their negation in them; "Is it known? No." says the same."""
    frame = sentence.frame
    for match in (*sentence.concepts, *sentence.of("unknown_word")):
        if match.rule.topic in {"origin_undetermined", "unknown_word"} and match.overlaps(*target):
            return (min(match.start, target[0]), max(match.end, target[1])), frame
    if frame.answer == "no" and _KNOWN & set(frame.words):
        frame = replace(frame, answer="yes")
    return target, frame


def _of_smelter(sentence: Sentence, target: tuple[int, int]) -> Frame:
    """A smelter is denied only where its use is: "never audited" and "on the list? No" speak of its audit."""
    frame = sentence.frame
    audits = [match.start for match in sentence.of("assurance")]
    audits += [match.end for match in sentence.concepts if match.rule.topic == "smelter_gap"]
    if not audits:
        return frame
    cues = tuple(cue for cue in frame.cues if not _denies_audit(cue, target, audits))
    return replace(frame, cues=cues, answer="yes" if frame.answer == "no" else frame.answer)


def _denies_audit(cue: Match, target: tuple[int, int], audits: Sequence[int]) -> bool:
    if cue.rule.assertion != "negated" or cue.end - cue.start > 1:
        return False
    near = [at for at in audits if 0 <= at - cue.start <= _AUDIT_REACH]
    return any(not cue.end <= target[0] < at for at in near)


_AUDIT_REACH = 7
_BULLETS = tuple("\u2022\u25cf\u25aa-\u2013*\u00b7")
_INHERITED = frozenset({"policy", "definition", "negated", "hypothetical"})


class RulesComponent:
    """The component of the spaCy pipeline: marks entities and concepts as spans and keeps the framed sentences."""

    def __init__(self) -> None:
        self.engine: Engine | None = None

    def __call__(self, doc: Any) -> Any:
        assert self.engine is not None  # noqa: S101 - set by the engine right after the component is added
        read = self.engine.annotate(doc)
        doc.user_data["read"] = read
        return doc


def _blank(lang: str) -> Any:
    """Return spaCy's blank pipeline of ``lang``."""
    import spacy

    if lang != "fr":
        return spacy.blank(lang)
    # French tables compile for five seconds. The language-neutral tokenizer with elisions as prefixes
    # ("l'or", "qu'un") gives the words our rules need at once.
    nlp: Any = spacy.blank("xx")
    elisions = r"(?:[cdjlmnstCDJLMNST]|[qQ]u|[lL]orsqu|[pP]uisqu|[jJ]usqu|[qQ]uoiqu)'(?=\w)"
    prefixes = [*(nlp.Defaults.prefixes or ()), elisions]
    nlp.tokenizer.prefix_search = spacy.util.compile_prefix_regex(prefixes).search
    return nlp


def _register() -> None:
    from spacy.language import Language

    if not Language.has_factory("traceability_rules"):
        Language.factory("traceability_rules", func=lambda nlp, name: RulesComponent())  # noqa: ARG005 - spaCy names them


@lru_cache(maxsize=8)
def engine_for(lang: str) -> Engine:
    """Return the engine of a language with rules, built once per process."""
    _register()
    return Engine(lang)


def _lower_words(doc: Any) -> list[str]:
    """Return the tokens in lower case; one pass over an array is several times faster than over token objects."""
    strings = doc.vocab.strings
    keys = doc.to_array("LOWER").tolist()
    known = {key: strings[key] for key in set(keys)}
    return [known[key] for key in keys]


def _is_particle(cue: Match, doc: Any, first: int) -> bool:
    """Whether a negation is the answer to the question before ("No, ..."), or a modal is the month of May."""
    if cue.end == cue.start + 1 and cue.start > first and doc[cue.start].text == "May":
        return True
    alone = cue.start == first and cue.end == first + 1 and cue.end < len(doc)
    return cue.rule.assertion == "negated" and alone and bool(doc[cue.end].is_punct)


def _is_worded(cue: Match, concepts: Sequence[Match]) -> bool:
    """Whether a negation is part of the wording of a deed: "not paid", "no drinking water", "could not leave"."""
    return cue.rule.assertion == "negated" and any(
        match.rule.direct and any(cue.within(*part) for part in _wording(match)) for match in concepts
    )


def _wording(match: Match) -> Sequence[tuple[int, int]]:
    """Return the tokens that word a deed: its rule's own; of an unknown origin all from the first to the last."""
    whole = not match.parts or match.rule.topic == "origin_undetermined"
    return ((match.start, match.end),) if whole else match.parts


def _counts(match: Match, doc: Any) -> bool:
    if match.rule.topic != "place" or match.rule.id.endswith(ADJECTIVE):
        return True
    words = [doc[index].text[:1] for index in range(match.start, match.end)]
    return any(word.isupper() or (word.isalpha() and word.lower() == word.upper()) for word in words)


def _longest_places(entities: list[Match]) -> list[Match]:
    """Of overlapping places the longest counts: the Republic of the Congo is not the Democratic Republic."""
    places = [match for match in entities if match.rule.topic == "place"]
    shorter = {
        match
        for match in places
        for other in places
        if match.overlaps(other.start, other.end) and other.end - other.start > match.end - match.start
    }
    return [match for match in entities if match not in shorter]


def _token_range(doc: Any, start: int, end: int) -> tuple[int, int]:
    span = doc.char_span(start, end, alignment_mode="expand")
    return (span.start, span.end) if span is not None else (0, 0)


def _with_followers(sentences: list[Sentence]) -> list[Sentence]:
    """A sentence that opens with "Closed", "This was repaid" speaks of the one before it (anaphora)."""
    out = list(sentences)
    for index, following in enumerate(sentences[1:]):
        openers = [cue for cue in following.frame.cues if cue.rule.direction == "previous"]
        if not openers:
            continue
        frame = out[index].frame
        out[index] = replace(out[index], frame=replace(frame, cues=(*frame.cues, *openers)))
    return out
