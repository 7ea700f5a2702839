"""Documents, passages and assertions on the command line: shapes and exit codes (the rules are tested in documents)."""

import json

import pytest

LABOUR = "The auditors found that workers' passports were retained by the recruitment agent."
POLICY = "Suppliers must not use forced labour."


@pytest.fixture
def letter(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text(f"Dear Sir,\n\n{LABOUR}\n")
    return path


def test_documents(run, letter, tmp_path):
    empty = tmp_path / "broken.pdf"
    empty.write_bytes(b"%PDF-1.7 nothing")
    done = run("screen", letter, tmp_path / "absent.pdf", empty, "--json")
    assert done.code == 2
    assert "absent.pdf: No such file" in done.err
    absent = str(tmp_path / "absent.pdf")
    assert [row["file"] for row in done.json] == [str(letter), absent, str(empty)]
    assert list(done.json.pop(1)) == ["file", "error"], "no outcome, so that none reads well"
    row = done.json[0]
    assert row.keys() >= {
        "file", "sha256", "outcome", "reason", "document_type", "language", "pages", "facts", "findings", "notes",
    }  # fmt: skip
    assert row["facts"].keys() >= {"number", "dates", "parties", "items", "smelters", "claims"}
    assert (row["outcome"], row["reason"], row["pages"]) == ("parsed", None, 1)
    assert row["findings"][0].keys() >= {
        "kind", "assertion", "actor", "quote", "page", "start", "end", "country", "region", "severity", "rule",
    }  # fmt: skip
    assert (done.json[2]["outcome"], done.json[2]["findings"]) == ("rejected", [])


def test_a_finding_is_exit_code_one(run, letter):
    done = run("screen", letter)
    assert (done.code, "FORCED_LABOUR" in done.out) == (1, True)


def test_passages(run, tmp_path):
    path = tmp_path / "p.jsonl"
    lines = [{"id": 1, "text": LABOUR, "lang": "en"}, {"id": "b", "text": POLICY}]
    path.write_text("\n".join(map(json.dumps, lines)) + '\n{"id": 3}\n\n')
    done = run("screen", "--passages", path, "--json")
    assert done.code == 2
    assert "line 3" in done.err
    assert [row["id"] for row in done.json] == [1, "b"]
    assert done.json[0].keys() >= {"id", "labels", "risk", "spans", "findings"}
    assert [row["risk"] for row in done.json] == [True, False]


def test_assertions(run, tmp_path):
    start = POLICY.index("forced")
    good = {"id": 1, "text": POLICY, "target": {"start": start, "end": start + 13}}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(good) + "\n")
    done = run("screen", "--assertions", path, "--json")
    assert done.code == 0
    assert done.json[0].keys() >= {"id", "concept", "assertion", "country", "region", "risk"}
    assert (done.json[0]["concept"], done.json[0]["assertion"]) == ("FORCED_LABOUR", "policy")
    for target in (None, {}, {"start": 5, "end": 5}, {"start": 0, "end": 999}, {"start": "0", "end": 3}):
        path.write_text(json.dumps(good | {"target": target}))
        assert run("screen", "--assertions", path).code == 2


def test_wrong_calls(run, letter, tmp_path):
    assert run("screen").code == 2
    assert run("screen", letter, "--passages", letter).code == 2
    assert run("screen", "--passages", tmp_path / "absent").code == 2
