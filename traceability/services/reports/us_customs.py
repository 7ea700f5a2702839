"""The tracing package of one consignment for US customs, with the papers themselves in its ZIP."""

from collections.abc import Mapping

from traceability.diligence.reports import us_customs
from traceability.diligence.reports.model import About, Report
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.reports.consignment import consignment
from traceability.services.reports.registry import Query, report
from traceability.services.reports.render import render
from traceability.services.reports.render.csv_file import one_table
from traceability.services.reports.render.manifest import MANIFEST, manifest
from traceability.services.reports.render.map_svg import as_map_svg
from traceability.storage.tables import Document


def files(service: Service, actor: Actor, query: Query) -> Mapping[str, bytes]:
    """Return the files of the ZIP: the report, its tables, the papers, and a manifest with the hash of each."""
    main, papers = _made(service, actor, query)
    found = {f"{us_customs.KIND}.{form}": render(main, form) for form in ("pdf", "docx", "json")}
    tables = [table for section in main.sections for table in section.tables]
    found |= {f"tables/{table.name}.csv": one_table(table) for table in tables}
    drawn = [one for section in main.sections for one in section.maps if one.points]
    found |= {f"map-{number}.svg": as_map_svg(one).encode() for number, one in enumerate(drawn, start=1)}
    found |= {path: service.files.get(one.sha256) for path, one in papers.items()}
    return found | {MANIFEST: manifest(main, found)}


@report(
    us_customs.KIND, us_customs.TITLE, us_customs.ARTICLE, audience="authority", parameters=("shipment",),
    required=frozenset({"shipment"}), formats=("json", "pdf", "docx", "zip"), files=files,
)  # fmt: skip
def us_tracing_package(service: Service, actor: Actor, query: Query) -> Report:
    """Return the report that opens the package of one shipment record.

    Raises:
        NotFound: there is none of that id that the actor may see.

    """
    return _made(service, actor, query)[0]


def _made(service: Service, actor: Actor, query: Query) -> tuple[Report, dict[str, Document]]:
    with service.store.read() as session:
        party, found, documents = consignment(session, actor, query)
        about = About(party.did, party.name, (found.released, found.released), query.as_of)
    held = {paper.file: one for paper, one in zip(found.papers, documents, strict=True) if paper.file}
    return us_customs.tracing_package(about, found), held
