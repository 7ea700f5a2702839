"""The documents agree with the project: links resolve, settings, decisions and make targets are where the text says."""

import hashlib
import re
from dataclasses import fields
from pathlib import Path

import pytest

from traceability import config
from traceability.custody.model import REVIEW_KINDS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
SETTINGS = {config.PREFIX + item.name.upper() for item in fields(config.Settings)}
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
_HEADING = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)


def _text(path):
    return path.read_text(encoding="utf-8")


def _named(path):
    return path.relative_to(ROOT).as_posix()


def _anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _broken_links(document):
    prose = _CODE.sub("", _FENCE.sub("", _text(document)))
    for target in _LINK.findall(prose):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (document.parent / name).resolve() if name else document
        if not file.exists() or (
            anchor and anchor not in {_anchor(heading) for heading in _HEADING.findall(_text(file))}
        ):
            yield target


@pytest.mark.parametrize("document", DOCUMENTS, ids=_named)
def test_every_link_resolves(document):
    assert list(_broken_links(document)) == []


def test_a_broken_link_and_anchor_are_seen(tmp_path):
    document = tmp_path / "a.md"
    document.write_text("# One two\n[x](a.md#one-two) [y](gone.md) [z](#three) [w](https://example.org)\n`[c](no)`\n")
    assert list(_broken_links(document)) == ["gone.md", "#three"]


def test_the_documents_a_reader_expects_exist():
    expected = {
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "docs/glossary.md",
        "docs/house-rules.md",
    }
    assert expected - {_named(document) for document in DOCUMENTS} == set()


def test_the_licence_is_the_apache_text_with_our_line():
    ours = "   Copyright 2026 The traceability authors\n"
    text = _text(ROOT / "LICENSE")
    assert text.count(ours) == 1
    blank = "   Copyright [yyyy] [name of copyright owner]\n"
    assert hashlib.sha256(text.replace(ours, blank).encode()).hexdigest() == APACHE_2


def test_every_setting_is_documented():
    documented = set(re.findall(rf"`({config.PREFIX}[A-Z_]+)`", _text(ROOT / "docs" / "settings.md")))
    assert SETTINGS - documented == set(), "not in docs/settings.md"
    assert documented - SETTINGS == set(), "in docs/settings.md, and no setting"


def test_documents_name_only_settings_that_exist():
    for document in DOCUMENTS:
        named = set(re.findall(rf"\b{config.PREFIX}[A-Z][A-Z_]+[A-Z]\b", _text(document)))
        assert named - SETTINGS == set(), _named(document)


def test_the_index_of_decisions_is_complete():
    index = _text(ROOT / "docs" / "adr" / "README.md")
    rows = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\) \| (.+?) \| (\S+) \| (\w+)", index, re.MULTILINE)
    expected = []
    for number, decision in enumerate(DECISIONS, start=1):
        heading = re.match(r"# (\d+)\. (.+)\n\nDate: (\S+)\. Status: (\w+)", _text(decision))
        assert heading, _named(decision)
        assert int(heading[1]) == number == int(decision.name[:4]), _named(decision)
        expected.append((f"{number:04}", decision.name, heading[2], heading[3], heading[4]))
    assert rows == expected
    assert len(rows) >= 16


@pytest.mark.parametrize("decision", DECISIONS, ids=_named)
def test_every_decision_says_why_what_what_follows_and_what_checks_it(decision):
    parts = re.split(r"^## (.+)\n", _text(decision), flags=re.MULTILINE)
    assert parts[1::2] == ["Context", "Decision", "Consequences", "How it is checked"]
    assert all(len(part.split()) > 8 for part in parts[2::2])


def test_make_targets_named_in_the_documents_exist():
    targets = set(re.findall(r"^([a-z][a-z-]*):", _text(ROOT / "Makefile"), re.MULTILINE))
    for document in DOCUMENTS:
        text = _text(document)
        commands = [*_CODE.findall(text), *(line for fence in _FENCE.findall(text) for line in fence.splitlines())]
        for command in commands:
            words = re.match(r"`?(?:\$ )?make ([a-z][a-z -]*)", command)
            unknown = set(words[1].split()) - targets if words else set()
            assert unknown == set(), f"{_named(document)}: {command}"


def test_the_glossary_gives_each_word_one_meaning_per_table():
    words = []
    section = ""
    for line in _text(ROOT / "docs" / "glossary.md").splitlines():
        section = line if line.startswith("## ") else section
        if line.startswith("| ") and not line.startswith("|---"):
            words.append((section, line.split("|")[1].strip()))
    words = [word for word in words if not word[1].startswith(("word", "role", "layer", "severity", "note", "never"))]
    assert len(words) == len(set(words)) > 80


def test_the_glossary_has_the_words_of_the_house():
    text = _text(ROOT / "docs" / "glossary.md")
    house = [
        "party",
        "site",
        "batch",
        "custody event",
        "capture",
        "document",
        "shipment record",
        "ledger entry",
        "checkpoint",
        "receipt",
        "risk list",
        "list version",
        "list entry",
        "screening",
        "facts",
        "assessment",
        "finding",
        "note",
        "incident",
        "decision",
        "evidence pack",
    ]
    assert [word for word in house if f"\n| {word} |" not in text] == []
    states = ["HOLD_PENDING_OFFICER", "pending", "REVIEW", "INFO_REQUIRED", "OUT_OF_SCOPE_RECORDED", "NO_FINDINGS"]
    places = [text.index(f"\n| {state} |") for state in states]
    assert places == sorted(places), "worst first"


def test_the_glossary_marks_the_custody_notes_that_raise_the_state():
    notes = _text(ROOT / "docs" / "glossary.md").split("## Custody notes")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| .*\(`(\w+)`\) \* \|", notes, re.MULTILINE)) == REVIEW_KINDS


def test_the_changelog_has_an_unreleased_section():
    headings = re.findall(r"^## \[(.+?)\]", _text(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
