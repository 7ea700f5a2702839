from hypothesis import given
from hypothesis import strategies as st

from traceability.lists.keys import asked_by, keys_of
from traceability.lists.nameform import forms_of
from traceability.lists.orgforms import default_forms


def form(name, schema="Organization"):
    return next(forms_of(name, schema, default_forms()))


def test_keys_of_a_latin_name():
    assert keys_of(form("Kivu Gold Refinery Ltd")) == (
        "t:kivu", "t:gold", "t:refinery", "p:kivu", "s:kivu", "p:gold", "s:gold", "p:refi", "s:nery",
        "j:kivugol", "J:goldkivure", "k:gld", "k:rfnr",
    )  # fmt: skip


def test_a_short_name_is_found_exactly_or_not_at_all():
    assert keys_of(form("M23")) == ()


def test_a_name_in_another_script_has_its_own_words_too():
    keys = keys_of(form("新疆合盛", "Organization"))
    assert {"n:新疆合盛", "b:新疆", "b:疆合", "b:合盛"} <= set(keys)
    assert not {key for key in keys if key[0] in "kK"}, "only scripts without vowels meet by consonants"


def test_consonants_meet_those_of_other_scripts_only():
    latin, arabic = form("Mohammed Rahman", "Person"), form("محمد رحمن", "Person")
    assert set(asked_by(arabic)) & set(keys_of(latin)) & {key for key in keys_of(latin) if key[0] == "k"}
    assert set(asked_by(latin)) & {key for key in keys_of(arabic) if key[0] == "K"}
    assert not {key for key in asked_by(latin) if key[0] in "kK"} & set(keys_of(latin))


@given(st.text(max_size=60), st.sampled_from(["Person", "Organization", ""]))
def test_keys_come_once_and_their_number_is_bounded(name, schema):
    for one in forms_of(name, schema, default_forms()):
        keys = keys_of(one)
        assert len(set(keys)) == len(keys) <= 3 * 40 + 2 + 2 * 300
        assert len(asked_by(one)) == len(keys)
