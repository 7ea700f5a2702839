"""A list's versions: its entries by page, what each version changed, and whether a party was listed on a day."""

from datetime import date

import pytest

from tests.integration.services.conftest import listed
from traceability.errors import Forbidden, InvalidQuery, NotFound
from traceability.services import list_history
from traceability.services.access import ROLES, Actor
from traceability.services.list_entry import entry_history, entry_shown, listed_on
from traceability.services.list_history import delta, entries, history

OFFICER = Actor("anna", "anna", "officer", "p")
TIN = listed("UN.1", "Tin Traders Ltd", strong="Étain Négoce", valid_from="2026-02-01")
ORE = listed("UN.2", "Ore House Inc")
OWN = listed("UN.3", "Own Mine SARL", valid_from="2026-01-01", valid_to="2026-06-30")


@pytest.fixture
def three(world):
    """Three versions: the second renames one and drops another, the third adds one."""
    world.load("un-sc", TIN, ORE, OWN, published="2026-03-01")
    world.load("un-sc", {**TIN, "strong": "Tin Brokers"}, OWN, published="2026-06-01")
    new = listed("UN.4", "New Corner GmbH", valid_from="2026-05-01")
    world.load("un-sc", {**TIN, "strong": "Tin Brokers"}, OWN, new, published="2026-09-01")
    return world.service


def keys(page):
    return [entry.entry_key for entry in page.rows]


def test_versions_newest_first(three):
    assert [row.version for row in history(three, "un-sc")] == ["2026-09-01", "2026-06-01", "2026-03-01"]
    with pytest.raises(NotFound, match="no list 'us-uflpa' is loaded"):
        history(three, "us-uflpa")


@pytest.mark.parametrize("role", ROLES)
def test_what_a_version_led_to_is_told_to_admins_alone(three, role):
    """It counts everybody's names and assessments."""
    who = Actor("who", "who", role, "m")
    told = list_history.history_shown(three, who, "un-sc")["versions"]
    if who.may("read_entries"):
        found = list_history.delta_shown(delta(three, who, "un-sc"), who)
        told += [found["from"], found["to"]]
    assert {"delta" in version for version in told} == {role == "admin"}


def test_a_version_loaded_late_stands_where_it_speaks_for(three, world):
    world.load("un-sc", TIN, published="2026-04-01")
    assert [row.version for row in history(three, "un-sc")] == ["2026-09-01", "2026-06-01", "2026-04-01", "2026-03-01"]
    assert delta(three, OFFICER, "un-sc", new="2026-04-01").removed == 2


def test_what_changed_is_named_field_by_field(three):
    found = delta(three, OFFICER, "un-sc", "2026-03-01", "2026-06-01")
    assert (found.added, found.removed, found.changed, found.next_after) == (0, 1, 1, None)
    assert [entry.name for entry in found.page.removed] == ["Ore House Inc"]
    (change,) = found.page.changed
    before, after = change.fields["names"]
    assert list(change.fields) == ["names"]
    assert (before[1]["text"], after[1]["text"]) == ("Étain Négoce", "Tin Brokers")


def test_without_names_from_the_last_but_one_to_the_newest_and_backwards_where_asked(three):
    found = delta(three, OFFICER, "un-sc")
    assert (found.before.version, found.after.version) == ("2026-06-01", "2026-09-01")
    assert [entry.entry_key for entry in found.page.added] == ["UN.4"]
    back = delta(three, OFFICER, "un-sc", "2026-09-01", "2026-06-01")
    assert [entry.entry_key for entry in back.page.removed] == ["UN.4"]
    by_number = delta(three, OFFICER, "un-sc", str(found.before.id), str(found.after.id))
    assert by_number.page == found.page


def test_of_the_first_version_everything_is_new(three):
    found = delta(three, OFFICER, "un-sc", new="2026-03-01")
    assert (found.before, found.added, found.removed, found.changed) == (None, 3, 0, 0)


def test_pages_of_changes_and_of_entries_hold_everything_once(world, monkeypatch):
    monkeypatch.setattr(list_history, "PAGE", 3)
    monkeypatch.setattr(list_history, "_CHUNK", 2)
    names = [listed(f"UN.{n}", f"Company {n} Ltd") for n in range(8)]
    world.load("un-sc", *names, published="2026-03-01")
    world.load("un-sc", *[{**name, "primary": f"{name['primary']} B"} for name in names], published="2026-06-01")
    seen, after = [], ""
    while after is not None:
        found = delta(world.service, OFFICER, "un-sc", after=after)
        assert found.changed == 8
        seen += [change.after.entry_key for change in found.page.changed]
        after = found.next_after
    assert seen == [name["entry_key"] for name in names]
    seen, after = [], ""
    while after is not None:
        page = entries(world.service, OFFICER, "un-sc", "2026-06-01", after=after)
        assert len(page.rows) <= 3
        seen += keys(page)
        after = page.after
    assert sorted(seen) == [name["entry_key"] for name in names]


def test_a_search_is_bounded_and_goes_on(world, monkeypatch):
    monkeypatch.setattr(list_history, "_SCANNED", 4)
    world.load("un-sc", *[listed(f"UN.{n}", f"Company {n} Ltd") for n in range(9)], published="2026-03-01")
    found, after, calls = [], "", 0
    while after is not None:
        page = entries(world.service, OFFICER, "un-sc", "2026-03-01", name="company 8", after=after)
        found, after, calls = found + keys(page), page.after, calls + 1
    assert (found, calls) == (["UN.8"], 3)


def test_entries_in_force_on_a_day_and_by_any_of_their_names(three):
    assert keys(entries(three, OFFICER, "un-sc", "2026-03-01")) == ["UN.1", "UN.2", "UN.3"]
    assert keys(entries(three, OFFICER, "un-sc", "2026-03-01", as_of=date(2026, 1, 15))) == ["UN.2", "UN.3"]
    assert keys(entries(three, OFFICER, "un-sc", "2026-03-01", as_of=date(2026, 7, 1))) == ["UN.1", "UN.2"]
    assert keys(entries(three, OFFICER, "un-sc", "2026-03-01", name="ETAIN negoce")) == ["UN.1"]
    assert keys(entries(three, OFFICER, "un-sc", "2026-06-01", name="etain")) == []
    with pytest.raises(InvalidQuery, match="letters or digits"):
        entries(three, OFFICER, "un-sc", "2026-03-01", name="...")
    with pytest.raises(NotFound, match=r"no version '1999'; the newest are .* \(2026-09-01\)"):
        entries(three, OFFICER, "un-sc", "1999")


@pytest.mark.parametrize(
    ("key", "on", "listed_then", "words"),
    [
        ("UN.1", date(2026, 4, 1), "yes", "speaks for 2026-03-01 from 2026-02-01"),
        ("UN.1", date(2026, 1, 31), "no", "has it only from 2026-02-01"),
        ("UN.1", date(2026, 2, 1), "yes", "from 2026-02-01"),
        ("UN.2", date(2026, 5, 31), "yes", "speaks for 2026-03-01"),
        ("UN.2", date(2026, 6, 1), "no", "speaks for 2026-06-01 does not have it"),
        ("UN.2", date(2026, 1, 1), "unknown", "does not say since when"),
        ("UN.3", date(2026, 6, 30), "yes", "until 2026-06-30"),
        ("UN.3", date(2026, 7, 1), "no", "has it only from 2026-01-01 until 2026-06-30"),
        ("UN.4", date(2026, 9, 1), "yes", "from 2026-05-01"),
        ("UN.4", date(2026, 7, 1), "unknown", "does not have it, a later one does from 2026-05-01"),
        ("UN.4", date(2026, 4, 30), "no", "does not have it"),
        ("UN.4", date(2026, 1, 1), "unknown", "no version here speaks for that day"),
    ],
)
def test_was_it_listed_on_the_day(three, key, on, listed_then, words):
    found = listed_on(entry_history(three, OFFICER, "un-sc", key), on)
    assert found.listed == listed_then, found
    assert words in found.why


def test_what_a_partial_version_does_not_have_is_unknown(world):
    world.load("un-sc", TIN, ORE, published="2026-03-01")
    world.load("un-sc", TIN, published="2026-06-01", coverage="partial")
    found = listed_on(entry_history(world.service, OFFICER, "un-sc", "UN.2"), date(2026, 7, 1))
    assert found.listed == "unknown"
    assert "is partial" in found.why


def test_a_screening_for_that_day_says_the_same(three):
    """The answer is what the book of that day goes by."""
    for key in ("UN.1", "UN.2", "UN.3", "UN.4"):
        kept = entry_history(three, OFFICER, "un-sc", key)
        for on in (date(2026, 4, 1), date(2026, 6, 15), date(2026, 7, 15), date(2026, 9, 15)):
            with three.store.read() as session:
                book = three.books.at(session, on)
            there = [one for one in book.entries["un-sc"] if one.entry_key == key and one.in_force(on)]
            assert {"yes": True, "no": False}.get(listed_on(kept, on).listed, bool(there)) == bool(there), (key, on)


def test_an_alias_that_came_and_went_is_shown_with_its_versions(three):
    shown = entry_shown(entry_history(three, OFFICER, "un-sc", "UN.1"), date(2026, 4, 1))
    first, second, third = (row["id"] for row in shown["versions"])
    names = {name["text"]: name["versions"] for name in shown["names"]}
    assert names == {"Tin Traders Ltd": [first, second, third], "Étain Négoce": [first], "Tin Brokers": [second, third]}
    assert shown["versions"][0]["payload_hash"] != shown["versions"][1]["payload_hash"]
    assert shown["versions"][1]["payload_hash"] == shown["versions"][2]["payload_hash"]
    assert (shown["in_newest"], shown["on"]["listed"], shown["on"]["date"]) == (True, "yes", "2026-04-01")
    assert entry_shown(entry_history(three, OFFICER, "un-sc", "UN.2"), None)["in_newest"] is False
    with pytest.raises(NotFound, match=r"no version of the list 'un-sc' has an entry 'UN\.9'"):
        entry_history(three, OFFICER, "un-sc", "UN.9")


@pytest.mark.parametrize("role", ["supplier", "dpo"])
def test_what_stands_in_lists_is_not_for_suppliers(three, role):
    for ask in (
        lambda who: entries(three, who, "un-sc", "2026-03-01"),
        lambda who: delta(three, who, "un-sc"),
        lambda who: entry_history(three, who, "un-sc", "UN.1"),
    ):
        with pytest.raises(Forbidden):
            ask(Actor("x", "x", role, "p"))
