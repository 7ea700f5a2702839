"""Papers as they are read from their text, and chains as the facts carry them."""

from datetime import date

import pytest

from traceability.documents.declared import declared
from traceability.documents.extraction import extract
from traceability.documents.fields import read_fields
from traceability.services.contradictions import Chain, Paper

LOT = "https://mine.example/lot/CT-2026-014"


def paper(text, kind="packing_list", lang="en", **fields):
    """Read a paper from its text, as a file of plain text is read."""
    return Paper(kind, declared(read_fields(extract(text.encode(), "paper.txt")), lang), **fields)


def event(kind, day, *quantities, of="quantity_list", **fields):
    return {
        "event_id": f"urn:uuid:{kind}-{day}", "type": kind, "event_time": f"{day}T09:00:00+02:00",
        "signature_status": "valid", of: list(quantities),
    } | fields  # fmt: skip


def kilos(kg, lot=LOT, **fields):
    return {"batch_id": lot, "weight_kg": kg} | fields


class Tell:
    """The words of these tests."""

    LOT = LOT
    paper, event, kilos, Chain, date = map(staticmethod, (paper, event, kilos, Chain, date))


@pytest.fixture(scope="session")
def tell():
    return Tell()


@pytest.fixture
def chain():
    """Return a lot of 4 200 kg cassiterite from Rwanda, exported in March and imported in April."""
    return Chain(
        [
            event("extraction", "2026-02-10", kilos("4200", tag_ids=["https://mine.example/tag/TAG-0099871"]),
                  country="RW"),
            event("dispatch", "2026-02-20", kilos("4200"), country="RW"),
            event("export", "2026-03-05", kilos("4195"), country="RW"),
            event("import", "2026-04-20", kilos("4190"), country="NL"),
        ],
        record={"shipment_id": "S-1", "net_weight_kg": "4190", "batch_ids": [LOT]},
        minerals={LOT: "cassiterite"},
    )  # fmt: skip
