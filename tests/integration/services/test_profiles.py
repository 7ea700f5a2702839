"""An importer's profile and yearly volumes: signed, checked, and read by the facts only as far as they are stated."""

import json
from datetime import date

import pytest
from sqlmodel import select

from traceability.diligence.status import state_rank
from traceability.errors import Forbidden, InvalidInput, InvalidQuery, NotFound
from traceability.ledger.jose import sign_detached
from traceability.services import disputes, merges, profile_items, profiles, revocation, shipments, volumes
from traceability.services.access import Actor
from traceability.services.assess import latest
from traceability.services.facts import assemble
from traceability.services.reports.registry import Query
from traceability.services.reports.volumes import annual_volume
from traceability.services.states import state_of
from traceability.storage.tables import AssessmentRow

TYPE = "application/json"
VOLUME = {"row_id": "A-26090000", "year": 2026, "opening_kg": "1200.5"}


@pytest.fixture
def importer(make_party):
    return make_party("Importer", roles=["importer"], did="did:web:importer.example", country="NL")


def post(service, importer, document):
    body = json.dumps(document).encode()
    return profiles.post(
        service, importer.actor("importer"), body, TYPE, sign_detached(body, importer.key, kid=importer.key.kid)
    )


def ship(service, importer, shipment_id, kilograms, released_on, **more):
    record = {
        "shipment_id": shipment_id, "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
        "net_weight_kg": kilograms, "released_on": released_on, **more,
    }  # fmt: skip
    body = json.dumps(record).encode()
    jws = sign_detached(body, importer.key, kid=importer.key.kid)
    return shipments.post(service, importer.actor("importer"), body, TYPE, jws)


#: What the bare record of ``ship`` lacks once the obligations are on.
MISSING = {
    "CMR-08-i", "CMR-08-ii", "CMR-08-iii",
}  # fmt: skip


def owed(service, importer, shipment_id):
    """Return the state of a record, and what is said of it since the threshold was reached."""
    with service.store.read() as session:
        state = state_of(service, session, importer.id, "shipment", shipment_id)
    return state, [note for note in state.notes if note["kind"].startswith("back_fill")]


def facts_of(service, importer, shipment_id):
    with service.store.read() as session:
        return assemble(service, session, importer.id, "shipment", shipment_id, service.clock().date()).facts


def test_the_volume_is_unknown_until_it_is_signed_and_then_counts_earlier_releases(service, importer):
    ship(service, importer, "S-1", "3000", "2026-03-01")
    ship(service, importer, "S-2", "2500", "2026-06-01")
    ship(service, importer, "S-0", "9000", "2025-06-01")
    assert "importer_ytd_kg" not in facts_of(service, importer, "S-2")
    post(service, importer, {"profile": {"employees": 40}, "volumes": [VOLUME]})
    facts = facts_of(service, importer, "S-2")
    assert facts["importer_ytd_kg"] == {"A-26090000": "4200.5"}
    assert facts["importer"]["employees"] == 40
    assert facts_of(service, importer, "S-1")["importer_ytd_kg"] == {"A-26090000": "1200.5"}


def test_a_new_profile_takes_back_what_it_leaves_out(service, importer):
    ship(service, importer, "S-1", "3000", "2026-03-01")
    post(service, importer, {"profile": {}, "volumes": [VOLUME]})
    post(service, importer, {"profile": {"employees": 41}})
    assert "importer_ytd_kg" not in facts_of(service, importer, "S-1")
    assert profiles.profile(service, importer.actor("importer")).profile == {"employees": 41}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"status": "clear"},
        {"profile": {"party_id": "did:web:other.example"}},
        {"profile": {"employees": "many"}},
        {"profile": {}, "volumes": [{**VOLUME, "row_id": "A-0"}]},
        {"profile": {}, "volumes": [{**VOLUME, "opening_kg": "-1"}]},
        {"profile": {}, "volumes": [{**VOLUME, "opening_kg": "NaN"}]},
        {"profile": {}, "volumes": [{**VOLUME, "year": 1999}]},
        {"profile": {}, "volumes": {}},
    ],
)
def test_what_is_not_of_its_form_is_refused(sqlite_service, make_party, document):
    importer = make_party("Importer", roles=["importer"], did="did:web:importer.example", country="NL")
    with pytest.raises(InvalidInput):
        post(sqlite_service, importer, document)
    with pytest.raises(NotFound):
        profiles.profile(sqlite_service, importer.actor("importer"))


def test_only_an_importer_has_a_profile(sqlite_service, make_party):
    mine = make_party("Mine", did="did:web:mine.example")
    body = b'{"profile":{}}'
    with pytest.raises(Forbidden):
        profiles.post(
            sqlite_service, mine.actor("supplier"), body, TYPE, sign_detached(body, mine.key, kid=mine.key.kid)
        )


def test_who_counts_a_record_is_assessed_again_when_it_comes_late_or_is_corrected_and_earlier_lots_at_the_crossing(
    service, importer, work
):
    """The threshold of tin ores is 5000 kg a year; each run of a record is counted."""

    def runs():
        work()
        with service.store.read() as session:
            rows = session.exec(select(AssessmentRow).order_by(AssessmentRow.id)).all()
        codes = {row.subject: [one["code"] for one in row.result["findings"] if "-02-" in one["code"]] for row in rows}
        return {name: sum(row.subject == name for row in rows) for name in codes}, codes

    post(service, importer, {"profile": {}, "volumes": [VOLUME | {"opening_kg": "0"}]})
    for name, kilograms, day in (("B", "2000", "2026-03-01"), ("C", "1500", "2026-06-01"), ("X", "9999", "2025-06-01")):
        ship(service, importer, name, kilograms, day)
    before, codes = runs()
    assert (codes["B"], codes["C"]) == (["CMR-02-BELOW"], ["CMR-02-BELOW"])
    ship(service, importer, "A", "1500", "2026-01-01")
    after, codes = runs()
    assert {name: after[name] - before.get(name, 0) for name in after} == {"A": 1, "B": 1, "C": 1, "X": 0}, (
        "B and C count it, and C crosses now"
    )
    assert codes["C"] == ["CMR-02-CROSSED"], "5000 kg is not below the threshold"
    assert codes["A"] == ["CMR-02-BELOW"], "what it is by the volume before it stays (facts.md 7)"
    state, (note,) = owed(service, importer, "A")
    assert (note["kind"], note["crossing"], note["importer_ytd_kg"]) == ("back_fill", "C", {"A-26090000": "3500"})
    assert {one["code"] for one in note["findings"]} == MISSING
    assert "5000 kg of 5000 kg, with the shipment record C of 2026-06-01" in note["message"]
    assert state_rank(state.state) <= state_rank("INFO_REQUIRED")
    assert any("papers of this earlier lot are to be completed" in why for why in state.floors)
    assert owed(service, importer, "C")[1] == owed(service, importer, "X")[1] == []
    found = volumes.shown(volumes.volumes(service, importer.actor("importer"), "2026"))
    (tin,) = found["rows"]
    assert (tin["state"], tin["total_kg"], tin["percent"], tin["signed"]) == ("reached", "5000", "100.0", True)
    assert tin["crossing"] == {"shipment_id": "C", "released_on": "2026-06-01", "kg": "1500", "batches": []}
    assert [lot["shipment_id"] for lot in tin["back_fill"]] == ["A", "B"]
    ship(service, importer, "B", "100", "2026-03-01")
    corrected, codes = runs()
    assert {name: corrected[name] - after[name] for name in after} == {"A": 1, "B": 1, "C": 1, "X": 0}
    assert codes["C"] == ["CMR-02-BELOW"]
    assert owed(service, importer, "A")[1] == owed(service, importer, "B")[1] == [], "the year is below again"
    ship(service, importer, "A", "1500", "2025-01-01")
    moved, codes = runs()
    assert {name: moved[name] - corrected[name] for name in after} == {"A": 1, "B": 1, "C": 1, "X": 1}, "in both years"
    assert volumes.volumes(service, importer.actor("officer"), "2026").rows[0].crossing is None
    unsigned = volumes.volumes(service, importer.actor("officer"), "2025")
    assert (unsigned.rows[0].state, unsigned.rows[0].volume.total) == ("unknown", None)
    assert any("no opening balance was signed" in one for one in unsigned.not_known)
    with pytest.raises(InvalidQuery):
        volumes.volumes(service, importer.actor("officer"), "26")


def test_an_earlier_lot_is_as_good_again_as_it_was_once_its_papers_are_complete(service, importer, work):
    """Of the threshold of 5000 kg a first lot has 2000; the second one reaches it."""
    whole = {
        "trade_name": "cassiterite", "material_type": "concentrate", "origins": [{"country": "PE"}],
        "supplier": {"name": "Invented Minerals Ltd", "address": "1 Test Road"},
    }  # fmt: skip

    def lots():
        work()
        found = volumes.shown(volumes.volumes(service, importer.actor("officer"), "2026"))
        return [
            lot["missing"] if lot["missing"] is None else set(lot["missing"]) for lot in found["rows"][0]["back_fill"]
        ]

    post(service, importer, {"profile": {}, "volumes": [VOLUME | {"opening_kg": "0"}]})
    ship(service, importer, "A", "2000", "2026-01-01")
    assert lots() == []
    before, notes = owed(service, importer, "A")
    assert notes == []
    ship(service, importer, "B", "3000", "2026-02-01")
    assert lots() == [MISSING]
    reached, _ = owed(service, importer, "A")
    assert not any("earlier lot" in why for why in before.floors)
    assert any("earlier lot" in why for why in reached.floors)
    ship(service, importer, "A", "2000", "2026-01-01", **whole)
    assert lots() == [set()]
    state, (note,) = owed(service, importer, "A")
    assert (note["kind"], note["findings"], note["review"]) == ("back_filled", [], False)
    assert not any("earlier lot" in why for why in state.floors)


def test_each_item_is_told_with_its_paper_and_the_last_day_it_counts_and_gaps_are_of_the_importer(
    service, importer, work
):
    def items():
        found = profile_items.profile_items(service, importer.actor("officer"))
        return {one.path.rpartition(".")[2]: one for one in found.items}, {one.code: one for one in found.raised}

    before, raised = items()
    assert {one.state for one in before.values()} == {"missing"}, "nothing was stated yet"
    assert raised == {}
    for name in ("S-1", "S-2"):
        ship(service, importer, name, "9000", "2026-03-01")
    policy = {
        "published_url": "https://x.example/policy", "oecd_annex_ii_consistent": True, "adopted_on": "2020-01-01",
        "reviewed_on": "2025-11-24", "document_id": "sha256:" + "0" * 64,
    }  # fmt: skip
    system = {
        "policy": policy, "grievance_mechanism": "none", "record_retention_years": 4,
        "audit": {"completed_on": "2024-02-29", "covers_all_activities": True},
        "annual_report": {"reporting_year": 2024},
    }  # fmt: skip
    post(service, importer, {"profile": {"management_system": system}, "volumes": [VOLUME]})
    work()
    after, raised = items()
    assert {name: one.state for name, one in after.items()} == {
        "policy": "stated", "senior_management_responsible": "missing", "record_retention_years": "missing",
        "supplier_contract_clause": "missing", "grievance_mechanism": "missing", "audit": "over",
        "annual_report": "over", "recycled_statement_url": "missing", "smelters": "missing",
    }  # fmt: skip
    assert after["policy"].papers == (policy["document_id"],)
    assert [after[name].until.isoformat() for name in ("policy", "audit")] == ["2026-11-24", "2025-02-28"]
    expected = {"CMR-05-RESPONSIBLE", "CMR-05-RETENTION", "CMR-06", "CMR-07", "CMR-15-AUDIT-NEEDED", "CMR-16-REPORT"}
    assert {code: one.records for code, one in raised.items()} == dict.fromkeys(expected, 2)


def test_records_that_are_read_as_one_importer_have_one_volume_known_where_each_has_signed(
    sqlite_service, make_party, work
):
    """2500 kg of the one and 2500 kg of the other reach the 5000 kg of the year; both call their record S-1."""
    service, two = sqlite_service, {"volumes": [VOLUME | {"opening_kg": "0"}]}
    first, second = (make_party(name, roles=["importer"], country="NL") for name in ("First", "Second"))
    for one, day in ((first, "2026-03-01"), (second, "2026-06-01")):
        ship(service, one, "S-1", "2500", day)
    post(service, first, two)
    adam, eva = (Actor(name, name, "admin") for name in ("adam", "eva"))
    why = "Both records show one number of the register of Rotterdam."
    merges.approve(service, eva, merges.propose(service, adam, first.did, second.did, why).id, why)

    def volume_of(importer):
        found = volumes.shown(volumes.volumes(service, importer.actor("importer"), "2026"))
        return found["rows"][0]

    work()
    for one in (first, second):
        assert "importer_ytd_kg" not in facts_of(service, one, "S-1"), "the other signed nothing about its volume"
        assert (volume_of(one)["state"], volume_of(one)["total_kg"]) == ("unknown", None)
    post(service, second, two)
    work()
    facts = [facts_of(service, one, "S-1")["importer_ytd_kg"] for one in (first, second)]
    assert facts == [{"A-26090000": "0"}, {"A-26090000": "2500"}]
    _, (note,) = owed(service, first, "S-1")
    assert (note["kind"], note["crossing"]) == ("back_fill", None), "what the other record calls it is its own"
    tin = volume_of(first)
    assert (tin["state"], tin["recorded_kg"], tin["elsewhere_kg"], tin["total_kg"]) == (
        "reached",
        "2500",
        "2500",
        "5000",
    )
    assert (tin["crossing"]["shipment_id"], tin["crossing"]["under"]) == (None, second.did)
    assert [lot["shipment_id"] for lot in tin["back_fill"]] == ["S-1"]
    assert volume_of(second)["crossing"]["shipment_id"] == "S-1"
    trader = make_party("Trade", roles=["trader"])
    merges.approve(service, eva, merges.propose(service, adam, first.did, trader.did, why).id, why)
    assert volume_of(second) == volume_of(second) | {"total_kg": "5000"}, "a record that imports nothing has no volume"
    year = Query(date(2026, 1, 1), date(2026, 12, 31), service.clock().date())
    (section,) = annual_volume(service, first.actor("importer"), year).sections
    assert second.did in section.paragraphs[1]
    assert "row A-26090000 2500 kg" in section.paragraphs[1]
    ship(service, first, "S-1", "2499", "2026-03-01")
    work()
    with service.store.read() as session:
        row = latest(session, second.id, "shipment", "S-1")
    assert row.facts["importer_ytd_kg"] == {"A-26090000": "2499"}, "a correction under the one is counted by the other"
    assert owed(service, first, "S-1")[1] == []
    revocation.revoke(service, second.actor("importer"), second.key.kid, "stolen with the laptop", 0)
    with service.store.read() as session:
        profile, records = disputes.declarations(session, first.id, "S-1")
    assert "the importer's profile" in profile, "nothing rests on what a thief may have signed under the other"
    assert "beside this one: 1;" in records
