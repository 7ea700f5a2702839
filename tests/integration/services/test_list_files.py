"""Publishers' files into a service: all or nothing, the version in force stays, and what waits is kept (screening 1)."""

import hashlib
import io
import json
import zipfile
from datetime import date

import pytest
import sqlalchemy as sa

from tests.integration.services.conftest import ADMIN
from traceability.errors import Conflict, Forbidden, InvalidInput, NotFound, TooLarge
from traceability.lists.gathered import GATHERED, gathered, pack
from traceability.services import list_files, list_review, lists
from traceability.services.fsck import fsck
from traceability.storage.tables import ListReviewRow

DAY = date(2026, 12, 1)
UFLPA = (
    "<p>section 2(d)(2)(B)(ii)</p><table><tr><td>Name of Entity</td><td>Effective Date</td></tr>{}</table>"
)  # fmt: skip


def page(*names, day="August 9, 2024"):
    rows = "".join(f"<tr><td>{name}</td><td>{day}</td></tr>" for name in names)
    return UFLPA.format(rows).encode()


def own(text, **said):
    about = {
        "file": "own.csv", "list_id": "own-list", "format": "csv", "part": "", "address": "https://own.example/list",
        "retrieved_at": "2026-11-10",
    }  # fmt: skip
    return gathered(text.encode(), **about | said)


def uflpa(*names, retrieved="2026-11-10", **more):
    return gathered(
        page(*names, **more), file="page.html", list_id="us-uflpa", format="uflpa-html", part="",
        address="https://www.dhs.gov/uflpa-entity-list", retrieved_at=retrieved,
    )  # fmt: skip


def load(world, *files, **options):
    return list_files.load_bundle(world.service, ADMIN, pack(files), **options)


def status(world, list_id):
    return next(row for row in lists.status(world.service, DAY) if row["list_id"] == list_id)


def names_of(world, list_id):
    with world.service.store.read() as session:
        book = lists.Books().at(session, DAY)
    return [entry.name for entry in book.entries[list_id] if entry.valid_to is None]


NAMES = [f"Company {number} Co., Ltd." for number in range(150)]


def test_a_saved_page_is_read_and_in_force_with_its_source(world):
    (done,) = load(world, uflpa(*NAMES))
    assert (done.list_id, done.rows, done.coverage, done.changed) == ("us-uflpa", 150, "full", True)
    assert (done.added, done.removed, done.altered, done.for_review) == (150, 0, 0, 0)
    found = status(world, "us-uflpa")
    assert found["source_url"] == "https://www.dhs.gov/uflpa-entity-list"
    assert found["source_sha256"] == hashlib.sha256(page(*NAMES)).hexdigest() == found["sources"][0]["sha256"]
    assert found["version"] == f"sha256:{found['source_sha256']}"
    (again,) = load(world, uflpa(*NAMES))
    assert not again.changed


def test_a_later_file_says_what_has_changed(world):
    load(world, uflpa(*NAMES))
    changed = ["Company 0 Co., Ltd. (also known as Zero)", *NAMES[2:], "A New One Co., Ltd."]
    (done,) = load(world, uflpa(*changed, retrieved="2026-11-15"))
    assert (done.added, done.removed, done.altered) == (1, 1, 1)


def test_the_same_file_on_a_later_day_makes_the_list_younger(world):
    load(world, uflpa(*NAMES))
    age = status(world, "us-uflpa")["age_days"]
    (done,) = load(world, uflpa(*NAMES, retrieved="2026-11-15"))
    assert (done.changed, done.added, done.removed, done.altered) == (True, 0, 0, 0)
    assert status(world, "us-uflpa")["age_days"] == age - 5
    (done,) = load(world, uflpa(*NAMES, retrieved="2026-11-12"))
    assert not done.changed


def test_a_file_outside_the_expected_size_is_refused_and_the_version_in_force_stays(world):
    load(world, uflpa(*NAMES))
    with pytest.raises(InvalidInput, match="us-uflpa: expected 144 to 280 entries, got 36"):
        load(world, uflpa(*NAMES[:36]), dropping=["us-uflpa"])
    assert len(names_of(world, "us-uflpa")) == 150
    with pytest.raises(Conflict, match="leaves out 114 of the 150"):
        load(world, uflpa(*NAMES[:36]), as_partial=["us-uflpa"])
    (done,) = load(world, uflpa(*NAMES[:36]), as_partial=["us-uflpa"], dropping=["us-uflpa"])
    assert (done.coverage, status(world, "us-uflpa")["coverage"]) == ("partial", "partial")


def test_of_a_bundle_all_is_loaded_or_nothing_and_every_list_is_told(world, counts):
    before = counts()
    with pytest.raises(InvalidInput) as refused:
        load(world, own("id,name\n1,A Mine\n"), uflpa("One"), own("x", list_id="other", file="other.csv"))
    assert [problem.path for problem in refused.value.problems] == ["us-uflpa", "other"]
    assert counts() == before
    load(world, own("id,name\n1,A Mine\n"), uflpa(*NAMES))
    assert {row["list_id"] for row in lists.status(world.service, DAY)} >= {"own-list", "us-uflpa"}


def test_an_own_list_with_a_map_of_columns_and_its_own_bounds(world):
    mapped = {"columns": json.dumps({"id": "Nr", "name": "Firma"}), "title": "Our list", "publisher": "We"}
    more = {"expected_min": "2", "expected_max": "3", "max_age_days": "7"}
    text = "Nr,Firma\n1,Mine One\n2,Mine Two\n"
    (done,) = load(world, own(text, **mapped, **more))
    assert (done.rows, names_of(world, "own-list")) == (2, ["Mine One", "Mine Two"])
    found = status(world, "own-list")
    assert (found["name"], found["publisher"], found["max_age_days"]) == ("Our list", "We", 7)
    with pytest.raises(InvalidInput, match="expected 2 to 3 entries, got 1"):
        load(world, own("Nr,Firma\n1,Mine One\n", **mapped, **more))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"address": ""}, "without source address and SHA-256"),
        ({"retrieved_at": "last week"}, "expected a day or a moment"),
        ({"retrieved_at": "2026-12-24"}, "which is yet to come"),
        ({"published_at": "in autumn"}, "expected a day, month or year"),
        ({"list_id": "Own List"}, "expected a list id"),
        ({"list_id": "iso-3166-1"}, "a table of this program"),
        ({"format": "excel"}, "expected a format of un-xml"),
        ({"format": "ofac-advanced-xml"}, "there is no reader for OFAC's advanced XML: no real sample"),
        ({"format": "un-xml"}, "makes the list un-sc"),
        ({"format": "ofac-csv", "list_id": "us-ofac-sdn"}, "needs add, alt, sdn, sdn_comments"),
        ({"kind": "smelters"}, "expected a kind of party"),
        ({"columns": "[1]"}, "expected a JSON object"),
        ({"max_age_days": "soon"}, "expected a whole number"),
        ({"title": "x" * 301}, "at most 300 characters"),
    ],
)
def test_what_is_not_said_rightly_is_refused(quick, said, told):
    with pytest.raises(InvalidInput, match=told):
        load(quick, own("id,name\n1,A Mine\n", **said))
    with pytest.raises(InvalidInput, match=told):
        list_files.load_files(quick.service, ADMIN, [own("id,name\n1,A Mine\n", **said)])


@pytest.mark.parametrize("mark", ["xmlns='http://eu.europa.ec/fpi/fsd/export'", "xmlns='https://x/ADVANCED_XML'"])
def test_a_format_without_a_reader_is_told_whatever_it_is_called(quick, mark):
    file = gathered(
        f"<a {mark}/>".encode(), file="a.xml", list_id="un-sc", format="un-xml", part="", address="https://x/",
        retrieved_at="2026-11-10",
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="no real sample was found"):
        load(quick, file)


def test_a_file_that_is_not_what_its_line_says_is_refused(quick):
    said, _ = own("id,name\n1,A Mine\n")
    with pytest.raises(InvalidInput, match="has not the SHA-256 and size"):
        list_files.load_bundle(quick.service, ADMIN, pack([(said, b"id,name\n2,Another\n")]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(pack([own("id,name\n")]))) as old, zipfile.ZipFile(out, "w") as new:
        new.writestr(GATHERED, old.read(GATHERED))
    with pytest.raises(InvalidInput, match="is missing"):
        list_files.load_bundle(quick.service, ADMIN, out.getvalue())


def test_a_bundle_that_unpacks_without_measure_is_refused(quick):
    with pytest.raises(TooLarge):
        load(quick, own("id,name\n" + "0" * 30_000_000))


def test_only_an_admin_loads_and_reads(quick):
    with pytest.raises(Forbidden):
        list_files.load_files(quick.service, quick.officer(), [])
    with pytest.raises(Forbidden):
        list_review.mark_read(quick.service, quick.officer(), "us-uflpa", 1, "read and understood")


# -- what waits for review


RULE = "Parent Co., Ltd. and its subsidiaries"


def waiting(world, list_id="us-uflpa"):
    version = lists.version_in_force(world.service, list_id, DAY)
    return list_review.review_of(world.service, ADMIN, version.id)


def test_a_list_is_partial_while_a_row_waits_and_whole_when_it_was_read(world):
    (done,) = load(world, uflpa(*NAMES, RULE))
    assert done.for_review == 1
    (row,) = waiting(world)
    assert (row["raw"], row["lost"], row["state"], row["read_by"]) == (
        "Parent Co., Ltd. and its subsidiaries", True, "waiting", None,
    )  # fmt: skip
    assert status(world, "us-uflpa")["sentence"] == "UFLPA Entity List is partial (1 row waits in the review queue)"
    with world.service.store.read() as session:
        assert world.service.books.at(session, DAY).versions["us-uflpa"].waiting == 1
    read = list_review.mark_read(world.service, ADMIN, "us-uflpa", row["id"], " Asked the parent; names in own list. ")
    assert (read["state"], read["read_by"], read["note"]) == ("read", "root", "Asked the parent; names in own list.")
    assert status(world, "us-uflpa")["coverage"] == "full"
    with world.service.store.read() as session:
        assert world.service.books.at(session, DAY).versions["us-uflpa"].waiting == 0
    assert waiting(world) == [read]


def test_what_was_read_stays_read_in_the_next_version_and_a_changed_row_waits_again(world):
    load(world, uflpa(*NAMES, RULE))
    list_review.mark_read(world.service, ADMIN, "us-uflpa", waiting(world)[0]["id"], "subsidiaries looked up")
    load(world, uflpa(*NAMES, RULE, "A New One Co., Ltd.", retrieved="2026-11-15"))
    assert [(row["state"], row["note"]) for row in waiting(world)] == [("read", "subsidiaries looked up")]
    load(
        world,
        uflpa(*NAMES, "Parent Co., Ltd. and its nine subsidiaries", retrieved="2026-11-16"),
        dropping=["us-uflpa"],
    )
    assert [row["state"] for row in waiting(world)] == ["waiting"]
    assert check(world) == []


def test_reading_is_once_and_says_something(quick):
    load(quick, uflpa(*NAMES, RULE))
    row = waiting(quick)[0]["id"]
    with pytest.raises(InvalidInput, match="at least 10 characters"):
        list_review.mark_read(quick.service, ADMIN, "us-uflpa", row, "ok        ")
    for list_id, number in (("un-sc", row), ("us-uflpa", row + 1)):
        with pytest.raises(NotFound):
            list_review.mark_read(quick.service, ADMIN, list_id, number, "read and understood")
    list_review.mark_read(quick.service, ADMIN, "us-uflpa", row, "read and understood")
    with pytest.raises(Conflict, match="was read before"):
        list_review.mark_read(quick.service, ADMIN, "us-uflpa", row, "read and understood")
    with pytest.raises(NotFound, match="no list 'nowhere'"):
        lists.version_in_force(quick.service, "nowhere", DAY)


def test_who_read_a_row_is_told_to_admins_alone(quick):
    load(quick, uflpa(*NAMES, RULE))
    version = lists.version_in_force(quick.service, "us-uflpa", DAY)
    (row,) = list_review.review_of(quick.service, quick.officer(), version.id)
    assert "read_by" not in row


def test_everything_is_assessed_again_once_nothing_waits(world):
    load(world, uflpa(*NAMES, RULE))
    world.lists()
    world.chain("https://lot.example/1")
    shipment = world.shipment(["https://lot.example/1"], destination_country="US")
    world.work()
    said = {one["list_id"]: one["state"] for one in world.state("shipment", shipment).assessment.coverage}
    assert said["us-uflpa"] == "partial"
    list_review.mark_read(world.service, ADMIN, "us-uflpa", waiting(world)[0]["id"], "subsidiaries looked up")
    world.work()
    said = {one["list_id"]: one["state"] for one in world.state("shipment", shipment).assessment.coverage}
    assert said["us-uflpa"] == "full"


def test_the_rows_of_the_seed_come_with_their_tables(quick):
    folder = quick.service.settings.seed_dir / "lists"
    done = {one.list_id: one for one in lists.load_folder(quick.service, ADMIN, folder)}
    assert {name: len(waiting(quick, name)) for name in done} == {name: one.for_review for name, one in done.items()}
    assert "rows wait in the review queue" in status(quick, "us-uflpa")["sentence"]
    assert "review queue" not in status(quick, "un-sc")["sentence"]


# -- the audit


def check(world):
    return [problem.what for problem in fsck(world.service, deep=True).problems]


@pytest.mark.parametrize(
    "change",
    [
        {"raw": "Another text"}, {"lost": False}, {"note": "Something else entirely"}, {"read_by": "somebody"},
        {"state": "waiting", "read_by": None, "read_at": None, "note": None, "entry_index": None},
        {"state": "settled"}, {"entry_index": None},
    ],
)  # fmt: skip
def test_a_change_of_a_row_is_found(world, change):
    load(world, uflpa(*NAMES, RULE))
    list_review.mark_read(world.service, ADMIN, "us-uflpa", waiting(world)[0]["id"], "subsidiaries looked up")
    assert check(world) == []
    world.sql(ListReviewRow, ListReviewRow.state == "read", **change)
    assert check(world) != []


def test_a_row_that_is_gone_is_found(world):
    load(world, uflpa(*NAMES, RULE))
    world.service.store.write(lambda tx: tx.session.execute(sa.delete(ListReviewRow)))
    assert check(world) != []
