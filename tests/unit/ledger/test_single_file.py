"""The verifier in one file says exactly what the installed one says, and imports nothing of ours."""

import dataclasses
import json
import subprocess
import sys

import pytest

from traceability.errors import TraceabilityError
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.policy import Policy
from traceability.ledger.receipt import Receipt, Timestamp
from traceability.ledger.single_file import single_file
from traceability.ledger.standalone import main, verify_file


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("verifier") / "verify.py"
    path.write_text(single_file())
    return path


@pytest.fixture
def run(program, tmp_path):
    def call(*arguments):
        # No site-packages of ours on the path but cryptography's: what it imports of us can only come from the file.
        code = (
            "import sys, runpy, cryptography; sys.path[:] = [p for p in sys.path if 'traceability' not in p];"
            "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in str(f)];"
            f"sys.argv = [{str(program)!r}, *{[str(a) for a in arguments]!r}];"
            f"runpy.run_path({str(program)!r}, run_name='__main__')"
        )
        return subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    return call


def damaged(data):
    return data[:200] + b"x" + data[201:]


def test_the_same_verdicts(story, run, tmp_path):
    good = story.detached_receipt().to_json()
    stamped = dataclasses.replace(story.detached_receipt(), timestamps=(Timestamp("A", b"token"),)).to_json()
    cases = [good, story.enveloped_receipt().to_json(), stamped, damaged(good), b"{}", b"", b"PK\x03\x04 no zip"]
    paths = []
    for number, data in enumerate(cases):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_bytes(data)
    for pin in (story.log.key.vkey, LogKey.generate("other.example/log").vkey):
        done = run(*paths, "--pin", pin, "--json")
        assert done.stderr == ""
        receipts = [data for data in cases if not data.startswith(b"PK")]
        expected = [verify_file(data, Policy.pin(pin), receipts).as_dict() for data in cases]
        assert [{k: v for k, v in row.items() if k != "file"} for row in json.loads(done.stdout)] == expected
        assert done.returncode == 1
        (item,) = [one for one in json.loads(done.stdout)[2]["items"] if one["what"] == "time stamp"]
        assert (item["verdict"], "--tsa-cert" in item["why"] or "earlier" in item["why"]) == ("not checked", True)


def test_what_the_service_refuses_to_read_as_json_both_verifiers_refuse(story, run, tmp_path):
    """Fault 19: two readers of one text must not see two things in it."""
    good = story.detached_receipt().to_json()
    twice = good[:-1] + b',"body":"AAAA"}'
    cases = [
        twice, b"\xef\xbb\xbf" + good, good.decode().encode("utf-16"), good.replace(b'"format"', b'"for\\ud800mat"', 1),
        good[:-1] + b',"x":NaN}', good[:-1] + b',"x":1e400}', good[:-1] + b',"x":' + b"[" * 100_000 + b"}",
        good[:-1] + b',"x":' + b"9" * 5000 + b"}", good + b"{}", good[:-1],
    ]  # fmt: skip
    paths = [tmp_path / f"{number}.json" for number in range(len(cases))]
    for path, data in zip(paths, cases, strict=True):
        path.write_bytes(data)
        assert verify_file(data, Policy.pin(story.log.key.vkey), []).verdict == "failed", data[:40]
    done = run(*paths, "--pin", story.log.key.vkey, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    assert [row["verdict"] for row in json.loads(done.stdout)] == ["failed"] * len(cases)
    for data in cases[:8]:
        with pytest.raises(TraceabilityError) as refused:
            Receipt.from_json(data)
        assert refused.value.status == 400


def test_exit_codes_and_words(story, run, tmp_path):
    path = tmp_path / "r.json"
    path.write_bytes(story.detached_receipt().to_json())
    policy = tmp_path / "policy"
    policy.write_text(f"log {story.log.key.vkey}\nquorum none\n")
    good = run(path, "--policy", policy)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith(f"{path}: ok: the entry is in the log")
    assert run(path).returncode == 1
    assert "log key not pinned" in run(path).stdout
    assert run(tmp_path / "none.json", "--pin", story.log.key.vkey).returncode == 2
    assert run(path, "--pin", "x").returncode == 2
    assert run(path, "--policy", tmp_path / "none").returncode == 2


def test_it_needs_nothing_but_the_standard_library_and_cryptography():
    import ast

    roots = set()
    for node in ast.walk(ast.parse(single_file())):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
    sources = {}
    exec(single_file().partition("# From here on")[0], sources)
    for source in sources["SOURCES"].values():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                roots |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                roots.add(node.module.split(".")[0])
    assert roots - sys.stdlib_module_names == {"cryptography", "traceability", "orjson"}


def test_the_installed_command_is_the_same_program(story, tmp_path, capsys):
    path = tmp_path / "r.json"
    path.write_bytes(story.detached_receipt().to_json())
    assert main([str(path), "--pin", story.log.key.vkey]) == 0
    assert "ok" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([])
