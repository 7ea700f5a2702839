"""Lots and tags of a paper that the chain does not know."""

from collections import Counter

import pytest

from traceability.services.contradictions import contradictions
from traceability.services.contradictions.lots import lots, tags


def lots_of(tell, chain, text):
    return [(one.review, one.read.quote) for one in lots(tell.paper(text), chain)]


def test_a_lot_the_chain_does_not_know(tell, chain):
    [one] = lots(tell.paper("Lot number: CT-2026-099\nMineral: Cassiterite\nNet weight: 4,200 kg\n"), chain)
    assert (one.why, str(one.signed[0])) == (
        "lot CT-2026-099 is not in the chain",
        "CT-2026-014 (extraction, 2026-02-10)",
    )
    assert one.review
    assert one.read.quote == "CT-2026-099"


@pytest.mark.parametrize("lot", ["CT-2026-014", "ct2026/14", "CT-2026-014 / part 1", "TAG-0099871"])
def test_a_lot_or_bag_the_chain_knows(tell, chain, lot):
    assert lots_of(tell, chain, f"Lot number: {lot}\nMineral: Cassiterite\nNet weight: 4,200 kg\n") == []


def test_a_bigger_consignment_names_other_lots_besides(tell, chain):
    rows = "Lot number\tMineral\tNet weight (kg)\nCT-2026-013\tCassiterite\t900\nCT-2026-014\tCassiterite\t4200\n"
    assert lots_of(tell, chain, rows) == []
    assert lots_of(tell, chain, rows.replace("014", "015")) == [(True, "CT-2026-013")]


def test_without_lots_on_either_side_nothing_is_said(tell, chain):
    assert lots_of(tell, chain, "Mineral: Cassiterite\nNet weight: 4,200 kg\n") == []
    assert lots_of(tell, tell.Chain([]), "Lot number: CT-1\nMineral: Tin\nNet weight: 4,200 kg\n") == []


def tags_of(tell, chain, text):
    return [(one.review, one.read.quote) for one in tags(tell.paper(text), chain)]


def tagged(numbers, lot="CT-2026-014"):
    return f"Lot number: {lot}\nMineral: Cassiterite\nNet weight: 4,200 kg\nTags: {numbers}\n"


@pytest.mark.parametrize("numbers", ["0099871", "0099801 to 0099900", "0012345, 0099871", "none", "1200"])
def test_tags_the_chain_knows(tell, chain, numbers):
    assert tags_of(tell, chain, tagged(numbers)) == []


@pytest.mark.parametrize("numbers", ["0012345", "0012345 to 0012399"])
def test_tags_the_chain_does_not_know(tell, chain, numbers):
    [one] = tags(tell.paper(tagged(numbers)), chain)
    assert one.review
    assert (one.read.quote, one.signed[0].value) == (numbers, "TAG-0099871")


def test_tags_of_another_lot_and_a_chain_without_tags_say_nothing(tell, chain):
    assert tags_of(tell, chain, tagged("0012345", lot="CT-2026-099")) == []
    bare = tell.Chain([tell.event("dispatch", "2026-02-20", tell.kilos("4200"))])
    assert tags_of(tell, bare, tagged("0012345")) == []


def test_one_paper_tells_the_first_few_of_a_kind_and_that_there_are_more(tell, chain):
    rows = "Lot number\tMineral\tNet weight (kg)\tTags\n" + "".join(
        f"CT-2026-014-{number}\tTin\t{number}\t00{number}\n" for number in range(12300, 12340)
    )
    found = contradictions(tell.paper(rows), chain)
    assert Counter(one.kind for one in found) == {"weight_contradicted": 20, "tags_contradicted": 20}
    assert [one.why.endswith("more of this kind") for one in found] == ([False] * 19 + [True]) * 2
