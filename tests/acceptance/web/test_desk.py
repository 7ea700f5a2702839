"""The queue as a desk: rows are assigned several at once, filters stay, and a colleague's link shows the same."""

from collections.abc import Callable
from typing import Any


def test_rows_are_assigned_and_filters_stay_and_are_kept(reader: Callable[..., Any]) -> None:
    anna, boris = reader("anna"), reader("boris")
    rows = ["shipment|NL-2026-0001", "shipment|NL-2026-0002"]
    answer = anna.send("/queue/assign", subject=rows, to="boris", material="tin", assignee="")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/queue?material=tin")
    queue = boris.get("/queue.json?assignee=boris").get_json()
    assert {row["subject"] for row in queue["tables"]["queue"]} >= {"NL-2026-0001", "NL-2026-0002"}
    assert "pending" in queue["counts"], "pending is counted in every view"
    tin = boris.get("/queue.json?assignee=boris&material=tin").get_json()["tables"]["queue"]
    assert [(row["subject"], row["assignee"]) for row in tin] == [("NL-2026-0001", "boris")]
    answer = boris.send("/queue/views", view="tin of mine", assignee="boris", material="tin")
    assert answer.headers["Location"] == "/queue?assignee=boris&material=tin"
    assert "tin of mine" in boris.get("/queue").get_data(as_text=True)
    assert "tin of mine" not in anna.get("/queue").get_data(as_text=True)
    assert boris.send("/queue/views/away", view="tin of mine").status_code == 303
    assert "tin of mine" not in boris.get("/queue").get_data(as_text=True)


def test_what_cannot_be_assigned_comes_back_with_its_filters_and_an_importer_assigns_nothing(
    reader: Callable[..., Any],
) -> None:
    anna = reader("anna")
    answer = anna.send("/queue/assign", to="anna", material="tin")
    assert answer.status_code == 400
    page = answer.get_data(as_text=True)
    assert 'href="#to"' in page
    assert '<option value="tin" selected>' in page
    assert anna.send("/queue/assign", subject=["shipment|NL-2026-0001"], to="rita").status_code == 400
    assert anna.send("/queue/assign", subject=["shipment|DE-1"], to="anna").status_code == 404
    ines = reader("ines")
    assert 'type="checkbox"' not in ines.get("/queue").get_data(as_text=True)
    assert ines.send("/queue/assign", subject=["shipment|NL-2026-0001"], to="anna").status_code == 403
