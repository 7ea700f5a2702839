from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from traceability.lists.diff import diff, payload_hash
from traceability.lists.entries import ListEntry, Name, from_payload

ENTRIES = st.dictionaries(st.sampled_from("abcdef"), st.text(st.characters(), min_size=1, max_size=3)).map(
    lambda found: [ListEntry("l", key, "party", (Name(text),)) for key, text in found.items()]
)


def test_added_removed_changed(party):
    old = [party(key="1"), party(key="2"), party(key="3", country="CD")]
    new = [party(key="2"), party(key="3", country="RW"), party(key="4")]
    found = diff(old, new)
    assert [entry.entry_key for entry in found.added] == ["4"]
    assert [entry.entry_key for entry in found.removed] == ["1"]
    assert [(change.before.country, change.after.country) for change in found.changed] == [("CD", "RW")]
    assert not found.empty


def test_the_hash_is_of_what_is_said(full_entry):
    assert payload_hash(from_payload(full_entry.payload())) == payload_hash(full_entry)
    assert payload_hash(replace(full_entry, source="other")) != payload_hash(full_entry)


@given(ENTRIES, ENTRIES)
def test_the_difference_makes_the_new_version_of_the_old(old, new):
    found = diff(old, new)
    result = {entry.entry_key: entry for entry in old}
    for entry in found.removed:
        del result[entry.entry_key]
    result |= {entry.entry_key: entry for entry in found.added}
    result |= {change.after.entry_key: change.after for change in found.changed}
    assert result == {entry.entry_key: entry for entry in new}
    assert diff(new, new).empty


def test_a_change_names_what_differs_and_never_the_file_it_was_read_from():
    before = ListEntry("x", "1", "party", names=(Name("A"),), country="CD", source_key="a")
    after = replace(before, names=(Name("B"),), country=None, code="CD-NK", source_key="b")
    (change,) = diff([before], [after]).changed
    assert change.fields == {
        "code": (None, "CD-NK"),
        "country": ("CD", None),
        "names": ([{"text": "A", "quality": "primary"}], [{"text": "B", "quality": "primary"}]),
    }
    assert diff([before], [replace(before, source_key="b")]).empty
