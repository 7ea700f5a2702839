"""What JSON has no form for, as records and reports write it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any


def printable(value: Any) -> Any:
    """Return an exact number as its text, and a sequence of our own as a list (``default`` of ``orjson.dumps``).

    Raises:
        TypeError: anything else; its ``repr`` in a record would be a loss that nobody sees.

    """
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"a record cannot hold {type(value).__name__}")
