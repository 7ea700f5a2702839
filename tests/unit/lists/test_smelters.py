"""Smelters of a declaration: by id, by alias of the metal, by likeness as a question; what names none is a gap."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest

from traceability.lists.entries import Identifier, ListEntry, names
from traceability.lists.match import NameIndex, Query
from traceability.lists.readers.smelter_book import Declared
from traceability.lists.smelters import LookUp, changes


def smelter(cid, name, *aliases, material="gold"):
    listed = (*names("primary", [name]), *names("strong", aliases))
    return ListEntry("look-up", cid, "smelter", listed, (Identifier("cid", cid),), material=material)


ENTRIES = (
    smelter("CID990001", "Fictional Aurum Refinery", "FAR"),
    smelter("CID990002", "Exemplar Gold Works S.A.", "Shared Name"),
    smelter("CID990003", "Exemplar Tin Works S.A.", "FAR", material="tin"),
    smelter("CID990004", "Placeholder Gold Co., Ltd.", "Shared Name"),
)


@pytest.fixture(scope="module")
def look_up():
    return LookUp.build(ENTRIES)


def declared(choice=None, cid=None, *, metal="gold", via="typed", **fields):
    stated = {"row": 5, "name": choice, "country": None, "pseudo": None, "recycled": None, "mines": (), "warnings": ()}
    return Declared(**stated | {"metal": metal, "cid": cid, "via": via if cid else None, "choice": choice} | fields)


def test_an_id_counts_before_any_name(look_up):
    found = look_up.check(declared("FAR", "CID990001"))
    assert (found.how, found.cid, found.listed_name) == ("exact", "CID990001", "Fictional Aurum Refinery")
    assert not found.review
    assert look_up.check(declared(None, "CID990001")).how == "exact"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (declared("Exemplar Gold Works S.A.", "CID990001"), "names Exemplar Gold Works"),
        (declared("FAR", "CID990003"), "a smelter of tin, not of gold"),
    ],
)
def test_an_id_that_does_not_fit_its_row_is_looked_at(look_up, row, said):
    found = look_up.check(row)
    assert (found.how, found.review) == ("exact", True)
    assert said in found.reason


def test_an_id_that_is_not_listed_is_a_gap_with_a_hint(look_up):
    found = look_up.check(declared("FAR", "CID990009"))
    assert (found.how, found.cid, found.review) == ("gap", None, True)
    assert "removed since, or mistyped; its name is that of CID990001" in found.reason
    assert look_up.check(declared("Nobody", "CID990009")).reason.endswith("mistyped")


def test_an_alias_is_of_one_metal(look_up):
    assert look_up.check(declared("far")).cid == "CID990001"
    assert look_up.check(declared("F.A.R", metal="tungsten")).how == "gap"
    assert look_up.check(declared("FAR", metal="tin")).cid == "CID990003"
    found = look_up.check(declared("FAR", metal=None))
    assert (found.how, found.reason) == ("gap", "the name stands for several: CID990001, CID990003")


def test_an_alias_of_several_is_a_gap(look_up):
    found = look_up.check(declared("Shared Name"))
    assert (found.how, found.cid) == ("gap", None)
    assert "CID990002, CID990004" in found.reason


def test_a_malformed_id_beside_a_known_name_is_looked_at(look_up):
    found = look_up.check(declared("FAR", "CID990001", via="lookup_alias", warnings=("typed_id_malformed",)))
    assert (found.how, found.cid, found.review) == ("alias", "CID990001", True)
    assert "malformed" in found.reason


def test_an_alias_only_of_the_workbook_itself_is_looked_at(look_up):
    found = look_up.check(declared("Aurum Works Nine", "CID990001", via="lookup_alias"))
    assert (found.how, found.cid, found.review) == ("alias", "CID990001", True)


def test_a_name_that_is_only_alike_is_always_a_question(look_up):
    found = look_up.check(declared("Fictional Aurumm Refinery Ltd"))
    assert (found.how, found.cid, found.review) == ("fuzzy", "CID990001", True)
    assert Decimal("0.75") <= found.score < 1
    assert look_up.check(declared("Refinery Aurum, Fictional")).how == "fuzzy"
    assert look_up.check(declared("Exemplar Tin Works")).cid != "CID990003"


@pytest.mark.parametrize("pseudo", ["not_listed", "not_yet_identified"])
def test_choices_that_stand_for_no_smelter_are_gaps(look_up, pseudo):
    found = look_up.check(declared("FAR", pseudo=pseudo))
    assert (found.how, found.cid, found.review) == ("gap", None, True)


def test_a_row_or_a_look_up_without_names_is_a_gap(look_up):
    assert look_up.check(declared(None)).reason == "the row names no smelter"
    assert LookUp.build([]).check(declared("FAR")).how == "gap"
    assert LookUp.build([dataclasses.replace(ENTRIES[0], kind="party")]).by_id == {}


def test_to_stand_in_a_look_up_is_no_listing():
    assert NameIndex.build(ENTRIES).match(Query("Fictional Aurum Refinery"), as_of=date(2026, 1, 1)) == []


def test_removed_and_renamed_ids_are_screened_again():
    after = (ENTRIES[0], smelter("CID990002", "Exemplar Precious Metals S.A."), smelter("CID990007", "New One"))
    found = changes(ENTRIES, (*after, dataclasses.replace(ENTRIES[3], country="CN")))
    assert found.added == ("CID990007",)
    assert found.removed == ("CID990003",)
    assert found.renamed == (("CID990002", "Exemplar Gold Works S.A.", "Exemplar Precious Metals S.A."),)
    assert found.rescreen == {"CID990002", "CID990003"}
    assert changes(ENTRIES, ENTRIES).rescreen == frozenset()
