"""What an event says, as one digest: by it a repetition is told from other content, and a signature from a foreign one.

Numbers count by their value, the eventID by its normalised form, and a prefix by what it is bound to: another spelling
is no other content, and the same letters under another binding are.
"""

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from typing import Any

import orjson

from traceability import strict_json
from traceability.events.event_hash import event_hash
from traceability.events.identifiers import normalise
from traceability.events.model import CRM_IRI, CRM_PREFIX
from traceability.events.reading import context_bindings

_UNSAID = ("errorDeclaration", "recordTime", "@context")
_EXACT = Context(prec=2 * strict_json.MAX_DIGITS)  # the usual one would round away what tells two contents apart
# What a prefix stands for where no context says otherwise: these are read alike with and without their binding.
_USUAL = {
    CRM_PREFIX: CRM_IRI,
    "gs1": "https://gs1.org/voc/",
    "cbv": "https://ref.gs1.org/cbv/",
    "epcis": "https://ref.gs1.org/epcis/",
}


def in_context(raw: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Return an event with the @context of the document around it, its own on top (JSON-LD 1.1, 4.1)."""
    if context is None or context == raw.get("@context"):
        return dict(raw)
    own = raw.get("@context")
    return {**raw, "@context": context if own is None else [*_listed(context), *_listed(own)]}


def identified(whole: Mapping[str, Any]) -> tuple[str, str]:
    """Return the eventID, the CBV event hash where the sender gave none, and the digest of a valid event in context."""
    written = whole.get("eventID") or event_hash(whole)
    return written, content_digest({**whole, "eventID": written})


def content_digest(whole: Mapping[str, Any]) -> str:
    """Return the sha256 (hex) over what an event in context says, but for errorDeclaration and recordTime."""
    said = {name: value for name, value in whole.items() if name not in _UNSAID}
    if isinstance(said.get("eventID"), str):
        said["eventID"] = normalise(said["eventID"])
    bound = _bindings(said, whole.get("@context"))
    return hashlib.sha256(_said({**said, "@context": bound} if bound else said)).hexdigest()


def declaration_digest(raw: Mapping[str, Any]) -> str:
    """Return the sha256 (hex) over an event's errorDeclaration."""
    return hashlib.sha256(_said(raw["errorDeclaration"])).hexdigest()


def _bindings(said: Mapping[str, Any], context: Any) -> dict[str, str]:
    """Return what the context binds of the names and prefixes in use, but for the usual bindings."""
    bound = {name: iri for name, iri in dict(context_bindings(context)).items() if not _is_usual(name, iri)}
    return {name: bound[name] for name in bound.keys() & set(_names(said))} if bound else {}


def _is_usual(name: str, iri: str) -> bool:
    prefix, _, local = name.partition(":")
    return iri == name or (prefix in _USUAL and iri == _USUAL[prefix] + local)


def _names(value: Any) -> Iterator[str]:
    """Yield every name and text in a value, and its prefix."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _names(name)
            yield from _names(member)
    elif isinstance(value, list):
        for member in value:
            yield from _names(member)
    elif isinstance(value, str):
        yield value
        yield value.partition(":")[0]


def _listed(context: Any) -> list[Any]:
    return context if isinstance(context, list) else [context]


def _said(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # an integer of more than 64 bit
        return orjson.dumps(_as_decimals(value), default=_plain, option=orjson.OPT_SORT_KEYS)


def _as_decimals(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_decimals(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_decimals(item) for item in value]
    return Decimal(value) if type(value) is int else value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{_EXACT.normalize(value):f}")
    raise TypeError(type(value).__name__)
