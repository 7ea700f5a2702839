"""The audit after bodies were erased: what an erasure took is no problem, and nothing else is excused by it."""

import pytest
import sqlalchemy as sa

from traceability.services.access import Actor
from traceability.services.fsck import fsck
from traceability.services.retention import erase

LOT = "https://mine.example/lot/L-1"


@pytest.fixture
def captures(world, tell):
    """One extraction captured three times: the first as it came, and two repetitions, for which no entry stands."""
    dug = tell.extraction(world.mine, LOT)
    return [world.capture(world.mine, dug).capture_id for _ in range(3)]


def erased(world, *ids):
    dpo = Actor("dpo", "dpo", "dpo", world.mine.id)

    def gone(tx):
        erase.erase(world.service, tx, dpo, "a report", [erase.capture_body(tx.session, one) for one in ids])

    world.service.store.write(gone)


def told(world):
    return [problem.as_dict() for problem in fsck(world.service, deep=True).problems]


@pytest.mark.parametrize("which", [[1], [1, 2], [0, 1, 2], [0]])
def test_an_erased_repetition_is_no_false_alarm(world, captures, which):
    """One line of a retention report may be approved alone, and a false alarm would stop all signing."""
    erased(world, *(captures[place] for place in which))
    assert told(world) == []


def test_one_erased_after_the_capture_it_repeats(world, captures):
    erased(world, captures[0])
    erased(world, captures[1])
    assert told(world) == []


def test_another_repetition_is_not_excused_by_it(world, captures):
    erased(world, captures[1])
    with world.service.store.writer_engine.begin() as connection:
        taken = "(SELECT erased_index FROM capture WHERE id = :erased)"
        text = sa.text(f"UPDATE capture SET body = :none, erased_index = {taken} WHERE id = :id")
        connection.execute(text, {"none": b"", "erased": captures[1], "id": captures[2]})
    assert {problem["table"] for problem in told(world)} == {"capture"}
