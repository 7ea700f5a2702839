"""Importers beside each other: a regulator under a mandate and purpose alone, each read logged for every importer."""

from collections.abc import Callable
from typing import Any


def test_a_regulator_ranks_importers_and_each_of_them_can_see_that_it_did(reader: Callable[..., Any]) -> None:
    reg = reader("reg")
    assert reg.get("/importers").status_code == 403, "no purpose was stated"
    reg.send("/search/purpose", purpose="checks of importers")
    rows = reg.get("/importers.json?order=origin&year=2026").get_json()["tables"]["importers"]
    assert [row["importer"] for row in rows] == ["Importer One", "Importer Two"]
    first, second = rows
    assert first["consignments"] == "2"
    assert "2 without a weight" in first["volume"]
    assert first["origin"].startswith("0 kg in 1 consignment")
    assert first["pending"] in {"none", "1, counted as nothing else", "2, counted as nothing else"}
    assert (second["origin"], second["route"], second["consignments"]) == ("nothing recorded", "nothing recorded", "0")
    log = reader("dora").get("/access-log.json").get_json()["tables"]["access-log"]
    assert (log[0]["action"], log[0]["importers"]) == ("importer ranking", "Importer One, Importer Two")
    assert reg.get("/importers?year=26").status_code == 400
    assert reg.get("/importers?order=guilt").status_code == 400
