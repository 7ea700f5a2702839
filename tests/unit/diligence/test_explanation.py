"""What a rule looked at, its logic taken apart, and what its provenance means."""

import pytest

from traceability.diligence import catalogue
from traceability.diligence.engine import assess
from traceability.diligence.explanation import clearing, conditions, law, logic, look, places, provenance_words
from traceability.diligence.terms import terms, terms_of
from traceability.errors import NotFound


def test_the_facts_a_rule_looked_at_are_these_and_no_others(make_facts):
    facts = make_facts({"origins": [{"country": "BI"}]})
    found = look(facts, "RF-L1")
    assert found.finding in assess(facts).findings
    reads = {read.at: read.value if read.stated else None for read in found.reads}
    assert reads["/shipment/origins/0/country"] == "BI"
    assert reads["/lists/cahra/entries/1/code"] == "BI"
    assert reads["/custody_events"] is None
    assert not any(at.startswith(("/importer_ytd_kg", "/shipment/net_weight_kg")) for at in reads)
    shown = places(found, found.finding.evidence)
    assert {place["at"] for place in shown if place["evidence"]} == {
        "/shipment/origins/0/subdivision", "/shipment/origins/0/country", "/lists/cahra/entries/1/code",
        "/lists/cahra/entries/1/valid_from", "/lists/cahra/entries/1/valid_to",
    }  # fmt: skip
    assert [place["evidence"] for place in shown] == sorted((place["evidence"] for place in shown), reverse=True)


def test_kilograms_are_no_part_of_what_a_rule_about_places_looks_at(make_facts, make_event):
    events = [make_event("E1", "extraction", [("A", 10)], country="BI")]
    found = look(make_facts(custody_events=events), "ORIGIN-MISMATCH")
    assert found.finding is not None
    assert not any("quantity_list" in read.at for read in found.reads)


def test_other_findings_it_asked_for_are_told(make_facts):
    facts = make_facts({"origins": [{"country": "BI"}]})
    found = look(facts, "CMR-09-MINE")
    assert found.finding is not None
    assert found.asked["RF-L1"] is True
    assert found.asked["RF-X2"] is False
    assert "CMR-09-MINE" not in found.asked


def test_why_a_rule_raised_nothing_can_be_told_too(make_facts):
    found = look(make_facts(), "RF-L1")
    assert found.finding is None
    assert found.reads


def test_a_severity_that_changes_is_looked_into(make_facts, make_event):
    tagged = [("A", 10, {"tag_ids": ["T-1"]}), ("B", 10, {"tag_ids": ["T-1"]})]
    found = look(make_facts(custody_events=[make_event("E1", "extraction", tagged)]), "RF-X1")
    assert found.finding.severity == "critical"


def test_an_unknown_code_is_refused(make_facts):
    with pytest.raises(NotFound):
        look(make_facts(), "RF-L9")


@pytest.mark.parametrize(
    ("code", "parts", "every", "remarks"),
    [
        ("RF-L1", ("any location of LOC matches lists.cahra (fn match)",), True, ""),
        ("CMR-09-MINE", ("obligations_on", "row.part = A", "cmr09_trigger", "mine_of_origin is absent"), True, ""),
        ("CMR-07", ("obligations_on", "importer.management_system present",
                    "(grievance_mechanism is absent OR = none)"), True, ""),
        ("CMR-02-VOLUME-UNKNOWN", ("eu_dest", "row matched", "NOT exempt", "NOT volume_known"), True,
         "(Obligations then count as on.)"),
        ("CMR-02-NEAR", ("CMR-02-BELOW is raised", "total >= 0.8 x T"), True, ""),
        ("INT-CLOCK", (
            "an effective event's event_time (as an instant) is earlier than that of the effective event before it",
            "the calendar date written in the event_time of an effective event is later than as_of"), False, ""),
        ("CRM-CRITICAL", ("shipment present", "CRM-STRATEGIC is not raised",
                          "materials contains a material with critical = yes"), True, ""),
    ],
)  # fmt: skip
def test_logic_is_taken_apart(code, parts, every, remarks):
    found = conditions(catalogue.row(code).logic)
    assert (found.parts, found.every, found.remarks) == (parts, every, remarks)


def test_an_alternative_inside_a_condition_is_not_torn():
    assert len(conditions(catalogue.row("ENTITY-LISTED").logic).parts) == 1


def test_nothing_of_any_logic_is_lost():
    for row in catalogue.rows():
        found = conditions(row.logic)
        said = " ".join([*found.parts, found.remarks])
        for word in row.logic.replace(".", " ").replace(",", " ").split():
            if word not in {"AND", "OR"}:
                assert word in said.replace(".", " ").replace(",", " ").split(), (row.code, word)
        for part in found.parts:
            assert part.count("(") == part.count(")"), (row.code, part)


def test_when_a_finding_ends_is_said_as_its_conditions_ask():
    assert "this does not hold" in clearing(catalogue.row("RF-L1"))["said"]
    assert "one of these does not hold" in clearing(catalogue.row("CMR-07"))["said"]
    assert "none of these holds" in clearing(catalogue.row("INT-CLOCK"))["said"]
    assert clearing(catalogue.row("CMR-07"))["options"] == ["complete the management system", "record evidence"]


@pytest.mark.parametrize("row", catalogue.rows(), ids=lambda row: row.code)
def test_provenance_is_told_to_the_reader(row):
    said = provenance_words(row.provenance)
    assert ("memory" in row.provenance) == ("not confirmed" in said)
    assert "not stated" not in said
    assert law(row)["provenance_words"] == said


def test_defined_words_are_told_with_those_in_their_meanings():
    found = [term.term for term in terms_of(catalogue.row("CMR-08-iv").logic)]
    assert {"obligations_on", "exempt", "exempt_recycled", "ORE_ROWS", "T", "row"} <= set(found)
    assert found == [term.term for term in terms() if term.term in found]
    assert terms_of("nothing of ours") == ()
    assert logic(catalogue.row("RF-L1"))["terms"][-1]["term"] == 'match(location, list), "fn match"'


def test_every_defined_word_is_used_by_some_rule():
    used = {term.term for row in catalogue.rows() for term in terms_of(row.logic)}
    assert {term.term for term in terms()} == used
