"""Addresses that hold a secret: they stand in no log line, and no page opened from there is told of them."""

from flask import request

_PREFIX = "/contested/"  # a link to contest, whatever a mail program has put behind it


def is_secret() -> bool:
    """Tell whether the address of this request holds a secret."""
    return request.path.startswith(_PREFIX)


def logged_path() -> str:
    """Return the path of this request as log lines have it."""
    return f"{_PREFIX}..." if is_secret() else request.path
