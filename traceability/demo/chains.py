"""The five chains of the demonstration, in the order they are posted."""

from traceability.demo import cobalt, gold, silicon, tantalum, tin
from traceability.demo.story import Story


def stories() -> list[Story]:
    """Return the five chains, made anew."""
    return [tin.story(), tantalum.story(), gold.story(), cobalt.story(), silicon.story()]
