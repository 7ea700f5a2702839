"""ILO and DOC: what documents say. Rules read signals that screening extracted, never the text itself.

The eleven ILO indicators of forced labour are signs, not proof; usually several are weighed together.
"""

from traceability.diligence.case import Case
from traceability.diligence.definitions.areas import Location, location_of, matches
from traceability.diligence.definitions.items import Item, items
from traceability.diligence.definitions.watch import not_rejected
from traceability.diligence.packs.registry import Pack, Place, Test, at, each
from traceability.diligence.parameters import PARAMETERS

PACK = Pack()

ILO_TOPICS = (
    "ILO-01", "ILO-02", "ILO-03", "ILO-04", "ILO-05", "ILO-06", "ILO-07", "ILO-08", "ILO-09", "ILO-10", "ILO-11",
)  # fmt: skip
_REPORTED_TOPICS = {
    "DOC-FORCED-LABOUR": "forced_labour",
    "DOC-CHILD-LABOUR": "child_labour",
    "DOC-ARMED-GROUP": "armed_group",
    "DOC-ORIGIN-UNDETERMINED": "origin_undetermined",
}


def _on_topic(topic: str) -> Test:
    def test(case: Case) -> list[Place]:
        return each(signal for signal in case.active_signals if signal.value["topic"] == topic)

    return test


for _topic in ILO_TOPICS:
    PACK.rule(_topic)(_on_topic(_topic))

for _code, _topic in _REPORTED_TOPICS.items():
    PACK.rule(_code)(_on_topic(_topic))


@PACK.rule("ILO-CLUSTER")
def several_indicators(case: Case) -> list[Place]:
    found = [signal for signal in case.active_signals if signal.value["topic"] in ILO_TOPICS]
    topics = {signal.value["topic"] for signal in found}
    documents = {signal.value["document_id"] for signal in found}
    if len(topics) < PARAMETERS.cluster_topics or len(documents) < PARAMETERS.cluster_documents:
        return []
    return at(*(signal.at for signal in found), n=len(topics), m=len(documents))


@PACK.rule("DOC-CAHRA-SOURCING")
def risk_area_named_as_source(case: Case) -> list[Place]:
    cahra = case.area("cahra")
    return [
        Place((signal.at, *match.evidence), signal.value)
        for signal in case.active_signals
        if signal.value["topic"] == "sourcing"
        for match in matches(cahra.match, _sources(case, signal))
    ]


@PACK.rule("DOC-CLAIM-CONTRADICTED")
def denied_source_shown(case: Case) -> list[Place]:
    denials = [
        signal
        for signal in case.items("text_signals")
        if signal.value["topic"] == "sourcing" and signal.value["assertion"] == "negated" and not_rejected(signal.value)
    ]
    # The chain is indexed by country and by subdivision, because both sides may be long.
    shown: dict[str, Location] = {}
    for location in case.loc if denials else ():
        for name in filter(None, (location.country, location.subdivision)):
            shown.setdefault(name, location)
    return [
        Place((source.at, shown[source.name].at), {**signal.value, "place": source.name})
        for signal in denials
        for source in _sources(case, signal)
        if source.name in shown
    ]


def _sources(case: Case, signal: Item) -> list[Location]:
    return [location_of(place, case.as_of) for place in items(signal.value, "locations", signal.at)]
