"""Log lines on standard error, one form for ours and for the libraries': JSON for machines, text for people."""

import json
import logging
import logging.config
import sys
from collections.abc import Callable
from typing import Any, Literal

import orjson
import structlog


class _Lines(structlog.WriteLogger):
    """Writes our lines by itself: by way of the standard library's logging each would take five times as long."""

    def __init__(self, name: str = "traceability") -> None:
        super().__init__(sys.stderr)
        self.name = name


def _json(line: Any, default: Callable[[Any], Any] = repr, **_: Any) -> str:
    try:
        return orjson.dumps(line, default, orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # half a surrogate pair, or more than 64 bits: whatever happens must be told
        return json.dumps(line, default=default)


def configure_logs(form: Literal["json", "text"]) -> None:
    """Write logs to standard error from now on."""
    shared: list[Any] = [  # structlog's processors differ in their argument types
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last = structlog.processors.JSONRenderer(_json) if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[*shared, last],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
