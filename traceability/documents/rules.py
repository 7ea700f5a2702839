"""Checks of the document rules: unique ids, known topics, examples on both sides, and every example executed."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from traceability.documents.assertion import ASSERTIONS, CUES
from traceability.documents.language import LANGUAGES
from traceability.documents.rulefiles import ANY_LANGUAGE, FOLDER, Example, Rule, read_rules, rule_paths, word_sets
from traceability.errors import InvalidInput, Problem

TOPICS = frozenset(
    {f"ILO-{number:02}" for number in range(1, 12)}
    | {"forced_labour", "child_labour", "armed_group", "origin_undetermined", "smelter", "smelter_gap", "mitigation"}
)
"""Topics of concept rules: those of the facts, two kinds of smelter notes, and what was done about a case."""

ENTITY_TOPICS = frozenset(
    {
        "sourcing", "origin_word", "extraction", "illicit", "transit", "own", "supplier", "child_word", "armed_word",
        "labour_word", "smelter_word", "anchor", "policy_subject", "assurance", "unknown_word", "control",
        "origin_noun",
    }
)  # fmt: skip
_KINDS = frozenset({"concept", "entity", "cue", "heading"})
_DIRECTIONS = frozenset({"forward", "backward", "both", "terminate", "concede", "pseudo", "previous"})
_HEADINGS = frozenset({"policy", "definition", "negated", "hypothetical", "incident"})


def check_files(paths: Iterable[Path] | None = None) -> list[Problem]:
    """Check rule files (default: the product's own) and run their examples; the answer is empty when all is well.

    A path of each problem is ``file: rule``. Files from elsewhere are read with the product's own word sets.
    """
    files = list(paths) if paths is not None else [path for path in rule_paths() if path.suffix == ".yml"]
    problems: list[Problem] = []
    rules: list[Rule] = []
    for path in files:
        try:
            rules.extend(read_rules(path, word_sets(FOLDER)))
        except InvalidInput as error:
            problems.append(Problem(path.name, error.detail))
    problems.extend(_duplicates(rules))
    for rule in rules:
        problems.extend(_form(rule))
    return problems or list(_examples(rules))


def _duplicates(rules: Sequence[Rule]) -> Iterator[Problem]:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            yield Problem(f"{rule.source}: {rule.id}", "this id stands for another rule already; ids are unique")
        seen.add(rule.id)


def _form(rule: Rule) -> Iterator[Problem]:
    where = f"{rule.source}: {rule.id}"
    if rule.lang not in {*LANGUAGES, ANY_LANGUAGE}:
        yield Problem(where, f"language {rule.lang} is none of {', '.join(LANGUAGES)}")
    if rule.kind not in _KINDS:
        yield Problem(where, f"kind {rule.kind} is none of {', '.join(sorted(_KINDS))}")
    expected = {"concept": TOPICS, "entity": ENTITY_TOPICS}.get(rule.kind)
    if expected is not None and rule.topic not in expected:
        yield Problem(where, f"topic {rule.topic} is not known; expected one of {', '.join(sorted(expected))}")
    yield from _cue_form(rule, where)
    if not (rule.literals or rule.sequences or rule.patterns):
        yield Problem(where, "the rule matches nothing: give literal, sequence or pattern")
    if any("REGEX" in str(pattern) for pattern in rule.patterns):
        yield Problem(where, "expressions are not taken in patterns; list the words, or a beginning with *")
    yield from _example_form(rule, where)


def _cue_form(rule: Rule, where: str) -> Iterator[Problem]:
    silent = rule.direction in {"terminate", "concede", "pseudo"}
    if rule.kind == "cue" and rule.direction not in _DIRECTIONS:
        yield Problem(where, f"direction {rule.direction} is none of {', '.join(sorted(_DIRECTIONS))}")
    if rule.kind == "cue" and not silent and rule.assertion not in CUES:
        yield Problem(where, f"assertion {rule.assertion} is none of {', '.join(sorted(CUES))}")
    if rule.kind == "heading" and rule.assertion not in _HEADINGS:
        yield Problem(where, f"assertion {rule.assertion} of a heading is none of {', '.join(sorted(_HEADINGS))}")


def _example_form(rule: Rule, where: str) -> Iterator[Problem]:
    positive = [example for example in rule.examples if not example.none]
    negative = [example for example in rule.examples if example.none]
    if not positive or not negative:
        yield Problem(where, "needs at least one example that matches and one with none: true")
    for example in positive:
        if rule.kind in {"concept", "cue"} and example.assertion not in ASSERTIONS:
            yield Problem(where, f"the example {example.text!r} names no assertion")


def _examples(rules: Sequence[Rule]) -> Iterator[Problem]:
    for rule in rules:
        for example in rule.examples:
            fault = run_example(rule, example)
            if fault is not None:
                yield Problem(f"{rule.source}: {rule.id}", f"{example.text!r}: {fault}")


def run_example(rule: Rule, example: Example) -> str | None:
    """Run one example through the pipeline of its language; the answer says what is wrong, None when nothing is."""
    from traceability.documents.engine import CONCEPTS, Context, concept_of, engine_for
    from traceability.documents.text import normalise

    engine = engine_for(rule.lang)
    if rule.kind == "heading":
        found = engine.heading(normalise(example.text).text, lead_in=False)
        return None if (rule.assertion in found) != example.none else f"read as {sorted(found) or 'nothing'}"
    reading = engine.read(normalise(example.text).text, Context())
    matched = [match for each in reading.sentences for match in (*each.concepts, *each.entities, *each.frame.cues)]
    tokens = reading.tokens(example.start, example.end)
    over = [match for match in matched if match.rule.id == rule.id and (rule.kind == "cue" or match.overlaps(*tokens))]
    if example.none:
        return "matched, and must not" if over else None
    if rule.kind != "cue" and not over:
        return "the marked words are not matched"
    if example.assertion is None:
        return None
    named = [match for match in matched if match.rule.kind == "concept" and match.overlaps(*tokens)]
    concept = concept_of(named[0].rule) if named else CONCEPTS.get(rule.topic or "", "MINERAL_SOURCING")
    got = reading.decide(tokens, concept).assertion
    return None if got == example.assertion else f"read as {got}, expected {example.assertion}"
