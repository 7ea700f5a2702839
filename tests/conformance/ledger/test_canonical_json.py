"""RFC 8785: entries are canonical. The checker, rfc8785, is itself held against the published vectors first."""

import json

import rfc8785


def test_the_checker_reproduces_the_published_vectors(vectors):
    folder = vectors / "ledger" / "jcs"
    names = sorted(file.stem for file in (folder / "input").glob("*.json"))
    assert names
    for name in names:
        value = json.loads((folder / "input" / f"{name}.json").read_bytes())
        expected = bytes.fromhex((folder / "outhex" / f"{name}.txt").read_text())
        assert rfc8785.dumps(value) == expected
