"""A child process of `names_peer`: scores name pairs with nomenklatura's logic-v2 at its default configuration.

Reads JSON ``[[schema, name1, name2], ...]`` from standard input, writes ``{"version", "scores", "seconds"}``.
"""

import json
import sys
import time
from importlib.metadata import version
from typing import Any

from followthemoney import model  # type: ignore[import-not-found]  # a peer, for this table alone
from nomenklatura.matching import LogicV2, ScoringConfig  # type: ignore[import-not-found]  # likewise


def _entity(key: str, schema: str, name: str) -> Any:
    entity = model.make_entity(schema)
    entity.id = key
    entity.add("name", name)
    return entity


def main() -> None:
    """Score what stands on standard input; the first pair is scored once before, so that tables are loaded."""
    config = ScoringConfig.defaults()
    rows = json.load(sys.stdin)
    # It remembers the names of an entity by its id: every entity needs one of its own.
    pairs = [
        (_entity(f"q{row}", kind, one), _entity(f"r{row}", kind, two)) for row, (kind, one, two) in enumerate(rows)
    ]
    LogicV2.compare(_entity("q", *rows[0][:2]), _entity("r", rows[0][0], rows[0][2]), config)
    begun = time.process_time()
    scores = [LogicV2.compare(one, two, config).score for one, two in pairs]
    took = time.process_time() - begun
    json.dump({"version": version("nomenklatura"), "scores": scores, "seconds": took}, sys.stdout)


if __name__ == "__main__":
    main()
