"""What reports do with records that are not whole: unknown stays unknown, and another importer's are never counted."""

from datetime import UTC, datetime

import pytest

from traceability.storage.tables import Decision


@pytest.fixture
def importers(service, make_sender):
    return [make_sender(f"Importer {n}", role="importer", roles=["importer"]) for n in (1, 2)]


def record(number, **more):
    return {
        "shipment_id": f"S-{number}", "cn_code": "80011000", "material_class": "mined", "destination_country": "NL",
        "net_weight_kg": "1000.25", "released_on": "2026-03-02",
    } | more  # fmt: skip


def report(importer, kind, **asked):
    answer = importer.client.get(f"/v1/reports/{kind}", query_string={"year": "2026"} | asked, headers=importer.headers)
    assert answer.status_code == 200, answer.text
    return answer.json


def post(importer, *records):
    for one in records:
        assert importer.post(one, "/v1/shipments").status_code == 201


def volumes(found):
    return {row["row_id"]: row for row in found["sections"][0]["tables"][0]["rows"]}


def gaps(found):
    return [gap["what"] for gap in found["gaps"]]


def test_a_volume_is_known_only_with_a_signed_opening_balance(importers):
    mine, other = importers
    post(mine, record(1), record(2, net_weight_kg="0.75"), record(3, released_on="2025-12-31"))
    post(other, record(9, net_weight_kg="77777"))
    row = volumes(report(mine, "annual-volume"))["B-8001"]
    assert (row["recorded_kg"], row["total_kg"], row["percent"], row["opening_kg"]) == ("1001.00", None, None, None)
    assert "the volume of row B-8001 (tin) in 2026: no opening balance was signed" in gaps(
        report(mine, "annual-volume")
    )
    said = {"profile": {}, "volumes": [{"row_id": "B-8001", "year": "2026", "opening_kg": "98999"}]}
    assert mine.post(said, "/v1/profile").status_code == 201
    found = report(mine, "annual-volume")
    row = volumes(found)["B-8001"]
    assert (row["total_kg"], row["percent"], row["consignments"]) == ("100000.00", "100.0", 2)
    assert not [gap for gap in gaps(found) if "opening balance" in gap]
    assert "77777" not in str(found)


def test_a_weight_that_is_missing_is_a_gap_and_no_zero_in_silence(importers):
    without = record(1)
    del without["net_weight_kg"]
    post(importers[0], without, record(2))
    assert "the net weight of 1 consignment of row B-8001, counted as 0 kg" in gaps(
        report(importers[0], "annual-volume")
    )


def test_recycled_metal_that_is_only_claimed_counts_and_is_a_gap(importers):
    post(importers[0], record(1, material_class="recycled", recycled_evidence=["sha256:" + "0" * 64]))
    row = volumes(report(importers[0], "annual-volume"))["B-8001"]
    assert (row["recorded_kg"], row["exempt_kg"]) == ("1000.25", "0")
    found = report(importers[0], "recycled-metal")
    (line,) = found["sections"][0]["tables"][0]["rows"]
    assert (line["claimed"], line["proved"], line["papers"]) == (1, 0, None)
    assert "papers that support the declaration of 1 consignment as recycled" in gaps(found)


def test_what_was_not_assessed_is_named_and_an_empty_profile_answers_no_item(importers, work):
    post(importers[0], record(1))
    early = report(importers[0], "due-diligence")
    assert "the assessment of 1 shipment record of the period: not made yet" in gaps(early)
    work()
    found = report(importers[0], "authority-bundle")
    assert not [gap for gap in gaps(found) if "not made yet" in gap]
    wanted = ("where the supply chain policy", "who in senior management", "grievance mechanism", "third-party audit")
    assert all(any(said in gap for gap in gaps(found)) for said in wanted)
    stated = [row["stated"] for section in found["sections"][:2] for row in section["tables"][0]["rows"]]
    assert stated == [None] * 7


def test_a_decision_counts_when_it_took_effect_and_closes_the_gap_whenever_it_was(importers, service, work, clock):
    post(importers[0], record(1, material_class="recycled"))  # claimed without any paper: major
    work()
    open_ = "a decision about 1 consignment with a critical or major indicator"
    assert open_ in gaps(report(importers[0], "due-diligence"))

    def decide(tx):
        tx.session.add(Decision(
            id="d" * 32, owner_id=importers[0].party.id, subject_kind="shipment", subject="S-1", disposition="suspended",
            reason_code="other", reason="the supplier's secret", findings=[], needs_second=False, state="in_force",
            steps=[{"step": "ask for the melt log", "due": "2027-03-01"}], proposed_by="Anna Officer",
            proposed_at=datetime(2027, 1, 15, tzinfo=UTC), entry_index=0,
        ))  # fmt: skip

    service.store.write(decide)
    for year, rows in (("2026", []), ("2027", [{"disposition": "suspended", "decisions": 1, "steps": 1}])):
        found = report(importers[0], "due-diligence", year=year)
        (done,) = [table["rows"] for one in found["sections"] for table in one["tables"] if table["name"] == "measures"]
        assert done == rows
        assert open_ not in gaps(found)
        assert not [word for word in ("secret", "Anna", "melt log", "S-1") if word in str(found)]
    said = str(report(importers[0], "authority-bundle", year="2027"))
    assert "melt log" in said  # an authority reads the steps, not who decided nor why
    assert not [word for word in ("secret", "Anna") if word in said]


def test_records_without_a_chain_are_gaps_in_every_report_and_others_are_never_counted(importers, make_session):
    mine, other = importers
    post(
        mine,
        record(1),
        record(2, materials=["cobalt"], cn_code="28220000"),
        record(3, cn_code="85076000", materials=[]),
    )
    post(other, record(9, materials=["lithium"], net_weight_kg="77777", trade_name="theirs"))
    shares = report(mine, "crma-concentration")
    (line, after) = shares["sections"][1]["tables"][0]["rows"]
    assert (line["material"], line["country"], line["kg"]) == ("cobalt", None, "1000.250")
    assert (after["stage"], after["benchmark"]) == ("processing", "country not recorded")
    assert "the country of 1000.250 kg (cobalt, extraction)" in gaps(shares)
    form = report(mine, "form-sd")
    assert [(one["mineral"], one["unknown"]) for one in form["sections"][1]["tables"][0]["rows"]] == [("tin", 1)]
    battery = report(mine, "battery-due-diligence")
    assert "the raw materials of 1 consignment of batteries" in gaps(battery)
    assert "2, of which 1 of batteries" in battery["sections"][2]["paragraphs"][0]
    package = report(mine, "us-tracing-package", shipment="S-1", year="")
    for said in (
        "the chain of the consignment: no signed event names its batches",
        "a complete assessment: no rule has run on it yet",
    ):
        assert said in gaps(package)
    customs = report(mine, "flr-customs-information", shipment="S-1", year="")
    assert "the product suppliers" in gaps(customs)
    for one in (shares, form, battery, package, customs):
        assert not [word for word in ("77777", "theirs", "lithium,") if word in str(one)], one["kind"]
    dpo = make_session(mine.party, role="dpo").headers
    found = {
        name: mine.client.get(f"/v1/reports/{name}?year=2026", headers=dpo).json
        for name in ("gdpr-record", "access-log")
    }
    stored = {row["activity"]: row["stored"] for row in found["gdpr-record"]["sections"][1]["tables"][0]["rows"]}
    assert (stored["Shipment records"], stored["Log of reads"]) == (3, 0)
    assert "the time limits for erasure: which acts bind the records is not known" in gaps(found["gdpr-record"])
    assert found["access-log"]["sections"][0]["tables"][0]["rows"] == []


def test_another_importers_shipment_is_not_there(importers):
    post(importers[1], record(9))
    for asked in ({"shipment": "S-9"}, {"batch": "https://mine.example/lot/L-1"}):
        answer = importers[0].client.get(
            "/v1/reports/downstream-information", query_string=asked, headers=importers[0].headers
        )
        assert answer.status_code == 404
    assert report(importers[0], "smelters")["sections"][0]["tables"][0]["rows"] == []
