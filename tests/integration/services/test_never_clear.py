"""Unknown is not clear: an event at an unknown site or of an unknown party keeps a subject at INFO_REQUIRED at least."""

import pytest

from traceability.diligence.status import INFO_REQUIRED, NO_FINDINGS
from traceability.services.states import of_row
from traceability.storage.tables import AssessmentRow

KINDS = (
    "unknown_site",
    "site_contradicted",
    "coordinates_only",
    "unknown_party",
    "unreadable_term",
    "party_not_screened",
    "read_in_part",
)


def row(service, owner, notes):
    return AssessmentRow(
        owner_id=owner, subject_kind="shipment", subject="S-1", as_of=service.clock().date(), at=service.clock(),
        facts={}, result={"findings": []}, status=NO_FINDINGS, notes=notes, pending=[], coverage=[], batches=[],
        criticals={}, inputs_hash="sha256:0", entry_index=10**9,
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_such_a_note_raises_the_state(sqlite_service, make_party, kind):
    owner = make_party("Importer", roles=["importer"]).id
    notes = [{"kind": kind, "message": "said", "review": False}]
    with sqlite_service.store.read() as session:
        found = of_row(sqlite_service, session, owner, "shipment", "S-1", row(sqlite_service, owner, notes))
    assert (found.status, found.state) == (NO_FINDINGS, INFO_REQUIRED)
    assert len(found.floors) == 1


def test_without_one_the_state_is_the_status(sqlite_service, make_party):
    owner = make_party("Importer", roles=["importer"]).id
    with sqlite_service.store.read() as session:
        found = of_row(sqlite_service, session, owner, "shipment", "S-1", row(sqlite_service, owner, []))
    assert found.state == NO_FINDINGS
