"""The JSON-LD context of our own extension terms (``crm:``), as published in schemas/context.jsonld."""

from typing import Any

from traceability.events.crm_terms import TERMS
from traceability.events.model import CRM_IRI, CRM_PREFIX

_XSD = "http://www.w3.org/2001/XMLSchema#"


def crm_context() -> dict[str, Any]:
    """Return the context document: every term with its IRI and, where it is no plain text, its type."""
    context: dict[str, Any] = {"@version": 1.1, CRM_PREFIX: CRM_IRI, "xsd": _XSD}
    for name, kind in TERMS.items():
        term: dict[str, str] = {"@id": f"{CRM_PREFIX}:{name}"}
        if kind.typed is not None:
            term["@type"] = kind.typed if kind.typed.startswith("@") else f"xsd:{kind.typed}"
        context[f"{CRM_PREFIX}:{name}"] = term
    return {"@context": context}
