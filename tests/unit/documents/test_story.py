"""What the demonstration shows: an audit, a certificate, a denial and a policy, each read as what it is."""

AUDIT = [
    "Child labour audit report",
    "Report no. CL-2026-014. Audit date: 12 January 2026.",
    "Auditor: Meridian Field Assurance Ltd",
    "Audited facility: Kivuko Cobalt Cooperative",
    "1. Scope",
    "The audit covers working conditions at the cobalt washing ponds near Kolwezi.",
    "2. Findings",
    "During the visit the auditors observed nine children washing cobalt ore at the ponds.",
    "No evidence of forced labour was found.",
]
CERTIFICATE = [
    "Certificate of origin",
    "Certificate no: RW-000731",
    "Exporter: Nyungwe Tin Ltd, Kigali",
    "Consignee: Halvorsen Metals B.V., Rotterdam",
    "Mineral: cassiterite",
    "Net weight: 12,400 kg",
    "Lot number: NYT-26-004",
    "Country of origin: Rwanda",
    "Date of issue: 3 February 2026",
]


def test_an_audit_in_pdf_gives_a_child_labour_finding_with_its_place(sandbox, pdf):
    report = sandbox.screen(pdf([AUDIT[:6], AUDIT[6:]]), "audit.pdf")
    assert (report.outcome, report.document_type, report.facts_type) == ("parsed", "audit_summary", "audit_report")
    (found,) = [each for each in report.findings if each.topic == "child_labour"]
    assert (found.kind, found.assertion, found.severity, found.page) == ("CHILD_LABOUR", "affirmed", "major", 2)
    assert report.text[found.start : found.end].split() == found.quote.split()
    assert "children" in found.quote
    assert [each for each in report.findings if each.topic == "forced_labour"] == []
    assert report.ruleset.startswith("sha256:")


def test_a_labelled_origin_field_is_a_declared_origin(sandbox, pdf):
    report = sandbox.screen(pdf([CERTIFICATE]), "certificate.pdf")
    (origin,) = report.facts.origins
    assert (origin.country, origin.lot, origin.page) == ("RW", "NYT-26-004", 1)
    assert report.text[origin.start : origin.end] == "Rwanda"
    (item,) = report.facts.items
    assert (item.mineral, item.kg, item.origin_country, item.lot) == ("tin", 12400, "RW", "NYT-26-004")
    assert (report.facts.number, report.facts.issued_on) == ("RW-000731", "2026-02-03")
    assert {(each.role, each.name, each.country) for each in report.facts.parties} == {
        ("exporter", "Nyungwe Tin Ltd", "RW"),
        ("consignee", "Halvorsen Metals B.V.", "NL"),
    }
    assert [each.severity for each in report.findings] == ["info"]


def test_prose_never_declares_an_origin(sandbox):
    report = sandbox.screen(
        b"Dear customer,\n\nAs agreed, our tin ore is mined in Rwanda and sent by road.\n", "letter.txt"
    )
    assert report.facts.origins == ()
    assert report.document_type == "supplier_letter"


def test_a_denial_of_the_congo_is_a_negated_claim(sandbox):
    report = sandbox.screen(b"We do not source tantalum from the DRC.\n", "letter.txt")
    (found,) = report.findings
    assert (found.topic, found.assertion, found.country, found.severity) == ("sourcing", "negated", "CD", "info")
    assert not found.raised
    assert report.row("letter.txt")["findings"] == []
    assert [(claim.type, claim.country) for claim in report.facts.claims] == [("no_covered_country_sourcing", "CD")]


def test_a_policy_gives_nothing(sandbox, docx_file):
    def build(document):
        document.add_heading("Forced labour policy", 1)
        document.add_paragraph("We prohibit forced labour, debt bondage and the retention of passports.")
        document.add_paragraph("Suppliers must never:")
        for item in ("use child labour;", "withhold wages;", "pay armed groups."):
            document.add_paragraph(item, style="List Bullet")

    report = sandbox.screen(docx_file(build), "policy.docx")
    assert (report.document_type, report.facts_type) == ("conflict_minerals_policy", "policy")
    assert report.findings == ()


def test_a_table_row_is_read_with_its_status_cell(sandbox, docx_file):
    def build(document):
        document.add_heading("Findings", 1)
        table = document.add_table(rows=3, cols=3)
        rows = (
            ("No", "Observation", "Status"),
            ("F-1", "Passports of eleven workers kept by the agent.", "Closed"),
            ("F-2", "Wages of six drivers withheld for two months.", "Open"),
        )
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text

    report = sandbox.screen(docx_file(build), "findings.docx")
    assert [(each.topic, each.assertion, each.raised) for each in report.findings] == [
        ("ILO-07", "remediated", False),
        ("ILO-08", "affirmed", True),
    ]


def test_several_lots_with_several_origins(sandbox, docx_file):
    def build(document):
        table = document.add_table(rows=3, cols=4)
        rows = (
            ("Lot", "Material", "Net weight (kg)", "Country of origin"),
            ("A-1", "Tantalite", "1,250.5", "Brazil"),
            ("A-2", "Tantalite", "900", "DRC"),
        )
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text

    report = sandbox.screen(docx_file(build), "list.docx")
    assert [(each.country, each.lot) for each in report.facts.origins] == [("BR", "A-1"), ("CD", "A-2")]
    assert [str(each.kg) for each in report.facts.items] == ["1250.5", "900"]
    assert [(each.country, each.severity) for each in report.findings] == [("BR", "info"), ("CD", "major")]
