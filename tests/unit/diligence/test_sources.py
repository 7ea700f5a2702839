"""A finding says what a program read, and which version of a list it rests on."""

import pytest

from traceability.diligence.sources import sources

FACTS = {"lists": {"cahra": {"list_version": "2026-06", "entries": []}, "tvpra": {"entries": []}}}


@pytest.mark.parametrize(
    ("template", "evidence", "said"),
    [
        ("x", ["/shipment/origins/0"], ""),
        ("x", ["/documents/0"], ""),
        ("x", ["/text_signals/0", "/text_signals/3"], " Read by machine."),
        ("x", ["/shipment", "/lists/cahra/entries/1", "/lists/cahra/entries/2"],
         " List: conflict-affected and high-risk areas, version 2026-06."),
        ("x {list_version}", ["/lists/cahra/entries/1"], ""),
        ("x", ["/lists/tvpra/entries/1"], " List: goods of child or forced labour (TVPRA), version not stated."),
        ("x", ["/text_signals/0", "/lists/cahra/entries/0", "/lists/tvpra/entries/0"],
         (" Read by machine. Lists: conflict-affected and high-risk areas, version 2026-06; "
         "goods of child or forced labour (TVPRA), version not stated.")),
        ("x", ["/lists"], ""),
    ],
)  # fmt: skip
def test_the_sentences_after_a_message(template, evidence, said):
    assert sources(FACTS, template, evidence) == said


def test_a_version_that_is_a_hash_is_shortened():
    facts = {"lists": {"transit_watch": {"list_version": "sha256:" + "ab" * 32, "entries": []}}}
    said = sources(facts, "x", ["/lists/transit_watch/entries/0"])
    assert said == " List: transit watch areas, content abababababab."
