"""Smelters of a workbook against a look-up: rows in their order, exit code 1 where a person has to look."""

import io

import pytest
from openpyxl import Workbook

OLD = [
    ("Gold", "Fictional Aurum Refinery", "Fictional Aurum Refinery", "China", "CID990001"),
    ("Gold", "FAR", "Fictional Aurum Refinery", "China", "CID990001"),
    ("Gold", "Exemplar Gold Works", "Exemplar Gold Works", "Peru", "CID990002"),
    ("Gold", "Smelter not listed", None, None, None),
]
NEW = [OLD[0], ("Gold", "Exemplar Gold Works", "Exemplar Precious Metals", "Peru", "CID990002"),
       ("Gold", "Third", "Third", "Peru", "CID990003")]  # fmt: skip


@pytest.fixture
def workbook(tmp_path):
    def make(name, look_up, *rows):
        made = Workbook()
        made.active.title = "Smelter List"
        for sheet, lines in ((made.active, rows), (made.create_sheet("Smelter Look-up"), look_up)):
            for number, cells in enumerate(lines, start=5):
                for column, value in enumerate(cells, start=1):
                    sheet.cell(number, column, value)
        out = io.BytesIO()
        made.save(out)
        (tmp_path / name).write_bytes(out.getvalue())
        return tmp_path / name

    return make


def test_rows_in_their_order(run, workbook):
    rows = [(None, "Gold", "FAR"), ("CID990009", "Gold", "FAR"), (None, "Gold", "Smelter not listed", "Who Knows"),
            (None, "Gold", "Fictional Aurumm Refinery")]  # fmt: skip
    declaration, against = workbook("declaration.xlsx", OLD, *rows), workbook("look-up.xlsx", OLD)
    done = run("smelters", "check", declaration, "--against", against, "--json")
    assert done.code == 1
    said = [(row["row"], row["how"], row["cid"], row["review"]) for row in done.json]
    assert said == [
        (5, "alias", "CID990001", False), (6, "gap", None, True), (7, "gap", None, True), (8, "fuzzy", "CID990001", True),
    ]  # fmt: skip
    assert 0.75 <= done.json[3]["score"] < 1
    text = run("smelters", "check", declaration, "--against", against).out.splitlines()
    assert text[0] == "row 5: FAR: alias, CID990001 Fictional Aurum Refinery"
    clear = workbook("clear.xlsx", OLD, ("CID990001", "Gold"))
    assert run("smelters", "check", clear, "--against", against).code == 0


def test_what_changed_between_two_revisions(run, workbook):
    old, new, same = workbook("old.xlsx", OLD), workbook("new.xlsx", NEW), workbook("same.xlsx", OLD)
    done = run("smelters", "changes", old, new, "--json")
    assert done.code == 1
    renamed = {"cid": "CID990002", "before": "Exemplar Gold Works", "after": "Exemplar Precious Metals"}
    assert done.json == {"added": ["CID990003"], "removed": [], "renamed": [renamed]}
    quiet = run("smelters", "changes", old, same)
    assert (quiet.code, quiet.out) == (0, "no id was added, removed or renamed\n")


def test_a_file_that_is_no_workbook_and_a_list_that_is_not_there(run, tmp_path, workbook):
    (tmp_path / "bad.xlsx").write_bytes(b"no")
    good = workbook("good.xlsx", OLD)
    assert run("smelters", "check", tmp_path / "bad.xlsx", "--against", good).code == 2
    assert run("smelters", "check", tmp_path / "absent.xlsx", "--against", good).code == 2
