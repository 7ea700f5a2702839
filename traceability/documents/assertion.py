"""How a statement is meant: affirmed, negated, policy, hypothetical, definition, reported, historical, remediated.

The algorithm is ConText's (Harkema et al. 2009): cues have a direction, a scope in tokens and terminators; pseudo
cues block the cues inside them. The order of precedence is document-labels.md 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from traceability.documents.matching import Match

PRECEDENCE = ("definition", "policy", "hypothetical", "remediated", "historical", "negated", "reported")
ASSERTIONS = (*PRECEDENCE, "affirmed")

CUES = frozenset({*ASSERTIONS, "condition", "measure", "presupposed", "open"})
"""What cues say: an assertion; a condition; a target or measure of absence (a rule, also with "if"); a fact taken for
granted ("unless they say why ..."); a correction that is not complete."""

_NEAR = 5
_STATED = frozenset({"negated", "historical", "remediated", "reported"})
_BORDERS = frozenset({"|", "\t"})
_COMMAS = frozenset({",", "，"})
_LIST_MARKS = frozenset({";", "；"})
# "Two minors were found, but are back at school; verified": the outcome of a case reaches over a turn of the sentence.
_OF_A_CASE = frozenset({"remediated", "open"})
_OF_A_ROW = frozenset({"remediated", "open", "historical", "reported"})
_GRANTED = frozenset({"definition", "policy", "hypothetical", "condition", "measure"})
_INHERITED = frozenset({"policy", "definition", "negated", "hypothetical"})


@dataclass(frozen=True, slots=True)
class Decision:
    """The assertion of one target, the cues that decided it, and whether an incident cue speaks of it."""

    assertion: str
    cues: tuple[Match, ...]
    incident: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """The sentence a target stands in: its tokens in lower case from ``start`` on, and what governs it from outside.

    ``inherited`` are assertions of a heading or lead-in, ``answer`` is yes, no or open when the sentence asks;
    ``subjects`` are the concepts the sentence speaks of.
    """

    start: int
    words: tuple[str, ...]
    cues: tuple[Match, ...]
    inherited: frozenset[str] = frozenset()
    answer: str | None = None
    subjects: tuple[Match, ...] = ()

    @property
    def end(self) -> int:
        """The token after the last of the sentence."""
        return self.start + len(self.words)


def effective_cues(cues: Sequence[Match]) -> tuple[Match, ...]:
    """Drop cues inside a pseudo cue and cues inside a longer cue of the same direction."""
    pseudo = [cue for cue in cues if cue.rule.direction == "pseudo"]
    kept = [cue for cue in cues if not any(_blocks(other, cue) for other in pseudo)]
    return tuple(cue for cue in kept if not any(_inside(cue, other) for other in kept))


def decide(target: tuple[int, int], concept: str, frame: Frame, *, told: bool = False) -> Decision:
    """Decide the assertion of the tokens ``target`` that stand for ``concept`` (a kind of the labels guide).

    ``told`` says that the target itself tells a fact of a named place: words of generality beside it do not undo it.
    """
    active = [cue for cue in frame.cues if _governs(cue, target, concept, frame) and not _is_denied(cue, frame)]
    incident = [cue for cue in active if cue.rule.assertion == "affirmed"]
    stated = any(cue.rule.assertion in _STATED for cue in active)
    if incident or told or any(cue.rule.firm for cue in active):
        active = [cue for cue in active if not cue.rule.weak]
    elif stated:
        active = [cue for cue in active if not (cue.rule.weak and cue.rule.assertion == "definition")]
    assertion = _choose(_labels(active, target, frame, inherits=not incident), frame.answer)
    cues = tuple(cue for cue in active if cue.rule.assertion in {assertion, "condition"} or assertion == "affirmed")
    return Decision(assertion, cues, bool(incident) or "incident" in frame.inherited)


def _labels(active: Sequence[Match], target: tuple[int, int], frame: Frame, *, inherits: bool) -> set[str | None]:
    labels = {cue.rule.assertion for cue in active} - {"affirmed", "negated"}
    # What follows the target of an answered label is the answer itself: "forced labour: none".
    asked = frame.answer in {"yes", "no"}
    # "Unless they do not say why X": what is denied is that somebody says it.
    granted = max((cue.end for cue in active if cue.rule.assertion == "presupposed"), default=-1)
    if _is_negated([cue for cue in active if cue.start >= granted and (not asked or cue.start < target[1])]):
        labels.add("negated")
    if _is_of_a_condition(target, frame):
        labels.add("condition")
    if "presupposed" in labels:
        return labels - _GRANTED
    if "open" in labels:
        labels.discard("remediated")
    return labels | (frame.inherited & _INHERITED) if inherits else labels


def _is_denied(cue: Match, frame: Frame) -> bool:
    """Whether words of doubt are themselves denied: "no suspected case", "did not find any case of"."""
    return cue.rule.assertion == "condition" and any(
        each.rule.assertion == "negated" and each.rule.direction == "forward" and 0 <= cue.start - each.end < _NEAR
        for each in frame.cues
    )


def _is_of_a_condition(target: tuple[int, int], frame: Frame) -> bool:
    """Whether the target is spoken of before in a condition: "if a child works, the child shall go to school"."""
    before = [each for each in frame.subjects if each.end <= target[0]]
    same = {each.rule.topic for each in frame.subjects if each.overlaps(*target)}
    conditions = [cue for cue in frame.cues if cue.rule.assertion == "condition"]
    return any(
        each.rule.topic in same and _governs(cue, (each.start, each.end), "", frame)
        for each in before
        for cue in conditions
    )


def _choose(labels: set[str | None], answer: str | None) -> str:
    if "measure" in labels:
        return "policy"
    if "condition" in labels and "definition" not in labels and answer not in {"yes", "no"}:
        return "hypothetical"
    for label in PRECEDENCE[:2]:
        if label in labels:
            return label
    if answer is not None:
        return _answered(answer, negated="negated" in labels)
    return next((label for label in PRECEDENCE if label in labels), "affirmed")


def _answered(answer: str, *, negated: bool) -> str:
    if answer == "open":
        return "hypothetical"
    return "affirmed" if (answer == "yes") != negated else "negated"


def _is_negated(active: Sequence[Match]) -> bool:
    """Two negations cancel: "no visit failed to confirm". Several plain negators are one ("no A and no B")."""
    negating = [cue for cue in active if cue.rule.assertion == "negated"]
    plain = any(not cue.rule.flips for cue in negating)
    flips = sum(cue.rule.flips for cue in negating)
    return (plain + flips) % 2 == 1


def _governs(cue: Match, target: tuple[int, int], concept: str, frame: Frame) -> bool:
    rule = cue.rule
    if rule.direction in {"pseudo", "terminate", "concede"}:
        return False
    if cue.within(*target):
        return rule.assertion == "negated" and _stands_between(cue, target, frame)
    if rule.allowed and concept not in rule.allowed:
        return False
    if rule.direction == "previous":
        return cue.start >= frame.end
    forward = rule.direction in {"forward", "both"} and cue.start < target[1] and cue.end <= target[1]
    backward = rule.direction in {"backward", "both"} and cue.end > target[0] and cue.start >= target[0]
    if forward:
        between = (cue.end, target[0])
    elif backward:
        between = (target[1], cue.start)
    elif rule.direction == "both" and cue.start <= target[0] and target[1] <= cue.end:
        between = (cue.start, cue.start)
    else:
        return False
    return between[1] - between[0] <= rule.max_scope and not _terminated(cue, between, frame)


def _stands_between(cue: Match, target: tuple[int, int], frame: Frame) -> bool:
    """Whether a negation stands among the words of the target's rule without being one of them: "held no passports"."""
    over = [each for each in frame.subjects if each.overlaps(*target) and cue.within(each.start, each.end)]
    return bool(over) and not any(each.uses(cue.start, cue.end) for each in over)


def _terminated(cue: Match, between: tuple[int, int], frame: Frame) -> bool:
    start, end = between
    words = frame.words[max(0, start - frame.start) : max(0, end - frame.start)]
    if any(word in cue.rule.terminated_by for word in words):
        return True
    if _crosses_cells(cue, words, backward=cue.start >= end):
        return True
    if cue.rule.assertion in _OF_A_CASE:
        return False
    ends = [each for each in frame.cues if each.rule.direction == "terminate" and each.within(start, end)]
    if cue.rule.assertion == "historical":
        # "In 2013 children sorted mica there; the yard is gone": the end of a matter is told after a semicolon.
        ends = [each for each in ends if frame.words[each.start - frame.start] not in _LIST_MARKS]
    if any(frame.words[each.start - frame.start] not in _LIST_MARKS or ":" not in words for each in ends):
        return True
    return any(each.start < start <= _comma(each, frame) < end for each in _conceding(frame))


def _crosses_cells(cue: Match, words: Sequence[str], *, backward: bool) -> bool:
    """Whether a cell border ends the scope: only the state of a row and the cell right after a label reach over it."""
    borders = sum(word in _BORDERS for word in words)
    if not borders or cue.rule.assertion in _OF_A_ROW:
        return False
    return not (backward and borders == 1 and words[-1] in _BORDERS)


def _conceding(frame: Frame) -> list[Match]:
    """Return what opens a concession: "although the code forbids it, ..." rules nothing after its comma."""
    return [cue for cue in frame.cues if cue.rule.direction == "concede"]


def _comma(cue: Match, frame: Frame) -> int:
    words = frame.words[cue.end - frame.start :]
    return next((cue.end + index for index, word in enumerate(words) if word in _COMMAS), frame.end)


def _blocks(pseudo: Match, cue: Match) -> bool:
    """Whether a pseudo cue takes a cue away; a longer phrase that holds the pseudo cue stays ("cannot rule out")."""
    longer = not cue.parts and pseudo.within(cue.start, cue.end) and cue.end - cue.start > pseudo.end - pseudo.start
    return cue.uses(pseudo.start, pseudo.end) and not longer


def _inside(cue: Match, other: Match) -> bool:
    if cue.rule.direction == "terminate":
        return False
    longer = other.end - other.start > cue.end - cue.start
    # "not ... found" looks back and its "not" looks ahead: both stay. "must not" takes the "not" away.
    twin = cue.rule.assertion == other.rule.assertion and cue.rule.direction != other.rule.direction
    return longer and not twin and cue.within(other.start, other.end)
