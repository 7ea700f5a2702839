import pytest

from traceability.diligence.engine import assess
from traceability.diligence.packs.signals import ILO_TOPICS


@pytest.fixture
def spoken(codes):
    return lambda facts: {code for code in codes(facts) if code.startswith(("ILO", "DOC"))}


def signal(topic, document="D1", assertion="affirmed", **extra):
    return {"document_id": document, "topic": topic, "assertion": assertion, "quote": "as written"} | extra


@pytest.mark.parametrize(
    ("topic", "code"),
    [(topic, topic) for topic in ILO_TOPICS]
    + [
        ("forced_labour", "DOC-FORCED-LABOUR"),
        ("child_labour", "DOC-CHILD-LABOUR"),
        ("armed_group", "DOC-ARMED-GROUP"),
        ("origin_undetermined", "DOC-ORIGIN-UNDETERMINED"),
    ],
)
def test_topics(make_facts, spoken, topic, code):
    assert spoken(make_facts(text_signals=[signal(topic)])) == {code}
    assert spoken(make_facts(text_signals=[signal(topic, assertion="reported")])) == {code}
    assert spoken(make_facts(text_signals=[signal(topic, assertion="negated")])) == set()
    assert spoken(make_facts(text_signals=[signal(topic, disposition="rejected")])) == set()


def test_quote_in_words(make_facts):
    (finding,) = [
        found for found in assess(make_facts(text_signals=[signal("ILO-09")])).findings if found.code == "ILO-09"
    ]
    assert finding.message == 'D1: "as written". A signal, not a conclusion. Read by machine.'


class TestCluster:
    def raised(self, make_facts, spoken, *signals):
        return "ILO-CLUSTER" in spoken(make_facts(text_signals=list(signals)))

    def test_three_indicators_in_two_documents(self, make_facts, spoken):
        three = [signal("ILO-01"), signal("ILO-02"), signal("ILO-03", "D2")]
        assert self.raised(make_facts, spoken, *three)
        assert not self.raised(make_facts, spoken, *three[:2], signal("ILO-03"))
        assert not self.raised(make_facts, spoken, *three[:2], signal("ILO-01", "D2"))
        assert not self.raised(make_facts, spoken, *three[:2], signal("forced_labour", "D2"))
        assert not self.raised(make_facts, spoken, *three[:2], signal("ILO-03", "D2", disposition="rejected"))


class TestSourcing:
    @pytest.mark.parametrize(
        ("place", "raised"),
        [
            ({"country": "CD"}, True),
            ({"country": "CD", "subdivision": "CD-NK"}, True),
            ({"country": "CD", "subdivision": "CD-KN"}, False),
            ({"country": "PE"}, False),
        ],
    )
    def test_risk_area_named(self, make_facts, spoken, place, raised):
        facts = make_facts({"origins": []}, text_signals=[signal("sourcing", locations=[place])])
        assert ("DOC-CAHRA-SOURCING" in spoken(facts)) is raised

    def test_without_places(self, make_facts, spoken):
        assert spoken(make_facts(text_signals=[signal("sourcing")])) == set()

    def test_list_in_force_on_as_of(self, make_facts, spoken):
        facts = make_facts(text_signals=[signal("sourcing", locations=[{"country": "SD"}])])
        facts["lists"]["cahra"]["entries"] = [{"code": "SD", "valid_to": "2026-04-30"}]
        assert spoken(facts) == set()


class TestDenial:
    def raised(self, make_facts, spoken, origin, denied, **extra):
        found = signal("sourcing", assertion="negated", locations=[denied], **extra)
        return "DOC-CLAIM-CONTRADICTED" in spoken(make_facts({"origins": [origin]}, text_signals=[found]))

    @pytest.mark.parametrize(
        ("origin", "denied", "raised"),
        [
            ({"country": "CD"}, {"country": "CD"}, True),
            ({"country": "CD", "subdivision": "CD-NK"}, {"country": "CD"}, True),
            ({"country": "CD", "subdivision": "CD-NK"}, {"country": "CD", "subdivision": "CD-NK"}, True),
            ({"country": "CD", "subdivision": "CD-SK"}, {"country": "CD", "subdivision": "CD-NK"}, False),
            ({"country": "CD"}, {"country": "CD", "subdivision": "CD-NK"}, False),
            ({"country": "RW"}, {"country": "CD"}, False),
        ],
    )
    def test_chain_shows_what_a_document_denies(self, make_facts, spoken, origin, denied, raised):
        assert self.raised(make_facts, spoken, origin, denied) is raised

    def test_rejected_signals_are_not_read(self, make_facts, spoken):
        assert not self.raised(make_facts, spoken, {"country": "CD"}, {"country": "CD"}, disposition="rejected")

    def test_evidence(self, make_facts):
        found = signal("sourcing", assertion="negated", locations=[{"country": "PE"}])
        (finding,) = [
            finding
            for finding in assess(make_facts(text_signals=[found])).findings
            if finding.code == "DOC-CLAIM-CONTRADICTED"
        ]
        assert finding.evidence == ("/text_signals/0/locations/0", "/shipment/origins/0")
