import pytest

US = {"destination_country": "US"}


def hit(category="sanctions", list_code="EU_SANCTIONS", **extra):
    found = {"list_code": list_code, "category": category, "listed_name": "L", "party_name": "P"}
    return found | {"match_basis": "identifier"} | extra


@pytest.fixture
def parties(codes):
    return lambda facts: {code for code in codes(facts) if code.startswith(("ENTITY", "SANCTION"))}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {"SANCTION-ENTITY"}),
        ({"disposition": "rejected"}, set()),
        ({"valid_to": "2026-04-30"}, set()),
        ({"match_basis": "fuzzy_name", "score": "0.75"}, {"ENTITY-POSSIBLE-MATCH"}),
        ({"match_basis": "fuzzy_name", "score": "0.74"}, set()),
        ({"match_basis": "fuzzy_name", "disposition": "confirmed"}, {"SANCTION-ENTITY"}),
        ({"category": "other"}, {"ENTITY-LISTED"}),
    ],
)
def test_hits(make_facts, parties, change, expected):
    assert parties(make_facts(entity_hits=[hit(**change)])) == expected


@pytest.mark.parametrize(
    ("shipment", "list_code", "listed"),
    [
        ({}, "UFLPA_ENTITY", False),
        (US, "UFLPA_ENTITY", False),
        (US, "CBP_WRO", False),
        (US, "OTHER", True),
        (US | {"dispatch_country": "DE"}, "OTHER", False),
        ({"destination_country": "CH"}, "UFLPA_ENTITY", True),
    ],
)
def test_forced_labour_listing_without_effect_here(make_facts, parties, shipment, list_code, listed):
    raised = parties(make_facts(shipment, entity_hits=[hit("forced_labour", list_code)]))
    assert raised == ({"ENTITY-LISTED"} if listed else set())


class TestRussianGold:
    def raised(self, parties, make_facts, change=None, **sections):
        shipment = {"cn_code": "71081200", "origins": [{"country": "RU"}]} | (change or {})
        return bool(parties(make_facts(shipment, **sections)))

    @pytest.mark.parametrize(
        ("cn_code", "materials", "raised"),
        [
            ("71081200", None, True),
            ("71129100", None, True),
            ("71189000", ["gold"], True),
            ("71131900", ["gold"], True),
            ("71141900", ["gold"], True),
            ("71131900", ["silver"], False),
            ("71131900", None, False),
            ("26169000", None, False),
        ],
    )
    def test_goods(self, make_facts, parties, cn_code, materials, raised):
        assert self.raised(parties, make_facts, {"cn_code": cn_code, "materials": materials}) is raised

    def test_origin_by_declaration_or_extraction(self, make_facts, make_event, parties):
        elsewhere = {"origins": [{"country": "KZ"}]}
        events = [make_event("E1", "extraction", country="RU")]
        assert not self.raised(parties, make_facts, elsewhere)
        assert self.raised(parties, make_facts, elsewhere, custody_events=events)

    def test_bound_for_the_union_or_bought_from_it(self, make_facts, parties):
        assert not self.raised(parties, make_facts, {"destination_country": "CH"})
        assert self.raised(parties, make_facts, {"destination_country": "CH"}, importer={"country": "DE"})
        assert not self.raised(parties, make_facts, {"destination_country": "CH"}, importer={"country": "CH"})
