"""Names against a table of one's own: decisions, coverage, the rows that could not be read, pairs."""

import pytest

LIST = (
    "id,name,schema,country,identifiers,aliases\n"
    "1,Machanga Ltd,Organization,UG,,\n"
    "2,Great Lakes Trading Company SARL,Organization,CD,lei:5493001KJTIIGC8Y1R12,GLTC Trading House\n"
)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    return path


def test_the_shape(run, table):
    done = run("match", "Machanga Ltd", "--against", table, "--json")
    assert done.code == 1
    assert len(done.json) == 1
    row = done.json[0]
    assert list(row) == ["query", "decision", "coverage", "candidates"]
    assert (row["query"], row["decision"]) == ("Machanga Ltd", "review")
    assert row["coverage"] == [
        {"list_id": "list.csv", "version": None, "state": "full", "rows": 2, "sentence": "list.csv is full"}
    ]
    candidate = row["candidates"][0]
    assert candidate | {"alignment": []} == {
        "id": "1", "name": "Machanga Ltd", "score": 1.0, "decision": "review", "match_basis": "fuzzy_name",
        "alignment": [], "list_id": "list.csv", "list_version": None,
    }  # fmt: skip
    assert candidate["alignment"][0] == {
        "how": "word", "query": "machanga", "listed": "machanga", "similarity": 1.0, "weight": 15.666, "points": 1.0,
    }  # fmt: skip


def test_several_names_in_order_and_none(run, table):
    done = run("match", "Nobody Known", "Great Lakes Trading Company SARL", "--schema", "Organization",
               "--against", table, "--jsonl")  # fmt: skip
    assert done.code == 1
    assert [(row["query"], row["decision"]) for row in done.lines] == [
        ("Nobody Known", "none"), ("Great Lakes Trading Company SARL", "match"),
    ]  # fmt: skip
    assert done.lines[1]["candidates"][0]["match_basis"] == "exact_name"
    quiet = run("match", "Nobody Known", "--against", table)
    assert (quiet.code, quiet.out) == (0, "Nobody Known: none\n")


def test_a_table_of_names_with_identifiers(run, table, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text(
        "id,name,schema,country,identifiers\na,Renamed Since,Organization,,lei:5493001KJTIIGC8Y1R12\nb,Machanga Ltd,,UG,\n"
    )
    done = run("match", "--names", names, "--against", table, "--json")
    assert done.code == 1
    assert [(next(iter(row)), row["id"], row["decision"]) for row in done.json] == [
        ("id", "a", "match"),
        ("id", "b", "match"),
    ]
    assert done.json[0]["candidates"][0]["match_basis"] == "identifier"


BORN = "id,name,schema,birth_dates\n1,Jean Kambale Mutombo,Person,1970-01-02\n"


def test_dates_of_birth_tell_namesakes_apart(run, tmp_path):
    path, names = tmp_path / "list.csv", tmp_path / "names.csv"
    path.write_text(BORN)
    names.write_text(BORN.replace("\n1,", "\nsame,") + "other,Jean Kambale Mutombo,Person,1985-03-04\n")
    rows = run("match", "--names", names, "--against", path, "--json").json
    assert [(row["id"], row["decision"], row["candidates"][0]["match_basis"]) for row in rows] == [
        ("same", "match", "exact_name"),
        ("other", "review", "fuzzy_name"),
    ]
    one = run("match", "Jean Kambale Mutombo", "--born", "1985", "--against", path, "--explain")
    assert "-0.25 born: 1985 = 1970-01-02" in one.out
    assert "review" in one.out


def test_a_date_of_birth_in_another_form_is_told(run, table, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("id,name,birth_dates\na,Jean Kambale,04/03/1985\nb,Jean Kambale,1985-02-30\nc,Jean Kambale,\n")
    done = run("match", "--names", names, "--against", table, "--json")
    assert (done.code, [row["id"] for row in done.json]) == (2, ["a", "b", "c"])
    assert "line 2: column birth_dates: expected dates such as 1948-12-10" in done.err
    assert "line 3: column birth_dates" in done.err
    assert run("match", "Jean Kambale", "--born", "about 1985", "--against", table).code == 2
    assert run("match", "Jean Kambale", "Jean", "--born", "1985", "--against", table).code == 2


def test_rows_that_cannot_be_read_are_told_and_the_others_done(run, table, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("id,name,country\na,,UG\nb,Machanga Ltd,Uganda\nc,Machanga Ltd,UG\n")
    done = run("match", "--names", names, "--against", table, "--json")
    assert done.code == 2
    assert [row["id"] for row in done.json] == ["c"]
    assert "line 2" in done.err
    assert "line 3" in done.err


def test_a_list_with_rows_that_cannot_be_read_is_partial(run, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(LIST + "3,,Organization,CD,,\n")
    done = run("match", "Nobody Known", "--against", path, "--json")
    assert (done.code, done.json[0]["decision"]) == (0, "none")
    assert done.json[0]["coverage"][0]["state"] == "partial"
    assert "line 4" in done.err
    assert "partial" in run("match", "Nobody Known", "--against", path).out


def test_explain(run, table):
    assert "legal_form" not in run("match", "Machanga Limited", "--against", table).out
    assert "legal_form: ltd = ltd" in run("match", "Machanga Limited", "--against", table, "--explain").out


def test_as_of(run, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("id,name,valid_from\n1,Machanga Ltd,2024-08-09\n")
    assert run("match", "Machanga Ltd", "--against", path, "--as-of", "2024-08-08").code == 0
    assert run("match", "Machanga Ltd", "--against", path, "--as-of", "2024-08-09").code == 1
    assert run("match", "Machanga Ltd", "--against", path, "--as-of", "soon").code == 2


def test_pairs(run, tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("name1,name2,schema\nMachanga Ltd,MACHANGA LTD.,Organization\nOne,Another,\n")
    done = run("match", "--pairs", path, "--json")
    assert done.code == 1
    assert [list(row) for row in done.json] == [["row", "score", "decision", "alignment"]] * 2
    assert [(row["row"], row["decision"]) for row in done.json] == [(1, "review"), (2, "none")]
    assert done.json[1] == {"row": 2, "score": 0.0, "decision": "none", "alignment": []}
    assert run("match", "--pairs", path, "--explain").out.startswith("1: review 1.00")


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xff\xfe", b'name1,name2\n"x'])
def test_bad_pairs(run, tmp_path, content):
    path = tmp_path / "pairs.csv"
    path.write_bytes(content)
    assert run("match", "--pairs", path).code == 2


def test_wrong_calls(run, table, tmp_path):
    assert run("match").code == 2
    assert run("match", "A", "--pairs", table).code == 2
    assert run("match", "A", "--against", tmp_path / "absent.csv").code == 2
    other = tmp_path / "x.csv"
    other.write_text("a,b\n")
    assert run("match", "A", "--against", other).code == 2


def test_without_a_database_there_is_no_list(run):
    done = run("match", "A", "--against", "un-sc")
    assert (done.code, "there is no database" in done.err) == (3, True)
