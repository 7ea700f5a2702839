"""Cells of the CSV tables this service gives out: a spreadsheet must never run what a stranger wrote into one."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain(text: str) -> str:
    """Return a cell that a spreadsheet reads as text: what begins like a formula gets a quote before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
