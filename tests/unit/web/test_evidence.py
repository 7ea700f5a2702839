"""What a finding rests on is said in words: no JSON path, no key of the schema reaches an officer."""

import pytest

from traceability.services.states import SubjectState
from traceability.web.evidence import evidence

FACTS = {
    "shipment": {"origins": [{"country": "CD"}, {"country": "RW", "subdivision": "RW-01"}], "cn_code": "26090000"},
    "lists": {
        "cahra": {"list_version": "2026-06", "entries": [{"code": "CD-NK", "entry_id": "CD-NK", "source": "eu"}]},
        "tvpra": {"entries": [{"material": "tin", "country": "BO", "child_labour": True, "valid_from": "2010-12-15"}]},
    },
    "importer": {"management_system": {"policy": {"oecd_annex_ii_consistent": False}}},
}


@pytest.mark.parametrize(
    ("pointer", "kind", "said"),
    [
        ("/lists/cahra/entries/0", "list entry",
         "CD-NK stands on the list of conflict-affected and high-risk areas, version 2026-06"),
        ("/lists/tvpra/entries/0", "list entry",
         ("tin from BO stands on the list of goods of child or forced labour (TVPRA), version not stated, "
         "in force since 2010-12-15")),
        ("/lists/cahra/entries/9", "lists", "lists, cahra, entries, 9: not stated"),
        ("/shipment/origins/1", "shipment", "origins no. 2: country RW, subdivision RW-01"),
        ("/shipment/cn_code", "shipment", "cn code: 26090000"),
        ("/shipment/mine_of_origin", "shipment", "shipment, mine of origin: not stated"),
        ("/shipment", "shipment", "does not state it"),
        ("/importer/management_system/policy", "importer", "management system, policy: oecd annex ii consistent no"),
    ],
)  # fmt: skip
def test_a_place_of_the_facts_in_words(pointer, kind, said):
    shown = evidence(FACTS, pointer, SubjectState("shipment", "S-1", "REVIEW", "REVIEW"), {})
    assert (shown.kind, shown.text) == (kind, said)
