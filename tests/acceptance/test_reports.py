"""Reports of the demonstration: every format opened and held against the records (both databases: test_reports_records)."""

import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlmodel import col, select

from traceability.app import create_app
from traceability.demo.cast import IMPORTER
from traceability.services.access import ROLES, Actor
from traceability.services.api_keys import make_api_key
from traceability.services.context import open_service
from traceability.services.facts.importer import latest_profile, released, year_to_date
from traceability.services.reports.registry import kind
from traceability.storage.tables import AccessLog, AssessmentRow, Party, Shipment, User

FORBIDDEN = re.compile(r"\b(compliant|conflict[- ]free|safe|approved)\b", re.IGNORECASE)
OURS = ("due-diligence", "recycled-metal", "annual-volume", "smelters", "downstream-information", "authority-bundle",
        "decision-register")  # fmt: skip
DPO = ("gdpr-record", "access-log")
TRADE = ("crma-concentration", "form-sd", "battery-due-diligence")
SINGLE = ("us-tracing-package", "flr-customs-information")
YEAR = {"year": "2026"}


@pytest.fixture(scope="module")
def shown(demonstrate):
    return demonstrate("sqlite")


@pytest.fixture(scope="module")
def service(shown):
    opened = open_service(shown.settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(service):
    return create_app(service=service).test_client(use_cookies=False)


@pytest.fixture(scope="module")
def token(shown):
    return lambda name: {"Authorization": "Bearer " + (shown.outcome.folder / f"{name}.token").read_text()}


@pytest.fixture(scope="module")
def dpo(service, had):
    """``dpo(party_id)``: headers of the importer's dpo; without a party of the operator's."""
    return lambda party_id: {
        "Authorization": "Bearer " + make_api_key(service, Actor("d", "dora", "dpo", party_id), "k", ["read"]).secret
    }


@pytest.fixture(scope="module")
def fetch(client, token, dpo, had):
    """``fetch(kind, form, **asked)``: the file, as the importer gets it, or its dpo."""
    officer = dpo(had[0].id)

    def run(name, form="json", **asked):
        headers = officer if name in DPO else token(IMPORTER.slug)
        answer = client.get(f"/v1/reports/{name}", query_string=asked | {"format": form}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}-')
        return answer.data

    return run


@pytest.fixture(scope="module")
def had(service):
    """The importer's own records, read past the reports: its party, and the shipments by id."""
    with service.store.read() as session:
        party = session.exec(select(Party).where(Party.did == IMPORTER.did)).one()
        rows = session.exec(select(Shipment).where(Shipment.importer_id == party.id, col(Shipment.latest).is_(True)))
        return party, {row.shipment_id: row for row in rows}


def asked_of(name, had):
    return {"shipment": max(had[1])} if name in SINGLE or name == "downstream-information" else YEAR


def words_of(data, form):
    """Return everything a reader of the file can read."""
    if form == "pdf":
        return "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(data)).pages).replace("\u200b", "")
    if form == "docx":
        document = Document(io.BytesIO(data))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(one.text for one in document.paragraphs), *cells])
    if form == "xlsx":
        book = load_workbook(io.BytesIO(data))
        return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    if form == "zip":
        files = zipfile.ZipFile(io.BytesIO(data))
        return "\n".join(words_of(files.read(name), name.rpartition(".")[2]) for name in files.namelist())
    return data.decode()


@pytest.mark.parametrize("name", OURS + DPO + TRADE + SINGLE)
def test_every_format_is_a_draft_with_law_period_and_gaps_and_no_verdict_and_twice_the_same(name, fetch, had):
    report = json.loads(fetch(name, **asked_of(name, had)))
    assert report["law"] == kind(name).law
    assert report["period"]["from"] <= report["period"]["to"]
    for form in kind(name).formats:
        data = fetch(name, form, **asked_of(name, had))
        text = words_of(data, form)
        assert not FORBIDDEN.search(text), (form, FORBIDDEN.search(text))
        if name in OURS or form not in {"pdf", "zip"}:  # the same pages every time: tests/unit/services/reports
            assert data == fetch(name, form, **asked_of(name, had)), form
        if form != "csv":  # a CSV is its table alone
            flat = " ".join(text.split())
            assert "DRAFT of" in flat, form
            assert kind(name).law in flat, form
        if form in {"docx", "xlsx"}:
            assert all(gap["what"] in text for gap in report["gaps"]), form


@pytest.mark.parametrize("name", ["due-diligence", "recycled-metal", "form-sd", "battery-due-diligence"])
def test_what_is_for_the_public_names_no_person_supplier_batch_or_weight(name, fetch, had, service):
    with service.store.read() as session:
        people_ = {row.name for row in session.exec(select(User))} - set(ROLES)  # the demonstration calls some by it
        people_.add(latest_profile(session, had[0].id).profile["management_system"]["senior_management_responsible"])
    records = [row.record for row in had[1].values()]
    secrets = {one["supplier"]["name"] for one in records} | {one["shipment_id"] for one in records}
    secrets |= {batch for one in records for batch in one["batch_ids"]} | {one["net_weight_kg"] for one in records}
    facilities = {one["name"] for row in records for one in row.get("smelters", [])}  # these Form SD asks for
    secrets = {one for one in secrets if len(one) > 3 and one != had[0].name} - (
        facilities if name == "form-sd" else set()
    )
    assert len(secrets) > 6, secrets
    for form in kind(name).formats:
        text = words_of(fetch(name, form, **YEAR), form)
        assert not [one for one in secrets | people_ if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text)], form


def test_the_due_diligence_report_counts_what_the_assessments_found_and_names_the_auditor(fetch, had, service):
    report = json.loads(fetch("due-diligence", **YEAR))
    tables = {table["name"]: table["rows"] for section in report["sections"] for table in section["tables"]}
    with service.store.read() as session:
        stated = latest_profile(session, had[0].id).profile["management_system"]
        newest = {}
        query = select(AssessmentRow).where(
            AssessmentRow.owner_id == had[0].id, AssessmentRow.subject_kind == "shipment"
        )
        for row in session.exec(query.order_by(col(AssessmentRow.id))):
            newest[row.subject] = {one["code"] for one in row.result["findings"] if not one["advisory"]}
    covered = {name for name, row in had[1].items() if row.record["cn_code"].startswith(("2615", "7108", "8001"))}
    for row in tables["indicators"]:
        assert row["consignments"] == sum(row["code"] in newest[name] for name in covered), row
    assert {"SANCTION-ENTITY", "RF-L1"} <= {row["code"] for row in tables["indicators"]}
    assert sum(row["consignments"] for row in tables["metals"]) == len(covered) == 3
    said = {row["what"]: row["stated"] for row in tables["audit"] + tables["policy"]}
    assert said["Auditor"] == stated["audit"]["auditor"]
    assert said["Published at"] == stated["policy"]["published_url"]
    pages = words_of(fetch("due-diligence", "pdf", **YEAR), "pdf")
    assert stated["audit"]["auditor"] in pages
    assert "SANCTION-ENTITY" in pages
    assert report["list_versions"]["EU list of conflict-affected and high-risk areas"]


def test_the_pdf_is_tagged_pdf_a_3_with_its_json_attached(fetch):
    data = fetch("due-diligence", "pdf", **YEAR)
    pages = PdfReader(io.BytesIO(data))
    assert pages.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pages.trailer["/Root"]["/Lang"] == "en"
    assert b"pdfaid:part>3<" in data.replace(b'pdfaid:part="3"', b"pdfaid:part>3<")
    assert pages.attachments["report.json"][0] == fetch("due-diligence", **YEAR)


def test_the_docx_has_headings_header_rows_and_a_language(fetch):
    document = Document(io.BytesIO(fetch("due-diligence", "docx", **YEAR)))
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert {"Supply chain policy", "Risk assessment", "Mitigation", "What is not recorded"} <= set(headings)
    for table in document.tables:
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
        assert table._tbl.tblPr.xpath("./w:tblDescription")
    assert document.styles.element.xpath(".//w:rPrDefault//w:lang/@w:val") == ["en-GB"]


def test_the_annual_volume_is_the_one_the_rules_count(fetch, had, service):
    report = json.loads(fetch("annual-volume", **YEAR))
    rows = {row["row_id"]: row for row in report["sections"][0]["tables"][0]["rows"]}
    assert set(rows) == {"A-26159000-10", "A-7108", "B-8001"}
    with service.store.read() as session:
        for row in had[1].values():
            for row_id, before in year_to_date(session, had[0], row, date(2026, 12, 31)).items():
                assert Decimal(rows[row_id]["total_kg"]) == Decimal(before) + Decimal(row.record["net_weight_kg"])
                assert released(row).year == 2026
    book = load_workbook(io.BytesIO(fetch("annual-volume", "xlsx", **YEAR)))
    header, *lines = book["annual_volume"].iter_rows(values_only=True)
    at = header.index("Volume of the year (kg)")
    assert {line[0]: Decimal(str(line[at])) for line in lines} == {k: Decimal(v["total_kg"]) for k, v in rows.items()}
    read = list(csv.DictReader(io.StringIO(fetch("annual-volume", "csv", **YEAR).decode(), newline="")))
    assert {line["Row"]: line["Volume of the year (kg)"] for line in read} == {
        k: v["total_kg"] for k, v in rows.items()
    }


def test_a_year_without_a_signed_opening_balance_has_no_volume(fetch):
    report = json.loads(fetch("annual-volume", year="2025"))
    assert report["sections"][0]["tables"][0]["rows"] == []  # nothing was stated and nothing recorded


def test_the_smelter_sheet_says_dated_evidence_of_the_records(fetch, had):
    lines = list(csv.DictReader(io.StringIO(fetch("smelters", "csv", **YEAR).decode(), newline="")))
    stated = [
        one for row in had[1].values() if row.record["cn_code"].startswith("8001") for one in row.record["smelters"]
    ]
    (smelter,) = stated
    assert [line["Smelter Name"] for line in lines] == [smelter["name"]]
    assert lines[0]["Evidence until"] == smelter["assurances"][0]["valid_to"]
    assert lines[0]["Evidence covers the day of processing"] == "yes, by its dates"


def test_a_buyer_is_told_of_the_goods_and_nothing_of_the_private_layer(fetch, had, service):
    for shipment_id, row in had[1].items():
        for asked in ({"shipment": shipment_id}, {"batch": row.record["batch_ids"][0]}):
            report = fetch("downstream-information", **asked).decode()
            said = json.loads(report)
            assert row.record["trade_name"] in report
            assert said["sections"][0]["heading"].endswith(shipment_id)
            with service.store.read() as session:
                query = (
                    select(AssessmentRow).where(AssessmentRow.subject == shipment_id).order_by(col(AssessmentRow.id))
                )
                run = session.exec(query).all()[-1]
            hidden = [row.record["supplier"]["party_id"], row.record.get("payment_method", "bank_transfer")]
            hidden += [one["message"] for one in run.result["findings"]] + [
                one["code"] for one in run.result["findings"]
            ]
            assert not [one for one in hidden if one in report]
            steps = next(t for t in said["sections"][0]["tables"] if t["name"] == "steps")["rows"]
            assert {one["date"] for one in steps} == {one["event_time"][:10] for one in run.facts["custody_events"]}


def test_the_bundle_answers_ten_items_in_order_and_its_manifest_names_every_hash(fetch, had):
    files = zipfile.ZipFile(io.BytesIO(fetch("authority-bundle", "zip", **YEAR)))
    manifest = json.loads(files.read("manifest.json"))
    assert files.namelist()[-1] == "manifest.json"
    assert set(manifest["files"]) == set(files.namelist()[:-1])
    for name, said in manifest["files"].items():
        assert said["sha256"] == hashlib.sha256(files.read(name)).hexdigest(), name
    report = json.loads(files.read("report.json"))
    headings = [one["heading"] for one in report["sections"][:10]]
    assert [one.partition(":")[0] for one in headings] == [f"Item {number} of 10" for number in range(1, 11)]
    order = ("policy", "oversees", "risks are found", "grievances", "Risk assessment", "Mitigation", "Traceability",
             "audit", "Disclosures", "Remedial plan")  # fmt: skip
    assert all(word in heading for word, heading in zip(order, headings, strict=True)), headings
    assert any("remedial action" in gap["what"] for gap in report["gaps"])
    packs = list(csv.DictReader(io.StringIO(files.read("evidence-packs.csv").decode(), newline="")))
    covered = {n: r for n, r in had[1].items() if r.record["cn_code"].startswith(("2615", "7108", "8001"))}
    assert {line["Batch"] for line in packs} == {b for r in covered.values() for b in r.record["batch_ids"]}
    assert files.read("due-diligence.json") == fetch("due-diligence", **YEAR)
    assert files.read("annual-volume.csv") == fetch("annual-volume", "csv", **YEAR)


def test_a_regulator_states_purpose_and_importer_and_the_read_is_logged(client, token, service):
    headers, path = token("regulator"), "/v1/reports/authority-bundle"
    assert client.get(path, query_string=YEAR, headers=headers).status_code == 403
    purpose = {"X-Purpose": "ex-post check under article 11"}
    assert client.get(path, query_string=YEAR, headers=headers | purpose).status_code == 400
    asked = YEAR | {"importer": IMPORTER.did, "format": "zip"}
    assert client.get(path, query_string=asked, headers=headers | purpose).status_code == 200
    with service.store.read() as session:
        line = session.exec(select(AccessLog).order_by(col(AccessLog.id).desc())).first()
    assert line.subject == "report authority-bundle, 2026-01-01 to 2026-12-31, zip"
    assert line.detail == {"purpose": purpose["X-Purpose"]}


def test_a_dpo_hands_out_what_is_processed_and_who_read_it_and_nobody_else_does(client, token, dpo, fetch, had):
    purpose = {"X-Purpose": "a read that the dpo finds"}
    asked = YEAR | {"importer": IMPORTER.did}
    assert (
        client.get("/v1/reports/smelters", query_string=asked, headers=token("regulator") | purpose).status_code == 200
    )
    (table,) = json.loads(fetch("access-log", **YEAR))["sections"][0]["tables"]
    line = table["rows"][-1]
    assert (line["actor"], line["purpose"]) == ("regulator-software", purpose["X-Purpose"])
    assert line["subject"] == "report smelters, 2026-01-01 to 2026-12-31, json"
    assert line["whose"] == IMPORTER.name
    assert "Art. 11" in line["mandate"]
    every = client.get("/v1/reports/access-log", query_string=YEAR, headers=dpo(None)).json
    assert line in every["sections"][0]["tables"][0]["rows"]
    assert json.loads(fetch("access-log", year="2025"))["sections"][0]["tables"][0]["rows"] == []
    own, whole = json.loads(fetch("gdpr-record", **YEAR)), client.get("/v1/reports/gdpr-record", headers=dpo(None)).json
    stored = {row["activity"]: row["stored"] for row in own["sections"][1]["tables"][0]["rows"]}
    assert (stored["Accounts"], stored["Shipment records"], stored["Log of reads"]) == (5, 5, len(table["rows"]))
    assert [whole["party"]["name"], own["party"]["did"]] == ["the operator of this service", IMPORTER.did]
    terms = {row["activity"]: row["term"] for row in own["sections"][1]["tables"][1]["rows"]}
    assert terms["Shipment records"].startswith("7 years")  # the importer is in Germany
    for who in (IMPORTER.slug, "regulator"):
        for name in DPO:
            assert client.get(f"/v1/reports/{name}", headers=token(who) | purpose).status_code == 403, (who, name)
    assert {one["kind"] for one in client.get("/v1/reports", headers=dpo(None)).json["reports"]} == set(DPO)


def test_concentration_follows_the_chain_of_every_consignment_and_adds_up_to_its_weight(fetch, had):
    report = json.loads(fetch("crma-concentration", **YEAR))
    found = [
        (one["material"], one["stage"], one["country"], one["benchmark"])
        for one in report["sections"][1]["tables"][0]["rows"]
    ]
    assert found == [
        ("cobalt", "extraction", "CD", "above"), ("cobalt", "processing", "CD", "above"),
        ("silicon metal", "extraction", "CN", "above"), ("silicon metal", "processing", "CN", "above"),
        ("tantalum", "extraction", "CD", "not asked: not strategic"),
        ("tantalum", "processing", None, "country not recorded"),  # an ore: no step of processing came before the import
    ]  # fmt: skip
    weights = {row.record["materials"][0]: Decimal(row.record["net_weight_kg"]) for row in had[1].values()}
    for one in report["sections"][1]["tables"][0]["rows"]:
        assert Decimal(one["kg"]) == weights[one["material"].replace(" ", "_")], one
    assert any("(tantalum, processing)" in gap["what"] for gap in report["gaps"])


def test_form_sd_tells_signed_origins_and_the_smelters_of_its_four_minerals(fetch):
    report = json.loads(fetch("form-sd", **YEAR))
    tables = {table["name"]: table["rows"] for section in report["sections"] for table in section["tables"]}
    found = [(one["mineral"], one["countries"], one["covered"], one["unknown"]) for one in tables["origins"]]
    assert found == [("gold", "UG", "UG", 0), ("tantalum", "CD", "CD", 0), ("tin", "PE", "none", 0)]
    assert [one["country"] for one in tables["facilities"]] == ["PE"]
    assert "the smelter or refiner of 2 consignments" in [gap["what"] for gap in report["gaps"]]


def test_the_tracing_package_holds_the_whole_chain_and_its_papers_and_one_read_is_logged(
    client, token, fetch, had, service
):
    us = next(name for name, row in had[1].items() if row.record["destination_country"] == "US")
    files = zipfile.ZipFile(io.BytesIO(fetch("us-tracing-package", "zip", shipment=us)))
    manifest = json.loads(files.read("manifest.json"))
    assert set(manifest["files"]) == set(files.namelist()[:-1])
    for name, said in manifest["files"].items():
        assert said["sha256"] == hashlib.sha256(files.read(name)).hexdigest(), name
    report = json.loads(files.read("us-tracing-package.json"))
    tables = {table["name"]: table["rows"] for section in report["sections"] for table in section["tables"]}
    assert {one["sha256"] for one in tables["papers"]} == {
        manifest["files"][name]["sha256"] for name in files.namelist() if name.startswith("papers/")
    }
    assert [one["area"] for one in tables["sites"]] == ["CN-GS", "CN-XJ", "CN-JS", "US-CA"]
    assert [one["yield"] for one in tables["production"]] == ["33.3", "75.0"]
    (sale,) = tables["transactions"]
    assert (sale["buyer"], "invoice" in sale["papers"]) == (IMPORTER.name, True)
    assert "UFLPA-XUAR" in {one["code"] for one in tables["indicators"]}
    with service.store.read() as session:
        run = session.exec(
            select(AssessmentRow).where(AssessmentRow.subject == us).order_by(col(AssessmentRow.id))
        ).all()[-1]
        reads = len(session.exec(select(AccessLog)).all())
    found = next(one["message"] for one in run.result["findings"] if one["code"] == "UFLPA-CBP-PACKAGE")
    missing = [gap["what"] for gap in report["gaps"] if gap["what"].startswith("a paper of the kind")]
    assert len(missing) == len(found.split(","))  # the rule and the package miss the same papers
    asked = {"shipment": us, "importer": IMPORTER.did, "format": "zip"}
    headers = token("regulator") | {"X-Purpose": "a request of customs"}
    assert client.get("/v1/reports/us-tracing-package", query_string=asked, headers=headers).status_code == 200
    with service.store.read() as session:
        assert len(session.exec(select(AccessLog)).all()) == reads + 1


def test_the_customs_file_names_product_maker_and_signed_places_and_that_the_law_is_ahead(fetch, had):
    us = next(name for name, row in had[1].items() if row.record["destination_country"] == "US")
    report = json.loads(fetch("flr-customs-information", shipment=us))
    assert report["applicable_from"] == "2027-12-14"
    assert report["not_yet_applicable"].startswith("NOT YET APPLICABLE")
    said, record = report["data"]["flr_customs_information"], had[1][us].record
    assert said["product"]["description"] == record["product_description"]
    assert said["manufacturer"]["name"] == record["manufacturer"]["name"]
    assert said["product_suppliers"] is None
    tables = {table["name"]: table["rows"] for section in report["sections"] for table in section["tables"]}
    assert [one["area"] for one in tables["production"]] == ["CN-GS", "CN-XJ", "CN-JS"]
    assert "UFLPA" not in str(report)  # what the article asks for, and nothing of what rules raised
    gaps = [gap["what"] for gap in report["gaps"]]
    assert {"the product suppliers", "the address of the manufacturer or producer"} <= set(gaps)


def test_the_battery_report_counts_cobalt_and_says_that_its_rules_did_not_run(fetch):
    report = json.loads(fetch("battery-due-diligence", **YEAR))
    assert report["not_yet_applicable"]
    tables = {table["name"]: table["rows"] for section in report["sections"] for table in section["tables"]}
    assert {one["material"]: one["consignments"] for one in tables["materials"]} == {
        "cobalt": 1, "lithium": 0, "natural graphite": 0, "nickel": 0,
    }  # fmt: skip
    assert {one["consignments"] for one in tables["risks"]} == {None}  # whether it places batteries is not stated
    assert "which risks rules find: those on batteries did not run" in [gap["what"] for gap in report["gaps"]]


def test_another_importers_things_and_suppliers_get_nothing(client, token, had):
    supplier = token("demo-kivu")
    assert client.get("/v1/reports/due-diligence", headers=supplier).status_code == 403
    listed = client.get("/v1/reports", headers=supplier).json["reports"]
    assert not {one["kind"] for one in listed} & set(OURS)
    headers = token(IMPORTER.slug)
    elsewhere = "batch=" + quote("https://elsewhere.example/lot/1", safe="")
    for asked in ("downstream-information?shipment=nobody's", f"downstream-information?{elsewhere}",
                  *(f"{name}?shipment=nobody's" for name in SINGLE)):  # fmt: skip
        assert client.get(f"/v1/reports/{asked}", headers=headers).status_code == 404, asked


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("due-diligence?format=exe", "has the formats"), ("due-diligence?year=26", "a year such as 2026"),
        ("due-diligence?batch=x", "is asked for by"), ("due-diligence?from=2026-01-01", "write to as"),
        ("due-diligence?from=2026-02-30&to=2026-03-01", "write from as"),
        ("due-diligence?from=2026-03-01&to=2026-01-01", "on or after"), ("due-diligence?year=2026&to=x", "not both"),
        ("downstream-information", "name one batch or one shipment"), ("us-tracing-package", "needs ?shipment="),
        ("downstream-information?batch=" + "x" * 501, "at most 500"),
        ("annual-volume?year=%00", "NUL"), ("due-diligence?year=２０２６", "a year"),
    ],
)  # fmt: skip
def test_a_bad_question_is_answered_with_how_to_ask(client, token, asked, said):
    answer = client.get(f"/v1/reports/{asked}", headers=token(IMPORTER.slug))
    assert answer.status_code == 400, answer.text
    assert said in answer.json["detail"]


def test_an_unknown_report_is_404_and_names_the_others(client, token):
    answer = client.get("/v1/reports/nothing", headers=token(IMPORTER.slug))
    assert answer.status_code == 404
    assert "due-diligence" in answer.json["detail"]
    listed = {one["kind"]: one for one in client.get("/v1/reports", headers=token(IMPORTER.slug)).json["reports"]}
    assert set(OURS) <= listed.keys()
    assert "zip" in listed["authority-bundle"]["formats"]
