import pickle
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.lists.entries import Identifier, ListEntry, Name
from traceability.lists.match import NameIndex, Query, band, decide, decision, match_pair
from traceability.lists.seedfile import read_list, read_manifest

DAY = date(2026, 3, 1)


def ask(entries, name, on=DAY, **known):
    return NameIndex.build(entries).match(Query(name, **known), as_of=on)


def basis(entries, name, **known):
    return [(hit.match_basis, str(hit.score)) for hit in ask(entries, name, **known)]


# -- exact names


def test_an_organisation_by_its_whole_name_is_exact(party):
    company = party("Example Copper Mining Co., Ltd.", schema="Organization")
    assert basis([company], "EXAMPLE COPPER MINING CO LTD") == [("exact_name", "1")]


def test_another_legal_form_is_a_question(party):
    company = party("Example Copper Co., Ltd.", schema="Organization")
    assert basis([company], "Example Copper Company Limited") == [("fuzzy_name", "0.99")]
    assert basis([company], "Example Copper") == [("fuzzy_name", "0.95")]
    assert basis([company], "Example Copper GmbH") == [("fuzzy_name", "0.9")]
    assert basis([company], "ExampleCopper GmbH") == [("fuzzy_name", "0.88")]


def test_one_distinctive_word_is_a_question_until_the_country_agrees(party):
    company = party("Machanga Ltd", schema="Organization", country="UG")
    assert basis([company], "Machanga Ltd.") == [("fuzzy_name", "1")]
    assert basis([company], "Machanga Ltd.", country="UG") == [("exact_name", "1")]
    assert basis([company], "Machanga Ltd.", country="KE") == [("fuzzy_name", "0.9")]


def test_a_persons_name_alone_is_a_question(party):
    person = party("MANDRO, Khawa Panga", schema="Person", country="CD")
    assert basis([person], "Khawa Panga Mandro") == [("fuzzy_name", "1")]
    assert basis([person], "Khawa Panga MANDRO", country="CD") == [("exact_name", "1")]
    assert basis([person], "Mandro Khawa Panga", country="CD") == [("exact_name", "1")]


def test_an_entry_of_unknown_kind_needs_the_query_to_say_organisation(party):
    assert basis([party("Alpha Beta Mining")], "Alpha Beta Mining") == [("fuzzy_name", "1")]
    assert basis([party("Alpha Beta Mining")], "Alpha Beta Mining", schema="Organization") == [("exact_name", "1")]
    assert basis([party("Alpha Beta Mining", schema="LegalEntity")], "Alpha Beta Mining", schema="Company") == [
        ("exact_name", "1")
    ]
    company = party("Alpha Beta Mining", schema="Organization")
    assert basis([company], "Alpha Beta Mining", schema="Person") == [("fuzzy_name", "1")]


def test_common_words_do_not_tell_companies_apart(party):
    listed = party("General Trading Ltd", schema="Organization")
    assert basis([listed], "General Trading Ltd") == [("fuzzy_name", "1")]
    listed = party("Trading Ltd", schema="Organization")
    # The same word with another legal form names half the world: nothing is said.
    assert basis([listed], "Trading LLC") == []
    assert basis([listed], "Trading Ltd") == [("fuzzy_name", "1")]


def test_a_common_name_with_its_country_is_exact(party):
    listed = party("Western Gold Co., Ltd.", schema="Organization", country="CN")
    assert basis([listed], "Western Gold Co Ltd") == [("fuzzy_name", "1")]
    assert basis([listed], "Western Gold Co Ltd", country="CN") == [("exact_name", "1")]


@pytest.mark.parametrize("quality", ["strong", "original_script"])
def test_strong_aliases_and_native_names_count_as_the_name(party, quality):
    entry = party(
        names=(Name("Xinjiang Zhonghe Co., Ltd."), Name("Xinjiang Joinworld Co., Ltd.", quality)), schema="Organization"
    )
    (hit,) = ask([entry], "Xinjiang Joinworld Co Ltd")
    assert (hit.match_basis, hit.listed_name, hit.name_quality) == (
        "exact_name",
        "Xinjiang Joinworld Co., Ltd.",
        quality,
    )


def test_a_former_name_is_a_question(party):
    entry = party(
        names=(Name("Henan Yumian Logistics"), Name("841 Cotton Transfer Warehouse", "former")), schema="Organization"
    )
    assert basis([entry], "841 Cotton Transfer Warehouse") == [("fuzzy_name", "1")]


def test_a_weak_alias_is_never_more_than_a_question(party):
    entry = party(
        names=(Name("Banco Nacional de Cuba"), Name("Blue Banco", "weak")), country="CU", schema="Organization"
    )
    (alone,) = ask([entry], "Blue Banco")
    assert (alone.match_basis, decision(alone)) == ("fuzzy_name", "none")
    (backed,) = ask([entry], "Blue Banco", country="CU")
    assert (backed.match_basis, decision(backed)) == ("fuzzy_name", "review")


def test_the_surest_name_of_an_entry_answers(party):
    entry = party(names=(Name("Example Tin", "weak"), Name("Example Tin Ltd")), schema="Organization")
    (hit,) = ask([entry], "Example Tin")
    assert (hit.listed_name, hit.score) == ("Example Tin Ltd", Decimal("0.95"))


# -- traps


def test_short_names_are_exact_or_nothing(party):
    assert basis([party("M23", schema="Organization")], "M23") == [("fuzzy_name", "1")]
    assert ask([party("M23", schema="Organization")], "M23 Ltd") == []
    assert ask([party("T-Motor", schema="Organization")], "Toyota Motor") == []


def test_legal_forms_alone_never_match(party):
    assert ask([party("Holding Company Limited", schema="Organization")], "Company Limited") == []
    assert ask([party("Alpha Co., Ltd.", schema="Organization")], "Co., Ltd.") == []


def test_numbers_are_part_of_the_name(party):
    assert ask([party("Mine No. 7 Tungsten", schema="Organization")], "Mine No. 9 Tungsten") == []


def test_parent_and_subsidiary_are_two(party):
    assert ask([party("Western Gold Hami Gold Mine Co., Ltd.", schema="Organization")], "Western Gold Co., Ltd.") == []


def test_two_companies_in_one_name_are_both_found(party):
    entry = party(
        "COMPAGNIE AERIENNE DES GRANDS LACS (CAGL) ; GREAT LAKES BUSINESS COMPANY (GLBC)", schema="Organization"
    )
    (hit,) = ask([entry], "Great Lakes Business Company")
    assert (hit.match_basis, hit.score) == ("fuzzy_name", Decimal("0.93"))
    assert ask([entry], "Compagnie Aerienne des Grands Lacs")


def test_brackets_do_not_split_and_may_be_left_out(party):
    entry = party("Kashgar Construction Engineering (Group) Co., Ltd.", schema="Organization")
    assert basis([entry], "Kashgar, Construction Engineering (Group) Co.; Ltd.") == [("exact_name", "1")]
    assert basis([entry], "Kashgar Construction Engineering Co., Ltd.") == [("fuzzy_name", "0.93")]


def test_two_different_brackets_are_a_weaker_question(party):
    listed, asked = (f"Shuangliang Silicon Materials ({city}) Co., Ltd." for city in ("Baotou", "Batou"))
    assert decision(match_pair(asked, listed, schema="Organization")) == "review"
    other = match_pair(asked, "Shuangliang Silicon Materials (Qinghai) Co., Ltd.", schema="Organization")
    assert other.score < match_pair(asked, listed, schema="Organization").score


def test_across_scripts_it_is_at_most_possible(party):
    entry = party("张磊", names=(Name("张磊矿业公司"),), schema="Organization", country="CN")
    (same,) = ask([entry], "张磊矿业公司", country="CN")
    assert same.match_basis == "exact_name"
    (homophone,) = ask([entry], "章雷矿业公司", country="CN")
    assert (homophone.match_basis, homophone.score) == ("fuzzy_name", Decimal("0.85"))
    assert [step.how for step in homophone.explanation][-2:] == ["country", "script"]


def test_a_foreign_letter_among_latin_ones_is_still_found(party):
    entry = party("Xinjiang Copper Works", schema="Organization")
    assert basis([entry], "Xinji\u0430ng Copper Works") == [("fuzzy_name", "0.85")]


def test_an_empty_name_finds_nothing(party):
    assert ask([party(schema="Organization")], " \u200b.") == []


# -- identifiers


def test_a_renamed_ship_is_found_by_its_number(party):
    ship = party("OCEAN STAR", schema="Vessel", identifiers=(Identifier("imo", "9187629"),))
    (hit,) = ask([ship], "New Name", identifiers=(Identifier("imo", "IMO 9187629"),))
    assert (hit.match_basis, hit.score, decision(hit)) == ("identifier", 1, "match")
    assert hit.explanation[0].as_dict() == {
        "how": "identifier",
        "query": "IMO 9187629",
        "listed": "imo IMO 9187629",
        "points": 1.0,
    }


def test_a_bad_check_digit_is_no_match(party):
    ship = party("OCEAN STAR", schema="Vessel", identifiers=(Identifier("imo", "9187628"),))
    assert ask([ship], "x", identifiers=(Identifier("imo", "9187628"),)) == []


def test_a_national_number_of_another_country_is_no_match(party):
    entry = party("Alpha", identifiers=(Identifier("tax", "800146749", "CO"),))
    assert ask([entry], "x", identifiers=(Identifier("registration", "800146749", "PE"),)) == []
    assert ask([entry], "x", identifiers=(Identifier("registration", "800146749", "CO"),))


# -- time


@pytest.mark.parametrize(("day", "found"), [(date(2024, 8, 1), 0), (date(2024, 8, 8), 0), (date(2024, 8, 9), 1)])
def test_as_of_an_effective_date(party, day, found):
    entry = party(schema="Organization", valid_from=date(2024, 8, 9), identifiers=(Identifier("imo", "9187629"),))
    assert len(ask([entry], entry.name, day)) == found
    assert len(ask([entry], "x", day, identifiers=entry.identifiers)) == found


def test_a_delisted_entry_still_counts_for_its_time(party):
    entry = party(schema="Organization", valid_to=date(2024, 8, 9))
    (hit,) = ask([entry], entry.name, date(2024, 8, 9))
    assert hit.valid_to == date(2024, 8, 9)
    assert ask([entry], entry.name, date(2024, 8, 10)) == []


# -- the answer


def test_hits_come_surest_first_and_once_per_entry(party):
    entries = [
        party("Example Sunrise Ltd", key="b", schema="Organization"),
        party("Example Sunrise", key="a", schema="Organization"),
        party("Example Sunrise", key="z", list_id="un-sc", schema="Organization"),
    ]
    found = ask(entries, "Example Sunrise")
    assert [(hit.list_id, hit.entry_key) for hit in found] == [("un-sc", "z"), ("us-uflpa", "a"), ("us-uflpa", "b")]
    assert decide(found) == "match"
    assert decide(found[2:]) == "review"
    assert decide([]) == "none"


def test_the_explanation_goes_word_by_word(party):
    (hit,) = ask(
        [party("Example Copper Co., Ltd.", schema="Organization", country="CN")], "Example-Copper AG", country="CN"
    )
    assert [(step.how, step.query, step.listed) for step in hit.explanation] == [
        ("word", "example", "example"),
        ("word", "copper", "copper"),
        ("legal_form", "ag", "coltd"),
        ("country", "CN", "CN"),
    ]


def test_the_score_never_falls_below_the_question(party):
    entry = party("Example Copper Co., Ltd.", schema="Organization", country="CN")
    (hit,) = ask([entry], "ExampleCopper AG", country="NL")
    assert hit.score == Decimal("0.75")
    assert decision(hit) == "review"


def test_pairs():
    assert match_pair("Siemens AG", "Siemens Aktiengesellschaft", schema="Organization").score == Decimal("0.99")
    assert decision(match_pair("Volkswagen Bank AG", "Siemens Bank AG")) == "none"
    assert match_pair("Volkswagen AG", "Siemens AG") is None
    assert match_pair("One", "Another") is None
    assert match_pair("", "Another") is None


@pytest.mark.parametrize(
    ("name", "threshold", "said"),
    [
        ("Example Copper Mining Co Ltd", "0.75", "strong"),
        ("Example Cuprum Mining Holdings", "0.75", "none"),
        ("Mining Examplo Coper", "0.75", "possible"),
        ("Mining Examplo Coper", "0.88", "none"),
    ],
)
def test_bands(name, threshold, said):
    hit = match_pair(name, "Example Copper Mining Co., Ltd.", schema="Organization")
    assert band(hit, Decimal(threshold)) == said


def test_an_identifier_identifies(party):
    ship = party("OCEAN STAR", schema="Vessel", identifiers=(Identifier("imo", "9187629"),))
    (hit,) = ask([ship], "x", identifiers=ship.identifiers)
    assert band(hit) == "identified"


def test_only_parties_are_indexed():
    assert (
        ask([ListEntry("eu-cahra", "CD", "area", (Name("Democratic Republic of the Congo"),), code="CD")], "Congo")
        == []
    )


def test_an_index_can_be_sent_to_a_process(party):
    index = pickle.loads(pickle.dumps(NameIndex.build([party(schema="Organization")])))
    assert index.match(Query("Example Copper Mining Co Ltd"), as_of=DAY)


@given(st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=80))
def test_any_two_names_are_answered(one, other):
    index = NameIndex.build([ListEntry("l", "1", "party", (Name(one),), extra={"schema": "Organization"})])
    for hit in index.match(Query(other, country="CD"), as_of=DAY):
        assert Decimal(0) <= hit.score <= 1
        assert hit.explanation


@given(st.text(st.characters(), min_size=1, max_size=80))
def test_a_listed_name_finds_itself(name):
    index = NameIndex.build([ListEntry("l", "1", "party", (Name(name),))])
    found = index.match(Query(name), as_of=DAY)
    assert found or not any(character.isalnum() for character in name) or not index.by_fold


def test_a_hostile_name_costs_little(party):
    index = NameIndex.build([party(schema="Organization")])
    started = time.process_time()
    for hostile in ("(" * 100_000, "( " * 50_000, " ; " * 50_000, "a ; " * 50_000, "a." * 50_000, "," * 100_000):
        index.match(Query(hostile), as_of=DAY)
    assert time.process_time() - started < 2


# -- the lists we ship


@pytest.fixture(scope="session")
def shipped(seed):
    rows = read_manifest(seed / "lists")
    return NameIndex.build(entry for row in rows for entry in read_list(seed / "lists", row)[1])


@pytest.mark.parametrize(
    ("name", "list_id"),
    [
        ("Congomet Trading House", "un-sc"),
        ("Xinjiang Zhonghe Co., Ltd.", "us-uflpa"),
        ("Xinjiang Joinworld Co., Ltd.", "us-uflpa"),
        ("Hoshine Silicon Industry Co. Ltd.", "us-cbp-wro"),
        ("AEROCARIBBEAN AIRLINES", "us-ofac-sdn"),
    ],
)
def test_real_entries_are_found(shipped, name, list_id):
    hits = shipped.match(Query(name), as_of=DAY)
    assert (list_id, "match") in {(hit.list_id, decision(hit)) for hit in hits}


def test_every_listed_name_finds_its_entry(shipped, seed):
    rows = read_manifest(seed / "lists")
    entries = [entry for row in rows for entry in read_list(seed / "lists", row)[1] if entry.kind == "party"]
    lost = []
    for entry in entries[::7]:
        for name in entry.names:
            hits = {
                (hit.list_id, hit.entry_key): hit for hit in shipped.match(Query(name.text), as_of=date(2026, 11, 1))
            }
            hit = hits.get((entry.list_id, entry.entry_key))
            if hit is None or (decision(hit) == "none" and name.quality != "weak"):
                lost.append((entry.list_id, entry.entry_key, name))
    assert lost == []


@pytest.mark.parametrize("name", ["General Trading LLC", "Western Gold Co Ltd", "Trading Company", "Hasan Ali"])
def test_ordinary_names_accuse_nobody(shipped, name):
    assert decide(shipped.match(Query(name), as_of=DAY)) != "match"
