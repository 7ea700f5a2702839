"""Importers are ordered by one thing at a time, and what is not known never makes one look better."""

from datetime import date
from decimal import Decimal

import pytest

from traceability.lists.entries import ListEntry, ListVersion
from traceability.services import importer_ranking
from traceability.services.importer_ranking import Part, Ranked
from traceability.services.lists import ListBook
from traceability.services.reports.records import Assessed
from traceability.storage.tables import Party

DAY = date(2026, 9, 1)


def ranked(name, kg="0", *, origins=None, routes=None, findings=None, **more):
    parts = [{risk: Part(1, Decimal(mass)) for risk, mass in (of or {}).items()} for of in (origins, routes)]
    party = Party(id=name, did=name, name=name, country="NL", roles=["importer"])
    given = {"unweighed": 0, "pending": 0, "rows": {}, "erased": 0, **more}
    return Ranked(party, Part(1, Decimal(kg)), origins=parts[0], routes=parts[1], findings=findings or {}, **given)


def names(found, order):
    return [one.party.id for one in importer_ranking.ordered(found, order)]


def test_each_order_asks_one_thing_and_of_equal_ones_the_less_known_comes_first():
    big, known = ranked("big", "900"), ranked("known", "5", origins={"none": "5"})
    listed = ranked("listed", "10", origins={"listed": "4", "none": "6"}, findings={"major": 3})
    bare = ranked("bare", "5", unweighed=2, origins={"unknown": "5"}, findings={"critical": 1}, pending=1)
    every = [known, listed, big, bare]
    assert names(every, "volume") == ["big", "listed", "bare", "known"]
    assert names(every, "origin")[:2] == ["listed", "bare"]
    assert names(every, "findings")[:2] == ["bare", "listed"]
    possible = ranked("possible", origins={"possible": "7"})
    assert names([*every, possible], "origin")[0] == "possible", "what may be listed weighs as what is"
    assert names([known, ranked("sent", routes={"listed": "1"})], "route")[0] == "sent"


def book(*codes):
    version = ListVersion("eu-cahra", "1", None, None, None, "", "", 1, 1, 1, "full", 90, "", "")
    entries = [
        ListEntry(list_id="eu-cahra", entry_key=code, kind="area", country=code[:2], code=code) for code in codes
    ]
    return ListBook({"eu-cahra": version}, {"eu-cahra": entries}, "x")


@pytest.mark.parametrize(
    ("origins", "risk"),
    [
        ([{"country": "CD", "subdivision": "CD-NK"}], "listed"), ([{"country": "CD", "subdivision": "CD-KN"}], "none"),
        ([{"country": "CD"}], "possible"), ([{"country": "PE"}], "none"), ([], "unknown"),
        ([{"country": "PE"}, {"country": "CD", "subdivision": "CD-NK"}], "listed"),
    ],
)  # fmt: skip
def test_the_risk_of_an_origin_is_that_of_its_worst_place(origins, risk):
    assert importer_ranking._Areas(book("CD-NK")).origin({"origins": origins}, DAY) == risk


def test_the_mine_counts_as_origin_and_without_a_list_nothing_is_known():
    areas = importer_ranking._Areas(book("CD-NK"))
    assert areas.origin({"mine_of_origin": {"country": "CD", "subdivision": "CD-NK"}}, DAY) == "listed"
    assert areas.not_loaded == ["transit-watch"]
    assert areas.route({"dispatch_country": "RW"}, DAY) == "unknown"


def test_what_is_not_assessed_is_pending_and_has_no_severity():
    run = Assessed({"findings": [{"severity": "critical", "advisory": True}, {"severity": "major"}]}, [], [])
    assert importer_ranking._severity(run) == "major", "law that does not apply yet raises nothing here"
    assert (importer_ranking._severity(None), importer_ranking._waits(None)) == ("not_assessed", True)
    assert importer_ranking._waits(Assessed({"findings": []}, [], ["a document is unread"]))
    assert not importer_ranking._waits(run)
