"""Documents in the facts: what a paper says of its issuer, in the words of the facts schema."""

from dataclasses import replace

import pytest

from traceability.diligence.facts import facts_schema
from traceability.documents.report import Declared, DeclaredOrigin, Note, Report
from traceability.services.contradictions.names import Lots
from traceability.services.facts.papers import Papers, documents, left_out, other_lots
from traceability.storage.tables import Document


def papers_of(declared):
    report = Report(
        sha256="0" * 64, outcome="parsed", reason=None, document_type="audit_summary", facts_type="audit_report",
        language="en", pages=(), text_sha256=None, ruleset="", facts=declared,
    )  # fmt: skip
    return Papers((Document(id="d", sha256="0" * 64, filename="certificate.pdf", report={}),), {"d": report})


def entry_of(role):
    (entry,) = documents(papers_of(Declared(issuer_role=role)))
    return entry


@pytest.mark.parametrize(
    ("stated", "countries", "others"),
    [
        ([("RW", "CT-14"), ("CD", "CT-15")], ["RW"], "CT-15 (CD)"),  # a bigger consignment
        ([("CD", "CT-14"), ("RW", "CT-15")], ["CD"], "CT-15 (RW)"),
        ([("CD", "CT-15"), ("UG", "CT-16")], ["CD", "UG"], None),  # which lots these are is not known
        ([("RW", "CT-14"), ("CD", None)], ["RW", "CD"], None),  # of the whole paper
        ([("CD", None)], ["CD"], None),
    ],
)
def test_the_origin_of_other_lots_is_not_held_against_these(stated, countries, others):
    origins = tuple(DeclaredOrigin(country, country, 1, at, at + 2, lot) for at, (country, lot) in enumerate(stated))
    papers, lots = papers_of(Declared(origins=origins)), lambda: Lots(["CT-14"])
    assert [entry["declared_origin_country"] for entry in documents(papers, lots)] == countries
    told = [note["message"].rsplit(": ", 1)[1] for note in other_lots(papers, lots)]
    assert told == ([others] if others else [])


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


def part_read(*codes, decided=None, **fields):
    notes = tuple(Note(code, f"{code} was said") for code in codes)
    papers = papers_of(Declared())
    report = replace(papers.reports["d"], notes=notes, **fields)
    papers = replace(papers, reports={"d": report})
    return papers.unread, [note["message"] for note in left_out(papers, {"0" * 64: decided} if decided else {})]


def test_files_inside_a_file_are_documents_that_nobody_read():
    unread, told = part_read("embedded_file")
    assert [row.filename for row in unread] == ["certificate.pdf"]
    assert told == ["certificate.pdf: embedded_file was said"]


@pytest.mark.parametrize("code", ["picture_not_read", "language_not_covered", "macro", "script", "extension_mismatch"])
def test_what_was_not_read_or_run_beside_the_text_is_told_until_a_person_has_read_it(code):
    assert part_read(code) == ([], [f"certificate.pdf: {code} was said"])
    assert part_read(code, decided="read_by_person") == ([], [])


def test_what_took_nothing_away_is_not_told():
    assert part_read("hidden_sheet", "encoding_guessed") == ([], [])


def test_an_unread_page_is_pending_by_itself():
    unread, told = part_read("picture_not_read", unread_pages=(1,))
    assert (len(unread), told) == (1, [])
