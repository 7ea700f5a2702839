"""The JSON-LD context of our own extension terms (``crm:``), as published in schemas/context.jsonld."""

from typing import Any

from traceability.events.model import CRM_IRI, CRM_PREFIX

_XSD = "http://www.w3.org/2001/XMLSchema#"
#: term -> how its value is typed: a code or text (None), a number, a date, an IRI.
TERMS: dict[str, str | None] = {
    "mineral": None,
    "hsCode": None,
    "cnCode": None,
    "taricCode": None,
    "originCountry": None,
    "originRegion": None,
    "originLatitude": "decimal",
    "originLongitude": "decimal",
    "originPolygon": None,
    "mineSiteId": "@id",
    "firstSeparationPoint": "@id",
    "extractionDateFrom": "date",
    "extractionDateTo": "date",
    "miningMethod": None,
    "gradePercent": "decimal",
    "moisturePercent": "decimal",
    "tagScheme": None,
    "sealNumber": None,
    "processType": None,
    "processLossKg": "decimal",
    "custodyModel": None,
    "smelterId": None,
    "materialOrigin": None,
    "wasteCode": None,
    "customsDeclaration": "@id",
    "eventCredential": None,
    "commitment": None,
}


def crm_context() -> dict[str, Any]:
    """Return the context document: every term with its IRI and, where it is no plain text, its type."""
    context: dict[str, Any] = {"@version": 1.1, CRM_PREFIX: CRM_IRI, "xsd": _XSD}
    for name, kind in TERMS.items():
        term: dict[str, str] = {"@id": f"{CRM_PREFIX}:{name}"}
        if kind is not None:
            term["@type"] = kind if kind.startswith("@") else f"xsd:{kind}"
        context[f"{CRM_PREFIX}:{name}"] = term
    return {"@context": context}
