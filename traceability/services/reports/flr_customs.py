"""The customs information file of one consignment (Reg. (EU) 2024/3015 Art. 27)."""

from traceability.diligence.reports import flr_customs
from traceability.diligence.reports.model import About, Report
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.reports.consignment import consignment
from traceability.services.reports.registry import Query, report


@report(
    flr_customs.KIND, flr_customs.TITLE, flr_customs.ARTICLE, audience="authority", parameters=("shipment",),
    required=frozenset({"shipment"}), formats=("json", "pdf", "docx", "xlsx"),
)  # fmt: skip
def flr_customs_information(service: Service, actor: Actor, query: Query) -> Report:
    """Return the file of one shipment record.

    Raises:
        NotFound: there is none of that id that the actor may see.

    """
    with service.store.read() as session:
        party, found, _ = consignment(session, actor, query)
    about = About(party.did, party.name, (found.released, found.released), query.as_of)
    return flr_customs.customs_information(about, found)
