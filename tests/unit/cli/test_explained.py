"""An explanation as a terminal prints it: what strangers wrote is escaped, and long lists are cut."""

from traceability.cli.explained import told
from traceability.diligence import catalogue
from traceability.diligence.explanation import clearing, law, logic


def explained(code, **more):
    its = catalogue.row(code)
    return {
        "id": f"17-{code}", "title": its.title, "message": "said", "severity": its.severity, "severity_words": "words",
        "advisory": False, "law": law(its), "rule": logic(its) | {"version": "sha256:1", "pack_version": "sha256:2", "entry_index": None},
        "about": {"kind": "batch", "subject": "urn:b", "importer": None, "as_of": "2026-05-01", "at": "2026-05-01T00:00Z",
                  "entry_index": 1},
        "facts": [], "raised": [], "not_raised": [], "notes": [],
        "clears": clearing(its) | {"two_persons": its.severity == "critical"},
    } | more  # fmt: skip


def test_what_strangers_wrote_cannot_steer_a_terminal():
    fact = {"at": "/shipment/trade_name", "stated": True, "value": "x\x1b[2J" * 60, "evidence": False}
    text = told(explained("RF-L1", message="name\x1b[31m", facts=[fact], notes=["n\x07"]))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "name\\x1b[31m" in text
    assert max(map(len, text.split("what the words")[0].splitlines())) < 400


def test_of_many_facts_the_first_are_shown_and_the_others_counted():
    facts = [{"at": f"/custody_events/{n}", "stated": n % 2 == 0, "value": n, "evidence": n == 0} for n in range(50)]
    text = told(explained("INT-CLOCK", facts=facts))
    assert "  * /custody_events/0: 0\n    /custody_events/1: not stated" in text
    assert "and 10 more; --json has all" in text
    assert "needs two persons" in text
    assert "once none of these holds any more:" in text
    assert "\nlaw: " in text


def test_other_findings_and_advisory_law_are_told():
    text = told(explained("FLR-GEO-UNKNOWN", advisory=True, raised=["A"], not_raised=["FLR-RISK-GEO"]))
    assert "advisory: its law does not apply yet" in text
    assert "applicable from: 2027-12-14, to: open" in text
    assert "it asked for, raised: A\nother findings it asked for, not raised: FLR-RISK-GEO" in text
    assert "two persons" not in text
    assert "rule pack: FLR, version sha256:2\nof the rules: version sha256:1 (in no ledger entry)" in text
