"""How a statement is meant: affirmed, negated, policy, hypothetical, definition, reported, historical, remediated.

The algorithm is ConText's (Harkema et al. 2009): cues have a direction, a scope in tokens and terminators; pseudo
cues block the cues inside them. The order of precedence is document-labels.md 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from traceability.documents.matching import Match

PRECEDENCE = ("definition", "policy", "hypothetical", "remediated", "historical", "negated", "reported")
ASSERTIONS = (*PRECEDENCE, "affirmed")


@dataclass(frozen=True, slots=True)
class Decision:
    """The assertion of one target, the cues that decided it, and whether an incident cue speaks of it."""

    assertion: str
    cues: tuple[Match, ...]
    incident: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """The sentence a target stands in: its tokens in lower case from ``start`` on, and what governs it from outside.

    ``inherited`` are assertions of a heading or lead-in, ``answer`` is yes, no or open when the sentence asks.
    """

    start: int
    words: tuple[str, ...]
    cues: tuple[Match, ...]
    inherited: frozenset[str] = frozenset()
    answer: str | None = None

    @property
    def end(self) -> int:
        """The token after the last of the sentence."""
        return self.start + len(self.words)


def effective_cues(cues: Sequence[Match]) -> tuple[Match, ...]:
    """Drop cues inside a pseudo cue and cues inside a longer cue of the same direction."""
    pseudo = [cue for cue in cues if cue.rule.direction == "pseudo"]
    kept = [cue for cue in cues if not any(cue.overlaps(other.start, other.end) for other in pseudo)]
    return tuple(cue for cue in kept if not any(_inside(cue, other) for other in kept))


def decide(target: tuple[int, int], concept: str, frame: Frame, *, told: bool = False) -> Decision:
    """Decide the assertion of the tokens ``target`` that stand for ``concept`` (a kind of the labels guide).

    ``told`` says that the target itself tells a fact of a named place: words of generality beside it do not undo it.
    """
    active = [cue for cue in frame.cues if _governs(cue, target, concept, frame)]
    incident = [cue for cue in active if cue.rule.assertion == "affirmed"]
    if incident or told:
        active = [cue for cue in active if not cue.rule.weak]
    labels = {cue.rule.assertion for cue in active} - {"affirmed", "negated"}
    if _is_negated(active):
        labels.add("negated")
    if not incident or "found" in frame.inherited:
        labels |= frame.inherited & {"policy", "definition", "negated", "hypothetical"}
    assertion = _choose(labels, frame.answer)
    cues = tuple(cue for cue in active if cue.rule.assertion in {assertion, "condition"} or assertion == "affirmed")
    return Decision(assertion, cues, bool(incident) or "incident" in frame.inherited)


def _choose(labels: set[str | None], answer: str | None) -> str:
    if "condition" in labels and "definition" not in labels:
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
    if rule.direction in {"pseudo", "terminate"} or cue.within(*target):
        return False
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
    return between[1] - between[0] <= rule.max_scope and not _terminated(rule.terminated_by, between, frame)


def _terminated(own: tuple[str, ...], between: tuple[int, int], frame: Frame) -> bool:
    start, end = between
    if any(cue.rule.direction == "terminate" and cue.start >= start and cue.end <= end for cue in frame.cues):
        return True
    words = frame.words[max(0, start - frame.start) : max(0, end - frame.start)]
    return any(word in own for word in words)


def _inside(cue: Match, other: Match) -> bool:
    if cue.rule.direction == "terminate":
        return False
    longer = other.end - other.start > cue.end - cue.start
    # "not ... found" looks back and its "not" looks ahead: both stay. "must not" takes the "not" away.
    twin = cue.rule.assertion == other.rule.assertion and cue.rule.direction != other.rule.direction
    return longer and not twin and cue.within(other.start, other.end)
