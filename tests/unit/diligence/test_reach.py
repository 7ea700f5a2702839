"""What a rule can reach is told from the source text: no less than what it runs, whatever the facts are."""

import sys
from pathlib import Path

import pytest

from tests.unit.diligence.facts_maker import Maker
from traceability import diligence
from traceability.diligence import reach, tables
from traceability.diligence.case import Case
from traceability.diligence.engine import ROWS, run
from traceability.diligence.parameters import Parameters

FOLDER = Path(diligence.__file__).parent
FACTS = [Maker(seed, full).document() for seed in range(3) for full in (0.3, 0.7)]
RAISED = [{found.code for found in run(Case(facts), ROWS)} for facts in FACTS]


def module_name(path):
    return ".".join(["traceability.diligence", *path.relative_to(FOLDER).with_suffix("").parts])


def owner(code):
    """Return the module and definition that some code stands in; of ``Case`` the member."""
    module = module_name(Path(code.co_filename))
    parts = code.co_qualname.split(".")
    name = ".".join(parts[:2]) if module.endswith(".case") and parts[1:] else parts[0]
    return module, "Case" if name == "Case.__init__" else name


def ran(pair, facts, raised):
    """Return the definitions that run while a rule looks at facts, on a case of its own."""
    found = set()

    def watch(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(str(FOLDER)):
            found.add(owner(frame.f_code))

    case = Case(facts)
    case.raised.update(raised)
    sys.setprofile(watch)
    try:
        run_one(case, pair)
    finally:
        sys.setprofile(None)
    return found


def run_one(case, pair):
    rule, _ = pair
    if rule.places(case) and rule.escalation is not None:
        rule.escalation.when(case)


@pytest.mark.parametrize("pair", ROWS, ids=lambda pair: pair[1].code)
def test_what_a_rule_runs_is_what_it_can_reach(pair):
    known = reach.places([pair[1].code])
    for facts, raised in zip(FACTS, RAISED, strict=True):
        assert {one for one in ran(pair, facts, raised) - known if not one[1].startswith("<")} == set()


def test_every_table_and_parameter_of_the_rules_is_reached():
    found = reach.reach(row.code for _, row in ROWS)
    assert set(found.tables) == {*tables.TABLES, "annex_i_thresholds.csv"}
    apart = {"tagged_share"}  # read where facts are put together, before any rule
    assert set(found.parameters) | apart == set(Parameters.__dataclass_fields__)


def test_a_code_without_rule_reaches_nothing():
    with pytest.raises(KeyError):
        reach.reach(["RF-L9"])


def test_rules_run_as_they_are_reached():
    """The rows of the engine are those whose statements were found."""
    assert set(reach._roots()) >= {row.code for _, row in ROWS}
    assert run(Case(FACTS[0]), ROWS) is not None
