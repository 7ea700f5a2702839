"""What a state follows from besides its run, read both ways: one by one, and at once for all of an owner."""

from typing import Any

from traceability.services.assess import latest_all
from traceability.services.beside import Beside, BesideMany
from traceability.services.carried import named_batches


def same_both_ways(session: Any, owner_id: str, kind: str, subject: str) -> None:
    """Fail where the page of thousands would see anything else than the page of one."""
    one, many = Beside(session), BesideMany(session, owner_id, latest_all(session, owner_id))
    row = one.run(owner_id, kind, subject)
    assert many.run(owner_id, kind, subject) is row
    assert many.decisions(owner_id, kind, subject) == one.decisions(owner_id, kind, subject)
    assert many.jobs(owner_id, kind, subject) == one.jobs(owner_id, kind, subject)
    assert {item.id for item in many.by_two(owner_id)} == {item.id for item in one.by_two(owner_id)}
    if row is None:
        return
    assert sorted(many.records(owner_id, row.batches)) == sorted(one.records(owner_id, row.batches))
    found = [
        {(c.batch_key, c.code, c.subject) for c in way.criticals(owner_id, named_batches(row))} for way in (one, many)
    ]
    assert found[0] == found[1]
    assert many.is_touched(row.batches) == one.is_touched(row.batches)
    assert many.has_event_after(row.batches, row.entry_index) == one.has_event_after(row.batches, row.entry_index)
    assert many.has_erasure_after(row.batches, row.entry_index) == one.has_erasure_after(row.batches, row.entry_index)
