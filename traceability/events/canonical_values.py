"""How single values are written for the event hash: full URIs, UTC in milliseconds, numbers without idle zeros."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

from traceability.events import vocabulary
from traceability.events.gs1_keys import canonical_link
from traceability.events.reading import context_bindings, parse_time

_CBV = "https://ref.gs1.org/cbv/"
_WEB_VOCABULARY = "https://gs1.org/voc/"
# The prefixes that the published EPCIS context binds; a document may bind more.
_STANDARD = {"gs1": _WEB_VOCABULARY, "cbv": _CBV, "epcis": "https://ref.gs1.org/epcis/"}
_CBV_URNS = {
    "urn:epcglobal:cbv:bizstep:": f"{_CBV}BizStep-",
    "urn:epcglobal:cbv:disp:": f"{_CBV}Disp-",
    "urn:epcglobal:cbv:btt:": f"{_CBV}BTT-",
    "urn:epcglobal:cbv:sdt:": f"{_CBV}SDT-",
    "urn:epcglobal:cbv:er:": f"{_CBV}ER-",
}
_WORDS = {
    "step": (vocabulary.BIZ_STEPS, f"{_CBV}BizStep-"),
    "disposition": (vocabulary.DISPOSITIONS, f"{_CBV}Disp-"),
    "transaction": (vocabulary.TRANSACTION_TYPES, f"{_CBV}BTT-"),
    "endpoint": (vocabulary.ENDPOINT_TYPES, f"{_CBV}SDT-"),
    "component": (vocabulary.COMPONENTS, f"{_CBV}Comp-"),
    "measurement": (vocabulary.MEASUREMENTS | vocabulary.SENSOR_ALERTS, _WEB_VOCABULARY),
}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_HALF_MILLISECOND = timedelta(microseconds=500)


class Names:
    """The prefixes of a document and its event, and what they stand for."""

    def __init__(self, *contexts: Any) -> None:
        self._bindings = dict(_STANDARD)
        for context in contexts:
            self._bindings.update(context_bindings(context))

    def field(self, name: str) -> str:
        """Return the name of an extension field with its name space in braces; a name without prefix as it is."""
        prefix, colon, local = name.partition(":")
        space = self._bindings.get(prefix) if colon else None
        return f"{{{space}}}{local}" if space else name

    def expand(self, text: str) -> str:
        """Return a compact URI written out; other text as it is."""
        prefix, colon, local = text.partition(":")
        space = self._bindings.get(prefix) if colon else None
        return space + local if space and not local.startswith("//") else text


def scalar(value: Any, names: Names) -> str:
    """Return one value as the event hash writes it; spaces around text do not count."""
    if isinstance(value, bool):
        return str(value).lower()
    text = "" if value is None else str(value).strip()
    if _NUMBER.fullmatch(text):
        return _number(text)
    text = names.expand(text)
    for urn, uri in _CBV_URNS.items():
        if text.startswith(urn):
            return uri + text.removeprefix(urn)
    return canonical_link(text) or text


def word(kind: str) -> Callable[[Any, Names], str]:
    """Return how values of one vocabulary are written: a bare word as its web URI, anything else like other values."""
    words, base = _WORDS[kind]

    def convert(value: Any, names: Names) -> str:
        return base + value if value in words else scalar(value, names)

    return convert


def time(value: Any, _names: Names) -> str:
    """Return a time in UTC with milliseconds, a half rounded up; one at the end of the calendar as it stands."""
    try:
        moment = parse_time(value).astimezone(UTC) + _HALF_MILLISECOND
    except OverflowError:
        return str(value)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def extensions(fields: Mapping[str, Any], names: Names) -> str:
    """Return extension fields, nested ones included, sorted by what they became."""
    return "".join(
        sorted(part for name, value in fields.items() for part in _extension(names.field(name), value, names))
    )


def _extension(name: str, value: Any, names: Names) -> list[str]:
    """Return the parts one extension field becomes: a list one for each entry, as repeated XML elements would."""
    if isinstance(value, list):
        return [part for one in value for part in _extension(name, one, names)]
    if isinstance(value, Mapping):
        return [name + extensions(value, names)]
    text = scalar(value, names)
    return [f"{name}={text}" if text else name]


def _number(text: str) -> str:
    """Return a number in plain digits without idle zeros, exactly; 200, 200.0 and 2e2 are one."""
    digits = f"{Decimal(text):f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits == "-0" else digits
