"""The desk: assigning stays within one importer and decides nothing; filters are a person's own."""

from datetime import UTC, datetime

import pytest

from traceability.errors import Forbidden, InvalidInput, NotFound
from traceability.services import desk, users
from traceability.storage.tables import Shipment

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def office(service, make_party, make_user):
    importer, rival = (make_party(name, roles=["importer"]) for name in ("One", "Two"))

    def write(tx):
        for owner, name in ((importer, "S1"), (importer, "S2"), (rival, "T1")):
            tx.session.add(Shipment(importer_id=owner.row.id, shipment_id=name, version=1, record={}, body=b"", media_type="m",
                                    entry_index=3, received_at=AT, released_on=AT.date()))  # fmt: skip

    service.store.write(write)
    people = [("anna", importer), ("boris", importer), ("rita", rival)]
    return service, {name: make_user("officer", party=party, name=name).actor for name, party in people}, importer


def looked_at(service, actor):
    return {subject: one.to for (_, subject), one in desk.assigned(service, actor).items()}


def test_several_rows_are_assigned_at_once_the_last_word_counts_and_a_row_can_be_given_back(office):
    service, people, _ = office
    anna, boris = people["anna"], people["boris"]
    assert desk.officers(service, anna) == ["anna", "boris"]
    desk.assign(service, anna, [("shipment", "S1"), ("shipment", "S2"), ("shipment", "S1")], "boris")
    assert looked_at(service, anna) == {"S1": "boris", "S2": "boris"}
    desk.assign(service, boris, [("shipment", "S2")], "anna")
    desk.assign(service, boris, [("shipment", "S1")], None)
    assert looked_at(service, anna) == {"S2": "anna"}
    (one,) = desk.assigned(service, anna).values()
    assert (one.by, one.at) == ("boris", service.clock())
    assert looked_at(service, people["rita"]) == {}


@pytest.mark.parametrize(
    ("subjects", "to", "error"),
    [
        ([("shipment", "S1"), ("shipment", "T1")], "boris", NotFound), ([("batch", "https://x.example/1")], "boris", NotFound),
        ([("decision", "S1")], "boris", NotFound), ([], "boris", InvalidInput), ([("shipment", "S1")], "rita", InvalidInput),
        ([("shipment", "S1")], "nobody we know", InvalidInput), ([("shipment", "S1")] * 201, "boris", InvalidInput),
    ],
)  # fmt: skip
def test_foreign_rows_and_foreign_officers_are_refused_and_then_nothing_is_assigned(office, subjects, to, error):
    service, people, _ = office
    with pytest.raises(error):
        desk.assign(service, people["anna"], subjects, to)
    assert looked_at(service, people["anna"]) == {}


def test_an_importer_assigns_nothing_and_who_left_looks_at_nothing(office, make_user):
    service, people, importer = office
    with pytest.raises(Forbidden):
        desk.assign(service, importer.actor("importer"), [("shipment", "S1")], "anna")
    desk.assign(service, people["anna"], [("shipment", "S1")], "boris")
    users.disable_user(service, make_user("admin", name="adam").actor, "boris")
    assert looked_at(service, people["anna"]) == {}, "a row of somebody who left is nobody's"


def test_views_are_a_person_s_own_keep_known_filters_only_and_can_be_taken_away(office):
    service, people, importer = office
    anna = people["anna"]
    desk.keep_view(service, anna, " tin ", {"material": "tin", "state": "", "next": "https://evil.example"})
    desk.keep_view(service, anna, "held", {"state": "REVIEW"})
    desk.keep_view(service, anna, "held", {"state": "HOLD_PENDING_OFFICER", "origin": "CD & more"})
    assert [(one.name, one.filters) for one in desk.views(service, anna)] == [
        ("held", {"state": "HOLD_PENDING_OFFICER", "origin": "CD & more"}), ("tin", {"material": "tin"}),
    ]  # fmt: skip
    assert desk.views(service, people["boris"]) == []
    with pytest.raises(NotFound):
        desk.drop_view(service, people["boris"], "tin")
    desk.drop_view(service, anna, "tin")
    assert [one.name for one in desk.views(service, anna)] == ["held"]
    for name, filters in (
        ("", {"state": "x"}),
        ("x" * 61, {"state": "x"}),
        ("x", {}),
        ("x", {"state": "y" * 101}),
        ("a\nb", {"state": "x"}),
    ):
        with pytest.raises(InvalidInput):
            desk.keep_view(service, anna, name, filters)
    with pytest.raises(Forbidden):
        desk.keep_view(service, importer.actor("supplier"), "x", {"state": "x"})
