"""Smelters of a paper against those of the record and the chain."""

from dataclasses import replace

import pytest

from traceability.services.contradictions.model import Signed, SignedSmelter
from traceability.services.contradictions.smelters import smelters

HEAD = "Smelter\tSmelter ID\tMetal\n"


@pytest.fixture
def found(tell, chain):
    def find(text, *known):
        signed = [SignedSmelter(name, cid, Signed("shipment record", name or cid)) for name, cid in known]
        return list(smelters(tell.paper(text, "supplier_letter"), replace(chain, smelters=signed)))

    return find


MSC = ("Malaysia Smelting Corporation", "CID001105")


@pytest.mark.parametrize(
    "row",
    [
        "Malaysia Smelting Corporation\tCID001105\tTin",
        "An old name of it\tCID001105\tTin",  # the number decides
        "MSC\t\tTin",
        "Malaysia Smelting Corp. Bhd\t\tTin",
        "PT Timah Tbk Mentok\tCID001482\tTin\nMalaysia Smelting Corporation\tCID001105\tTin",  # a supplier's list
    ],
)
def test_the_signed_smelter_stands_on_the_paper(found, row):
    assert found(HEAD + row + "\n", MSC) == []


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ("PT Timah Tbk Mentok\tCID001482\tTin", MSC),
        ("Malaysia Smelting Corporation\tCID001482\tTin", MSC),  # the number decides
        ("Balkhash smelter\t\tCopper", ("Goma smelter", None)),
        ("Thaisarco\t\tTin", MSC),
    ],
)
def test_another_smelter(found, row, known):
    [one] = found(HEAD + row + "\n", known)
    assert one.review
    assert one.why.endswith("is none of these")
    assert str(one.signed[0]) == f"{known[0]} (shipment record)"


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ("Thaisarco\t\tTin", [(None, "CID001105")]),  # a name and a number
        ("Thaisarco\tCID001898\tTin", []),
        ("\t\t", [MSC]),
    ],
)
def test_what_cannot_be_compared_contradicts_nothing(found, row, known):
    assert found(HEAD + row + "\n", *known) == []
