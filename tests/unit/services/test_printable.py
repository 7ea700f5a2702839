"""What records write of values that JSON has no form for."""

from decimal import Decimal

import orjson
import pytest

from traceability.lists.tally import Account, Tally
from traceability.services.printable import printable


def test_exact_numbers_and_steps_are_written_out():
    tally = Tally()
    tally.add("equal", "mining", "mining", 0.5)
    written = orjson.loads(orjson.dumps({"score": Decimal("0.50"), "steps": Account(tally)}, default=printable))
    assert written["score"] == "0.50"
    assert [(step["how"], step["query"], step["points"]) for step in written["steps"]] == [("equal", "mining", "0.5")]


def test_nothing_is_written_as_what_python_calls_it():
    with pytest.raises(TypeError):
        orjson.dumps({"what": object()}, default=printable)
