"""Documents in the facts: what a paper says of its issuer, in the words of the facts schema."""

import pytest

from traceability.diligence.facts import facts_schema
from traceability.documents.report import Declared, Report
from traceability.services.facts.papers import Papers, documents
from traceability.storage.tables import Document


def entry_of(role):
    report = Report(
        sha256="0" * 64, outcome="parsed", reason=None, document_type="audit_summary", facts_type="audit_report",
        language="en", pages=(), text_sha256=None, ruleset="", facts=Declared(issuer_role=role),
    )  # fmt: skip
    row = Document(id="d", sha256="0" * 64, report={})
    (entry,) = documents(Papers((row,), {"d": report}))
    return entry


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("auditor", "third_party"),
        ("laboratory", "third_party"),
        ("supplier", "supplier"),
        ("shipper", "supplier"),
        ("exporter", "supplier"),
        ("declarant", "supplier"),
    ],
)
def test_an_issuer_enters_the_facts_in_the_words_of_the_schema(label, role):
    allowed = facts_schema()["properties"]["documents"]["items"]["properties"]["issuer_role"]["enum"]
    assert entry_of(label)["issuer_role"] == role
    assert role in allowed


@pytest.mark.parametrize("label", ["issuer", None, "somebody"])
def test_an_issuer_of_unknown_role_stays_unknown(label):
    """It must not become an authority by its label alone: that could prove stock from before 2013."""
    assert "issuer_role" not in entry_of(label)
