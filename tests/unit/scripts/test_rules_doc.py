"""docs/rules.md is what the rule packs say, code by code."""

import dataclasses
import re

import pytest
import rules_doc

from traceability.diligence import catalogue, versions


@pytest.fixture(scope="module")
def text():
    return rules_doc.document()


def test_the_committed_file_is_fresh(text):
    assert rules_doc.DOCUMENT.read_text(encoding="utf-8") == text


def test_every_code_has_its_section_with_everything_a_reader_asks(text):
    sections = dict(zip(*[iter(re.split(r"^### (.+)\n", text, flags=re.MULTILINE)[1:])] * 2, strict=True))
    assert sections.keys() == {row.code for row in catalogue.rows()}
    for row in catalogue.rows():
        section = sections[row.code]
        for said in (row.title, row.severity, row.law_ref, row.provenance,
                     row.logic.replace("|", r"\|"), row.message.replace("|", r"\|"), "A person may: ", "packs/"):  # fmt: skip
            assert said in section, (row.code, said)
        assert (row.applicable_from.isoformat() if row.applicable_from else "no date of its own") in section


def test_every_pack_is_told_with_its_version_and_what_it_reads(text):
    for pack in versions.packs().values():
        (line,) = [line for line in text.splitlines() if line.startswith(f"| {pack.name} | `sha256:")]
        assert pack.version in line
        assert f"[{pack.name}](#{pack.name.lower()}) | {pack.title}" in text
    assert "`annex_i_thresholds.csv`" in next(line for line in text.splitlines() if line.startswith("| CMR | `sha"))


def test_what_rests_on_memory_is_marked(text):
    summary = re.findall(r"^\| \[\w+\]\(.+\| (.+) \|$", text, re.MULTILINE)
    marked = {code for cell in summary for code in cell.split(", ")} - {"-"}
    assert marked == {row.code for row in catalogue.rows() if "memory" in row.provenance} != set()


def test_a_row_without_rule_needs_a_reason(monkeypatch):
    lost = dataclasses.replace(catalogue.row("RF-L1"), code="RF-L9")
    monkeypatch.setattr(rules_doc.catalogue, "rows", lambda: (lost,))
    with pytest.raises(SystemExit, match="RF-L9 has no rule"):
        rules_doc.document()
    monkeypatch.setitem(rules_doc.REFUSED, "RF-L9", "no such flag")
    assert "refused: no such flag" in rules_doc.document()


@pytest.mark.parametrize(("old", "code"), [("", 1), (None, 0)])
def test_a_stale_file_is_told(text, tmp_path, monkeypatch, capsys, old, code):
    path = tmp_path / "rules.md"
    path.write_text(text if old is None else old)
    monkeypatch.setattr(rules_doc, "DOCUMENT", path)
    monkeypatch.setattr("sys.argv", ["rules_doc", "--check"])
    assert rules_doc.main() == code
    assert ("is stale" in capsys.readouterr().err) == bool(code)
    monkeypatch.setattr("sys.argv", ["rules_doc"])
    assert rules_doc.main() == 0
    assert path.read_text() == text
