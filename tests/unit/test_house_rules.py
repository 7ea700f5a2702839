"""Each house rule finds its planted offence, names file and line, and leaves honest code alone."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "house_rules.py"


def _load():
    spec = importlib.util.spec_from_file_location("house_rules", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses with slots look their module up by name
    spec.loader.exec_module(module)
    return module


house_rules = _load()


def _broken(path, text):
    return [(offence.rule, offence.line) for offence in house_rules.check_file(path, text)]


LONG_BODY = "".join(f"    value = {number}\n" for number in range(41))
MARK = "TO" + "DO"
HOME = "/" + "home/ann/key.json"

PLANTED = [
    ("traceability/a.py", "\n" * 401, ("long-file", 401)),
    ("scripts/a.py", "\n" * 401, ("long-file", 401)),
    ("traceability/a.py", "def _f():\n" + LONG_BODY, ("long-function", 1)),
    ("traceability/a.py", "\n\ndef weigh():\n    return 1\n", ("docstring", 3)),
    ("traceability/a.py", '@PACK.rule("MB-EXCEEDS")\ndef heavier(case): ...\n', ("docstring", 2)),
    ("traceability/a.py", "class Batch:\n    pass\n", ("docstring", 1)),
    ("traceability/a.py", "async def weigh():\n    return 1\n", ("docstring", 1)),
    ("README.md", f"one\nsee {HOME}\n", ("machine-path", 2)),
    ("seed/a.csv", f"file://{HOME}\n", ("machine-path", 1)),
    ("docs/a.md", "C:" + "\\Users\\ann\n", ("machine-path", 1)),
    ("Dockerfile", "FROM " + "ghcr" + ".io/x\n", ("registry-host", 1)),
    ("Makefile", "pip install --index" + "-url x\n", ("registry-host", 1)),
    ("docs/a.md", "https://mirror.example/" + "simple\n", ("registry-host", 1)),
    ("requirements.lock", "a==1\n# https://mirror.example\n", ("lock-address", 2)),
    ("docs/a.md", f"- {MARK}: write\n", ("unfinished", 1)),
    ("tests/a.py", f"# {MARK}\n", ("unfinished", 1)),
    ("traceability/web/templates/a.html", "<p>\nThe batch is Compliant</p>", ("verdict-word", 2)),
    ("traceability/web/templates/a.html", "<p>conflict free</p>", ("verdict-word", 1)),
    ("traceability/web/templates/a.html", "<p>conflict\u2011free</p>", ("verdict-word", 1)),
    ("traceability/web/templates/a.html", "{# two\nlines #}<p title='safe'></p>", ("verdict-word", 2)),
    ("traceability/web/templates/a.html", "{{ 'approved' if x }}", ("verdict-word", 1)),
    ("traceability/a.py", "x = 1\nnow = datetime.now(UTC)\n", ("clock", 2)),
    ("traceability/a.py", "now = datetime.datetime.utcnow()\n", ("clock", 1)),
    ("traceability/a.py", "day = date.today()\n", ("clock", 1)),
    ("traceability/a.py", "made = field(default_factory=datetime.now)\n", ("clock", 1)),
    ("traceability/a.py", "start = time.time()\n", ("clock", 1)),
    ("traceability/a.py", "from time import time\n", ("clock", 1)),
    ("traceability/storage/migrations/versions/a.py", "x = sa.func.now()\n", ("clock", 1)),
    ("traceability/services/a.py", "print('here')\n", ("print", 1)),
    ("traceability/a.py", "import x  # noqa: F401\n", ("unexplained-exception", 1)),
    (
        "traceability/a.py",
        "import x  # noqa: F401 - why\nx = 1\nassert x  # noqa: S101\n",
        ("unexplained-exception", 3),
    ),
    ("scripts/a.py", "x = y  # type: ignore[misc]\n", ("unexplained-exception", 1)),
    ("traceability/a.py", "def (:\n", ("syntax", 1)),
]

HONEST = [
    ("traceability/a.py", "\n" * 400),
    ("tests/unit/test_a.py", "\n" * 500),
    ("traceability/a.py", 'def weigh():\n    """Return kg."""\n    return 1\n'),
    ("traceability/a.py", "def _weigh():\n    return 1\n"),
    ("traceability/a.py", "@overload\ndef weigh(x: int) -> int: ...\n"),
    ("traceability/diligence/packs/a.py", '@PACK.rule("MB-EXCEEDS")\ndef heavier(case): ...\n'),
    ("traceability/storage/migrations/versions/a.py", "def upgrade():\n    pass\n" + LONG_BODY.replace("    ", "")),
    ("docs/a.md", "https://example.org/" + "home/page and " + "tmp/relative and tmpfs /tmp\n"),
    ("Makefile", "uv pip compile --no-emit-index" + "-url\n"),
    ("requirements.lock", "httpx==1 --hash=sha256:aa\n"),
    ("traceability/web/templates/a.html", "{{ picture | safe }}{# never compliant #}<a>Approve</a> safety"),
    ("docs/glossary.md", "compliant is never printed\n"),
    ("traceability/clock.py", "x = datetime.now(UTC)\n"),
    ("traceability/a.py", "x = clock.now(), time.monotonic(), datetime.time(1), value.today\n"),
    ("tests/unit/test_a.py", "start = time.time()\n"),
    ("traceability/cli/a.py", "print('table')\n"),
    ("traceability/a.py", "import x  # noqa: F401 - the table registers itself\n"),
    ("traceability/a.py", "# the table registers itself\nimport x  # noqa: F401\n"),
    ("traceability/a.py", "import x  # noqa: F401 - it registers itself\nx = 1\nimport y  # noqa: F401\n"),
]


@pytest.mark.parametrize(("path", "text", "expected"), PLANTED)
def test_a_planted_offence_is_found_where_it_stands(path, text, expected):
    assert _broken(path, text) == [expected]


@pytest.mark.parametrize(("path", "text"), HONEST)
def test_honest_files_raise_nothing(path, text):
    assert _broken(path, text) == []


def test_a_function_of_forty_lines_and_a_docstring_is_kept():
    forty = LONG_BODY.split("\n", 1)[1]
    assert _broken("traceability/a.py", 'def f():\n    """One.\n\n    Two.\n    """\n' + forty) == []


def test_a_file_may_be_long_only_by_name_with_a_reason(monkeypatch):
    monkeypatch.setattr(house_rules, "LONG_FILES", {"traceability/a.py": "published as one file"})
    assert _broken("traceability/a.py", "\n" * 401) == []
    assert _broken("traceability/b.py", "\n" * 401) == [("long-file", 401)]


def test_one_offence_per_line_and_rule():
    assert _broken("docs/a.md", f"{HOME} {HOME}\n") == [("machine-path", 1)]


def test_every_message_says_how_to_mend():
    for path, text, _expected in PLANTED:
        for offence in house_rules.check_file(path, text):
            assert str(offence).startswith(f"{path}:{offence.line}: [{offence.rule}] ")
            assert ";" in offence.message or offence.rule == "syntax"


def test_every_rule_is_explained_in_the_house_rules():
    explained = (ROOT / "docs" / "house-rules.md").read_text(encoding="utf-8")
    rules = {expected[0] for _path, _text, expected in PLANTED}
    assert {rule for rule in rules if f"`{rule}`" not in explained} == set()
    assert {rule.name for rule in house_rules.TEXT_RULES} <= rules, "a rule without a planted offence"


def test_the_script_keeps_its_own_rules():
    assert _broken("scripts/house_rules.py", SCRIPT.read_text(encoding="utf-8")) == []


def _plant(root):
    (root / "traceability").mkdir()
    (root / "traceability" / "a.py").write_text("day = date.today()\n", encoding="utf-8")
    (root / "photo.bin").write_bytes(b"\0" + MARK.encode())
    (root / "var").mkdir()
    (root / "var" / "log.md").write_text(MARK, encoding="utf-8")
    (root / ".gitignore").write_text("var/\n", encoding="utf-8")


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed; the walk is tested")


@pytest.mark.parametrize("in_git", [pytest.param(True, marks=needs_git), False])
def test_the_files_are_those_of_the_project_with_and_without_git(tmp_path, in_git):
    _plant(tmp_path)
    if in_git:
        subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
        subprocess.run(["git", "-C", str(tmp_path), "add", "traceability/a.py"], check=True)
    assert house_rules.files(tmp_path) == [".gitignore", "photo.bin", "traceability/a.py"]
    assert [str(offence) for offence in house_rules.check(tmp_path)] == [
        "traceability/a.py:1: [clock] date.today reads a clock; take the injected one of traceability/clock.py"
    ]


@needs_git
def test_a_deleted_tracked_file_is_not_read(tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "gone.md").write_text("x", encoding="utf-8")
    subprocess.run(["git", "-C", str(tmp_path), "add", "gone.md"], check=True)
    (tmp_path / "gone.md").unlink()
    assert house_rules.check(tmp_path) == []


def test_the_exit_code_tells(tmp_path, capsys):
    assert house_rules.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "house rules: kept\n"
    _plant(tmp_path)
    assert house_rules.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "house rules: 1 offence(s)"
