"""What the importer's office tells a supplier in the demonstration: it concerns it, and waits to be contested."""

from traceability.demo.accounts import Setup
from traceability.demo.api import Api, bearer
from traceability.demo.cast import GOMA, IMPORTER

_OFFICE = "officer-software"
_TOLD = (
    "The certificate of a lot of coltan names another country of origin than your signed events. We hold the "
    "consignment until it is clear. Tell us where we are mistaken, and hand over the papers that show it."
)


def tell(api: Api, setup: Setup, shipment_id: str) -> None:
    """Tell the supplier, by an account of the office that ends with it; no state changes by this."""
    officer = bearer(setup.machine(_OFFICE, "officer", IMPORTER.did, ("write",)))
    about = [{"kind": "shipment", "id": shipment_id}]
    said = {"addressee": GOMA.did, "finding": "ORIGIN-MISMATCH", "about": about, "told": _TOLD}
    api.post("/v1/contests/told", said, officer)
    api.post(f"/v1/users/{_OFFICE}/disable", {}, setup.auth)
