"""Publishers' files and one's own into the lists, and the rows that wait, here and into a service that runs."""

import io
import json

import pytest
from openpyxl import Workbook

from traceability.cli import list_file
from traceability.lists.bundle import unpack
from traceability.lists.gathered import gathered, pack

ABOUT = ("--source-url", "https://own.example/list", "--retrieved", "2026-11-20")
NAMES = [f"Company {number} Co., Ltd." for number in range(150)]


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("Nr,Firma\n1,Mine One\n2,Mine Two\n3,\n", encoding="utf-8")
    return path


@pytest.fixture
def page(tmp_path):
    """A saved page with one row that is a rule, not a name."""
    rows = "".join(f"<tr><td>{name}<td>August 9, 2024" for name in [*NAMES, "Parent Co., Ltd. and its subsidiaries"])
    head = "section 2(d)(2)(B)(ii)<table><tr><td>Name of Entity<td>Effective Date"
    path = tmp_path / "page.html"
    path.write_text(f"{head}{rows}</table>", encoding="utf-8")
    return path


def test_a_list_of_ones_own_with_a_map_of_columns(run, own, tmp_path):
    maps = tmp_path / "map.json", tmp_path / "map.csv"
    maps[0].write_text(json.dumps({"id": "Nr", "name": "Firma"}))
    maps[1].write_text("ours,theirs\nid,Nr\nname,Firma\n")
    said = ("--list", "own-list", "--format", "csv", "--title", "Our list", *ABOUT)
    for place, changed in zip(maps, (True, False), strict=True):
        (done,) = run("lists", "load", own, *said, "--columns", place, "--json").json
        assert (done["list_id"], done["rows"], done["for_review"], done["changed"]) == ("own-list", 2, 1, changed)
    (found,) = run("lists", "status", "--json").json["lists"]
    assert (found["name"], found["source_url"], found["coverage"]) == (
        "Our list",
        "https://own.example/list",
        "partial",
    )
    assert found["sentence"] == "Our list is partial (1 row waits in the review queue)"
    assert run("match", "Mine One", "--against", "own-list", "--json").json[0]["candidates"]


def test_the_same_list_as_a_workbook(run, tmp_path):
    made = Workbook()
    for row in (["id", "name"], [1, "Mine One"]):
        made.active.append(row)
    made.save(tmp_path / "own.xlsx")
    done = run("lists", "load", tmp_path / "own.xlsx", "--list", "own-list", "--format", "xlsx", *ABOUT)
    assert (done.code, done.out.startswith("own-list: loaded, 1 rows, full")) == (0, True)
    assert ", 1 added, 0 removed, 0 changed" in done.out


def test_a_list_of_several_files_is_given_by_their_names(run, tmp_path):
    for name, text in {
        "sdn": '36,"AERO",-0- ,"X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ', "alt": '36,1,"aka","AIR",-0- ',
        "add": "", "sdn_comments": "",
    }.items():  # fmt: skip
        (tmp_path / f"{name.upper()}.CSV").write_bytes(text.encode() + b"\r\n\x1a")
    files = sorted(tmp_path.glob("*.CSV"))
    few = run("lists", "load", *files, "--list", "us-ofac-sdn", *ABOUT)
    assert (few.code, "expected 8000 to 30000 entries, got 1" in few.err) == (2, True)
    done = run("lists", "load", *files, "--list", "us-ofac-sdn", *ABOUT, "--as-partial", "us-ofac-sdn", "--json")
    assert (done.json[0]["rows"], done.json[0]["coverage"]) == (1, "partial")
    assert run("lists", "load", *files[:3], "--list", "us-ofac-sdn", *ABOUT).code == 2
    (tmp_path / "x.csv").write_bytes(b"")
    other = run("lists", "load", tmp_path / "x.csv", "--list", "us-ofac-sdn", *ABOUT)
    assert "expected the files sdn, alt, add, sdn_comments" in other.err


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["--list", "own-list"], "expected a format of un-xml"),
        (["--format", "csv", *ABOUT], "needs --list or --format, --source-url and --retrieved"),
        (
            ["--list", "own-list", "--format", "csv", "--retrieved", "2026-11-20"],
            "needs --list or --format, --source-url",
        ),
        (["--list", "eu-cahra", *ABOUT], "eu-cahra comes in several forms: say --format cahra-json or cahra-csv"),
        (["--format", "eu-fsf-xml", *ABOUT], "no reader for the EU's XML of consolidated financial sanctions"),
        (
            ["--list", "own-list", "--format", "csv", "--rows", "2", *ABOUT],
            "the file has no column|expected the columns",
        ),
    ],
)
def test_what_is_not_said_is_asked_for(run, own, said, told):
    done = run("lists", "load", own, *said)
    assert (done.code, any(one in done.err for one in told.split("|"))) == (2, True), done.err


def test_a_bundle_and_its_folder_are_read_into_a_running_service(run, server, admin_token, page, tmp_path):
    file = gathered(
        page.read_bytes(), file="p.html", list_id="us-uflpa", format="uflpa-html", part="", address="https://x.example/",
        retrieved_at="2026-11-20",
    )  # fmt: skip
    (tmp_path / "b.zip").write_bytes(pack([file]))
    (tmp_path / "folder").mkdir()
    unpack(pack([file]), tmp_path / "folder")
    there = ("--url", server, "--token", admin_token)
    (done,) = run("lists", "load", tmp_path / "b.zip", *there, "--json").json
    assert (done["list_id"], done["rows"], done["changed"]) == ("us-uflpa", 151, True)
    assert run("lists", "load", tmp_path / "folder", *there, "--json").json == [
        done | {"changed": False, "added": 0}
    ]  # fmt: skip
    cut = gathered(file[1][:4000], file="p.html", **{name: getattr(file[0], name) for name in (
        "list_id", "format", "part", "address", "retrieved_at")})  # fmt: skip
    (tmp_path / "cut.zip").write_bytes(pack([cut]))
    refused = run("lists", "load", tmp_path / "cut.zip", *there)
    assert (refused.code, "expected 144 to 280 entries" in refused.err) == (2, True)
    refused = run("lists", "load", tmp_path / "cut.zip", *there, "--as-partial", "us-uflpa")
    assert "leaves out" in refused.err
    done = run("lists", "load", tmp_path / "cut.zip", *there, "--as-partial", "us-uflpa", "--dropping", "us-uflpa")
    assert (done.code, "partial" in done.out) == (0, True)


@pytest.mark.parametrize("remote", [False, True])
def test_rows_that_wait_are_shown_and_read(run, server, admin_token, page, remote):
    there = ("--url", server, "--token", admin_token) if remote else ()
    assert run("lists", "load", page, "--list", "us-uflpa", "--format", "uflpa-html", *ABOUT, *there).code == 0
    (row,) = run("lists", "review", "us-uflpa", *there, "--json").json["review"]
    assert (row["raw"], row["lost"], row["state"]) == ("Parent Co., Ltd. and its subsidiaries", True, "waiting")
    assert "waiting  lost" in run("lists", "review", "us-uflpa", *there).out
    said = ("--read", row["id"], "--note", "looked up: no subsidiary trades with us")
    (read,) = run("lists", "review", "us-uflpa", *said, *there, "--json").json["review"]
    assert (read["state"], read["note"]) == ("read", "looked up: no subsidiary trades with us")
    assert run("lists", "review", "us-uflpa", *there, "--jsonl").lines == [read]
    assert run("lists", "review", "us-uflpa", *said, *there).code == 2
    (found,) = run("lists", "status", *there, "--json").json["lists"]
    assert found["coverage"] == "full"
    assert run("lists", "review", "us-uflpa", "--read", row["id"], *there).code == 2
    assert "no list 'nowhere'" in run("lists", "review", "nowhere", *there).err


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_shown_on_a_terminal_alone(monkeypatch, capsys):
    with list_file.watching() as watch:
        watch("un-sc")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    with list_file.watching() as watch:
        watch("un-sc")
        watch("us-uflpa")
    assert "us-uflpa" in terminal.getvalue()
