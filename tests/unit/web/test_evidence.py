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
    "tag_list": ["A", "B"],
    "portfolio": [{"material": "tin"}],
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
        ("/tag_list", "tag list", "2 entries"),
        ("/portfolio/0", "portfolio", "portfolio no. 1: material tin"),
        ("/importer/management_system/policy", "importer", "management system, policy: oecd annex ii consistent no"),
    ],
)  # fmt: skip
def test_a_place_of_the_facts_in_words(pointer, kind, said):
    shown = evidence(FACTS, pointer, SubjectState("shipment", "S-1", "REVIEW", "REVIEW"), {})
    assert (shown.kind, shown.text) == (kind, said)


@pytest.mark.parametrize(
    ("section", "entry", "kind", "said", "leads"),
    [
        ("grievances", {"case_id": "c1", "status": "open", "received_on": "2026-09-01"}, "grievance",
         "status open, received on 2026-09-01", ("grievance", "c1")),
        ("reports", {"report_id": "c1#A2-1b", "class": "A2-1b", "status": "open"}, "reported risk",
         "class A2-1b, status open", ("grievance", "c1")),
        ("mitigation_plans", {"plan_id": "p1", "progress": "on_track"}, "mitigation plan", "progress on_track",
         ("plan", "p1")),
        ("authority_requests", {"request_id": "n1", "due": "2026-12-01"}, "notice", "due 2026-12-01", ("notice", "n1")),
        ("supplier_information_requests", {"request_id": "r1", "necessity_explained": False}, "request for information",
         "necessity explained no", ("request_thread", "r1")),
    ],
)  # fmt: skip
def test_an_entry_of_a_case_says_what_it_is_and_leads_to_it(monkeypatch, section, entry, kind, said, leads):
    monkeypatch.setattr("traceability.web.evidence.opens", lambda page, _roles, case_id: f"{page} {case_id}")
    shown = evidence({section: [entry]}, f"/{section}/0", SubjectState("shipment", "S-1", "REVIEW", "REVIEW"), {})
    assert (shown.kind, shown.text, shown.href) == (kind, said, " ".join(leads))
