"""Origins and denials on papers of a batch for which no rule is run."""

from dataclasses import replace

import pytest

from traceability.documents.report import Finding
from traceability.services.contradictions import contradictions
from traceability.services.contradictions.origins import denials, origins


def found(tell, chain, text):
    return [(one.review, one.read.quote) for one in origins(tell.paper(text, "certificate_of_origin"), chain)]


def test_a_labelled_origin_that_is_not_the_chains(tell, chain):
    [one] = origins(tell.paper("Country of origin: Uganda\n", "certificate_of_origin"), chain)
    assert "'Uganda' (read by machine); signed: RW (extraction, 2026-02-10): " in one.message("paper.txt")
    assert one.why == "nothing in the chain was mined in UG"
    assert one.review


@pytest.mark.parametrize(
    "text",
    [
        "Country of origin: Rwanda\n",
        "Some of our ore is mined in Uganda.\n",
        "Lot number\tMineral\tCountry of origin\nCT-2026-014\tTin\tRwanda\nCT-2026-015\tTin\tUganda\n",
        "Lot number\tMineral\tCountry of origin\nCT-2026-015\tTin\tUganda\nCT-2026-016\tTin\tUganda\n",  # other lots
    ],
)
def test_origins_that_agree_or_are_of_other_goods(tell, chain, text):
    assert found(tell, chain, text) == []


def test_a_chain_without_a_mine_in_a_known_country_says_nothing(tell, chain):
    assert found(tell, tell.Chain(chain.events[1:]), "Country of origin: Uganda\n") == []


def denial(**fields):
    base = {
        "rule": "r", "rule_version": 1, "kind": "MINERAL_SOURCING", "topic": "sourcing", "assertion": "negated",
        "actor": "own", "severity": "info", "quote": "cassiterite", "page": 1, "start": 10, "end": 21,
        "sentence": (0, 60), "country": "CD",
    }  # fmt: skip
    return Finding(**(base | fields))


@pytest.fixture
def congolese(tell):
    return tell.Chain([tell.event("extraction", "2026-02-10", tell.kilos("4200"), country="CD", subdivision="CD-NK")])


@pytest.mark.parametrize("fields", [{}, {"region": "CD-NK"}, {"actor": "supplier"}])
def test_a_denied_source_that_the_chain_shows(tell, congolese, fields):
    [one] = denials(replace(tell.paper(""), findings=(denial(**fields),)), congolese)
    assert one.review
    assert (one.why.endswith("as a source"), str(one.signed[0])) == (True, "CD-NK (extraction, 2026-02-10)")


@pytest.mark.parametrize(
    "fields",
    [
        {"assertion": "affirmed"}, {"assertion": "policy"}, {"actor": "third_party"}, {"country": "RW"},
        {"region": "CD-SK"}, {"country": None}, {"topic": "child_labour"},
    ],
)  # fmt: skip
def test_what_denies_nothing_of_this_chain(tell, congolese, fields):
    assert list(denials(replace(tell.paper(""), findings=(denial(**fields),)), congolese)) == []


def test_with_a_record_the_rules_say_it(tell, congolese):
    paper = replace(tell.paper("Country of origin: Uganda\n"), findings=(denial(),))
    assert [one.kind for one in contradictions(paper, congolese)] == ["origin_contradicted", "denial_contradicted"]
    assert contradictions(paper, replace(congolese, record={"shipment_id": "S-1"})) == []
