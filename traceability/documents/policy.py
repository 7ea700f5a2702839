"""Passages that rule, define or control a covered subject, deny cases, or tell that one was put right."""

from collections.abc import Sequence

from traceability.documents.assertion import Decision
from traceability.documents.engine import Reading, Sentence, concept_of
from traceability.documents.matching import Match
from traceability.documents.statements import Statement, is_risk

_INCIDENTS = ("FORCED_LABOUR", "CHILD_LABOUR", "ARMED_GROUP")
_RAISED = frozenset({"affirmed", "reported"})
_POLICY_SUBJECTS = (*_INCIDENTS, "ORIGIN", "SMELTER")
_SUBJECT_WORDS = (
    "policy_subject", "child_word", "armed_word", "labour_word", "origin_word", "origin_noun", "smelter_word"
)  # fmt: skip
_NOT_DONE = frozenset({"open", "policy", "condition", "measure", "hypothetical"})


def policy_label(reading: Reading, found: Sequence[Statement]) -> set[str]:
    """POLICY where a rule, a commitment, a control or a legal text speaks of a covered subject, and no case is told."""
    cases = {each.sentence for each in found if is_risk(each) and each.kind in _INCIDENTS}
    for sentence in reading.sentences:
        if (sentence.start, sentence.end) not in cases and _rules(reading, sentence):
            return {"POLICY"}
    return set()


def is_mended(sentence: Sentence) -> bool:
    """Whether a concrete problem is said to be put right: not by a rule, not on a condition, not in part only."""
    said = {cue.rule.assertion for cue in sentence.frame.cues if not cue.rule.weak}
    return "remediated" in said and not said & _NOT_DONE and bool(sentence.concepts or _names_subject(sentence))


def denies(reading: Reading, sentence: Sentence) -> bool:
    """Whether cases without a concept of their own are denied: "no breach of our code was reported"."""
    decided = (reading.decide((each.start, each.end), "FORCED_LABOUR") for each in sentence.of("policy_subject"))
    return any(each.assertion == "negated" and any(cue.rule.firm for cue in each.cues) for each in decided)


def _rules(reading: Reading, sentence: Sentence) -> bool:
    """Whether the sentence rules, defines or controls a covered subject, or ties a rule to a condition about one."""
    said = {cue.rule.assertion for cue in sentence.frame.cues if not cue.rule.weak}
    subjects = [match for match in sentence.concepts if concept_of(match.rule) in _POLICY_SUBJECTS]
    ruled = bool(said & {"policy", "measure"}) or "policy" in sentence.frame.inherited
    named = _names_subject(sentence)
    if (ruled or "definition" in said) and (named or sentence.of("mineral")) and not _is_told(reading, subjects):
        return True
    if "condition" in said and (named or subjects) and sentence.frame.answer is None:
        return True
    weakly = any(cue.rule.assertion == "policy" for cue in sentence.frame.cues)
    if sentence.of("policy_subject") or any(match.rule.value == "3tg" for match in sentence.of("mineral")):
        return bool(ruled or weakly or sentence.of("control")) and sentence.frame.answer is None
    controls = bool(ruled or weakly or sentence.of("control"))
    return any(
        _is_ruled(reading, match, controlled=controls if concept_of(match.rule) in _INCIDENTS else ruled)
        for match in subjects
    )


def _names_subject(sentence: Sentence) -> bool:
    """Whether words of a covered subject stand in the sentence: labour, children, armed actors, origin, smelters."""
    return any(sentence.of(topic) for topic in _SUBJECT_WORDS)


def _is_told(reading: Reading, subjects: Sequence[Match]) -> bool:
    """Whether a case is told of one of the subjects: what was found is no rule, whatever else the sentence says."""
    decisions = (reading.decide((each.start, each.end), concept_of(each.rule)) for each in subjects)
    return any(each.incident and each.assertion in _RAISED for each in decisions)


def _is_ruled(reading: Reading, match: Match, *, controlled: bool) -> bool:
    """Whether a covered subject is the matter of a rule, a legal definition, a commitment or a standing control."""
    decision = reading.decide((match.start, match.end), concept_of(match.rule))
    if decision.assertion == "definition":
        return not all(cue.rule.weak for cue in decision.cues)
    ruled = decision.assertion in {"affirmed", "reported"} and not decision.incident and controlled
    return decision.assertion == "policy" or ruled or (decision.assertion == "hypothetical" and _is_condition(decision))


def _is_condition(decision: Decision) -> bool:
    return any(cue.rule.assertion == "condition" for cue in decision.cues)
