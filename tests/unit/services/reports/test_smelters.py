"""The sheet of smelters: where a smelter is comes from the record and the look-up, and what is not kept is said."""

from datetime import date
from types import SimpleNamespace

from traceability.services.reports import smelters
from traceability.services.reports.registry import Query

DAY = date(2026, 12, 31)
QUERY = Query(date(2026, 1, 1), DAY, DAY)
VERSION = SimpleNamespace(version="6.5")
PLACE = smelters._Listed("Alpha Refinery", ("8 Invented Road", "Ganzhou", "Jiangxi"))
HAD = SimpleNamespace(covered=(), party=SimpleNamespace(did="did:web:importer.example", name="Importer"))


def lines(one, known):
    return list(smelters._lines("gold", one, known, VERSION, DAY))


def cells(line):
    return dict(zip((column.name for column in smelters._COLUMNS), line, strict=True))


def test_the_look_up_says_where_a_smelter_is():
    evidence = [{"kind": "audit", "valid_from": "2026-01-01", "document_id": "D-1"}]
    one = {"smelter_id": "CID990001", "name": "Alpha", "country": "CN", "assurances": evidence}
    for stated in (one, one | {"assurances": []}):
        (line,) = map(cells, lines(stated, {"CID990001": PLACE}))
        assert (line["look_up"], line["source"]) == ("Alpha Refinery", "look-up 6.5")
        assert (line["street"], line["city"], line["state"]) == PLACE.place
    (line,) = map(cells, lines(one, {}))
    assert (line["look_up"], line["street"], line["city"], line["state"]) == (None, None, None, None)


def gaps(*found):
    return [gap.what for gap in smelters.of(HAD, list(found), QUERY, "6.5").gaps]


def test_what_is_not_kept_is_said_of_every_sheet_with_lines():
    one = {"smelter_id": "CID990001", "name": "Alpha", "country": "CN", "processed_on": "2026-05-01"}
    (nowhere,), (listed,) = lines(one, {}), lines(one, {"CID990001": PLACE})
    (stated,) = lines(one | {"address": "8 Invented Road, Ganzhou"}, {})
    assert [said.partition(":")[0] for said in gaps(listed, stated)] == [
        "contacts at smelters",
        "the mines behind each smelter",
    ]
    assert any(said.startswith("the address in 1 line") for said in gaps(nowhere, listed))
    assert gaps() == []
