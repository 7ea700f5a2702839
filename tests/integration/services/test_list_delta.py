"""A new list version re-screens by delta: who is concerned, who is not, and that nobody is missed (both databases)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from tests.integration.services.conftest import listed, uri
from traceability.lists.diff import diff
from traceability.lists.entries import Identifier, ListEntry, Name
from traceability.lists.match import NameIndex, decision
from traceability.services import list_delta, lists, matching, sql_index, touched
from traceability.services.name_postings import keep_list, of_subject
from traceability.services.screening import Subject
from traceability.storage.postings import SqlPostings
from traceability.storage.tables import AssessmentRow, ListVersionRow, MatchIndexed, Screening

OTHERS = [listed(f"UN.{100 + n}", f"Unrelated Holding Number {n}") for n in range(20)]


NAME = "Kamituga Alluvial Comptoir"


@pytest.fixture
def told(world):
    """A shipment that was assessed, of a lot from a mine whose name tells it apart."""
    world.mine = world.party(NAME, ["mine"], "RW")
    world.site(world.mine, "pit", "RW")
    world.lists(*OTHERS)
    world.chain(lot := uri(world.mine, "lot", "A"))
    world.shipment([lot])
    world.work()
    return world


def newest(world, list_id="un-sc"):
    with world.service.store.read() as session:
        query = select(ListVersionRow).where(ListVersionRow.list_id == list_id).order_by(ListVersionRow.id.desc())
        return session.exec(query.limit(1)).one()


def runs(world):
    with world.service.store.read() as session:
        return len(session.exec(select(AssessmentRow)).all())


def test_who_is_not_concerned_is_not_assessed_again(told):
    before = runs(told)
    told.load("un-sc", listed("UN.1x", "Nobody Of That Name Inc"), *OTHERS, published="2026-11-21")
    told.work()
    assert runs(told) == before
    delta = newest(told).delta
    assert (delta["added"], delta["removed"], delta["everything"], delta["assessments"]) == (1, 1, None, 0)


def test_who_is_listed_now_is_assessed_again_and_once_more_when_delisted(told):
    before = runs(told)
    told.load(
        "un-sc",
        listed("UN.1", "Nobody Of That Name Inc"),
        *OTHERS,
        listed("UN.9", NAME),
        published="2026-11-21",
    )
    told.work()
    assert runs(told) > before
    delta = newest(told).delta
    assert (delta["added"], delta["everything"], delta["outcomes_changed"] > 0) == (1, None, True)
    again = runs(told)
    told.load("un-sc", listed("UN.1", "Nobody Of That Name Corp"), *OTHERS, published="2026-11-22")
    told.work()
    assert runs(told) > again
    assert newest(told).delta["removed"] == 1


def test_a_programme_that_changes_changes_no_outcome(told):
    rows = [listed("UN.1", "Nobody Of That Name Inc"), *OTHERS]
    told.load("un-sc", *rows, listed("UN.9", NAME, programmes="A"), published="2026-11-21")
    told.work()
    before = runs(told)
    told.load("un-sc", *rows, listed("UN.9", NAME, programmes="B"), published="2026-11-22")
    told.work()
    assert runs(told) == before
    assert (newest(told).delta["changed"], newest(told).delta["outcomes_changed"]) == (1, 0)


def test_an_area_concerns_what_mentions_its_country(told):
    area = {"kind": "area", "primary": "Somewhere"}
    old = {"entry_key": "CD-NK", "kind": "area", "primary": "Kivu", "country": "CD", "code": "CD-NK"}
    before = runs(told)
    told.load("eu-cahra", old, {"entry_key": "XX", "country": "SO", "code": "SO", **area}, published="2026-11-21")
    told.work()
    assert (runs(told), newest(told, "eu-cahra").delta["everything"]) == (before, None)
    told.load(
        "eu-cahra", old, {"entry_key": "XX", "country": "SO", "code": "SO", **area},
        {"entry_key": "RW", "country": "RW", "code": "RW", **area}, published="2026-11-22",
    )  # fmt: skip
    told.work()
    assert runs(told) > before, "the mine is in Rwanda"


def test_another_coverage_concerns_everything(told):
    before = runs(told)
    rows = [listed("UN.1", "Nobody Of That Name Inc"), *OTHERS, listed("UN.999", "Unrelated Holding Number 999")]
    told.load("un-sc", *rows, published="2026-11-21", coverage="partial")
    told.work()
    assert runs(told) > before
    assert "coverage" in newest(told).delta["everything"]


def test_a_version_that_follows_none_concerns_everything(told):
    before = runs(told)
    told.load("un-sc", listed("UN.1", "Nobody Of That Name Inc"), published="2024-01-01")
    told.work()
    assert runs(told) > before


# -- nobody is missed

WORDS = ("Kivu", "Gold", "Trading", "Refinery", "Mbeki", "Okafor", "Ltd", "Jean", "Pierre", "Goldd", "Kivo")
NAMED = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
NUMBERS = st.sampled_from([(), (Identifier("imo", "9187629"),), (Identifier("tax", "800146749", "CO"),)])
ENTRIES = st.dictionaries(st.sampled_from("abcdef"), st.tuples(NAMED, NUMBERS, st.booleans()), max_size=6)
SUBJECTS = st.lists(st.tuples(NAMED, NUMBERS), min_size=1, max_size=6, unique_by=repr)


def entries(drawn):
    return [
        ListEntry("l", key, "party", (Name(name),), numbers, extra={"schema": "Organization"} if company else {})
        for key, (name, numbers, company) in drawn.items()
    ]


def outcomes(index, query):
    hits = index.match(query, as_of=list_delta._ANY_DAY)
    return {(hit.entry_key, hit.match_basis, decision(hit)) for hit in hits}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(old=ENTRIES, new=ENTRIES, who=SUBJECTS)
def test_the_delta_finds_whoever_a_full_screening_finds(sqlite_service, old, new, who):
    subjects = [Subject(name, identifiers=numbers) for name, numbers in who]
    before, after = entries(old), entries(new)
    changes = diff(before, after)
    with sqlite_service.store.writer_engine.connect() as connection:
        from sqlmodel import Session

        session = Session(connection)
        for subject in subjects:
            said = {"name": subject.name, "identifiers": [
                {"scheme": one.scheme, "value": one.value, "country": one.country} for one in subject.identifiers
            ]}  # fmt: skip
            SqlPostings(connection, "P").add(of_subject(subject.key, said))
            session.add(Screening(
                subject_key=subject.key, subject=said, as_of=list_delta._ANY_DAY, at=sqlite_service.clock(), versions=[],
                matcher="m", outcome="hits", hits=[],
            ))  # fmt: skip
        session.flush()
        was = list_delta.Side.of([*changes.removed, *list_delta._were(changes)])
        now = list_delta.Side.of([*changes.added, *list_delta._are(changes)])
        near = dict(list_delta.everybody_near(session, was.index, now.index))
        found = {key for key, query in near.items() if was.outcome(query) != now.outcome(query)}
        connection.rollback()
    full = NameIndex.build(before), NameIndex.build(after)
    queries = {one.key: list_delta.Query(one.name, identifiers=one.identifiers) for one in subjects}
    assert found >= {key for key, query in queries.items() if outcomes(full[0], query) != outcomes(full[1], query)}


# -- the tables answer as the index in memory


def test_the_tables_give_the_answers_of_the_index_in_memory(world):
    rows = [listed("UN.1", "Kivu Gold Refinery Ltd", identifiers="imo::9187629"), listed("UN.2", "Okafor, Jean Pierre")]
    world.load("un-sc", *rows)
    world.load("un-sc", rows[0], listed("UN.3", "Mbeki Trading House"), published="2026-11-22")
    assert touched.index_lists(world.service) > 0
    with world.service.store.read() as session:
        book = lists.Books().at(session, newest(world).published_at)
        tables = sql_index.index_of(session, book)
        assert tables is not book.names
        for name in (
            "Kivu Gold Refinery",
            "Kivvu Gold Refinery",
            "Jean Pierre Okafor",
            "Mbeki Trading House",
            "Nobody",
        ):
            query = list_delta.Query(name, identifiers=(Identifier("imo", "9187629"),))
            for day in (newest(world).published_at, list_delta._ANY_DAY):
                assert tables.match(query, as_of=day) == book.names.match(query, as_of=day), name


def test_tables_of_another_matcher_are_made_again(world, monkeypatch):
    world.load("un-sc", listed("UN.1", "Kivu Gold Refinery Ltd"))
    assert touched.index_lists(world.service) > 0
    assert touched.index_lists(world.service) == 0
    with world.service.store.read() as session:
        book = lists.Books().at(session, newest(world).published_at)
        monkeypatch.setattr("traceability.services.name_postings.MATCHER_VERSION", "another/1")
        assert sql_index.index_of(session, book) is book.names, "what another matcher indexed is not asked"
    assert keep_list(world.service, newest(world).id) > 0
    with world.service.store.read() as session:
        assert {row.matcher for row in session.exec(select(MatchIndexed).where(MatchIndexed.side == "L"))} == {
            "another/1"
        }


def test_another_matcher_or_threshold_screens_everything_again(told, monkeypatch):
    assert touched.sweep(told.service) == 0
    monkeypatch.setattr("traceability.services.matching.MATCHER_VERSION", "another/1")
    matching.settings_hash.cache_clear()
    try:
        assert touched.sweep(told.service) == 1
        before = runs(told)
        told.work()
        assert runs(told) > before
        assert touched.sweep(told.service) == 0
    finally:
        matching.settings_hash.cache_clear()


def test_a_few_names_are_answered_without_an_index_in_memory(world):
    world.load("un-sc", listed("UN.1", "Kivu Gold Refinery Ltd"))
    assert touched.index_lists(world.service) > 0
    assert touched.index_lists(world.service) == 0
    query = list_delta.Query("Kivvu Gold Refinery")
    found = matching.match_many(world.service, [query], newest(world).published_at)
    assert [hit.entry_key for hit in found.hits[0]] == ["UN.1"]
    assert "names" not in vars(found.book)
    many = matching.match_many(world.service, [query] * 51, newest(world).published_at)
    assert "names" in vars(many.book)
    assert set(many.hits) == set(found.hits)
