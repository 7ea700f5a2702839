"""Who an entry is: the same whatever the order and the other fields, another with any name, number or country."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from traceability.lists.diff import identity_hash
from traceability.lists.entries import QUALITIES, Identifier, ListEntry, Name

TEXTS = st.text(min_size=1, max_size=20)
NAMES = st.lists(st.builds(Name, TEXTS, st.sampled_from(QUALITIES)), min_size=1, max_size=4).map(tuple)
IDENTIFIERS = st.lists(st.builds(Identifier, TEXTS, TEXTS), max_size=3).map(tuple)
ENTRIES = st.builds(
    ListEntry, list_id=st.just("l"), entry_key=TEXTS, kind=st.just("party"), names=NAMES, identifiers=IDENTIFIERS,
    country=st.sampled_from(["RW", "CD", None]), extra=st.just({"birth_date": "1960-01-01"}),
)  # fmt: skip


@given(ENTRIES, st.randoms())
def test_order_and_other_fields_do_not_count(entry, chance):
    names, numbers = list(entry.names), list(entry.identifiers)
    chance.shuffle(names)
    chance.shuffle(numbers)
    other = replace(
        entry, names=tuple(names), identifiers=tuple(numbers), source="elsewhere", source_key="k2", programmes=("X",),
        valid_from=date(2020, 1, 1), valid_to=date(2026, 1, 1), material="tin", forced_labour=True,
        extra={**entry.extra, "remark": "moved"},
    )  # fmt: skip
    assert identity_hash(other) == identity_hash(entry)


@given(ENTRIES)
def test_every_identifying_field_counts(entry):
    longer = entry.names[0].text + "x"
    changed = [
        replace(entry, names=(*entry.names, Name(longer + "y" * 30))),
        replace(entry, identifiers=(*entry.identifiers, Identifier("lei", "5" * 30))),
        replace(entry, country="UG"),
        replace(entry, extra={"countries": "AA|BB", **entry.extra}),
        replace(entry, extra={"birth_date": "1961-01-01"}),
    ]
    assert len({identity_hash(one) for one in (entry, *changed)}) == len(changed) + 1
