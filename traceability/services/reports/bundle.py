"""The bundle for an ex-post check (Reg. (EU) 2017/821 Art. 7(1), 11): ten items in the order of the German list.

Each is answered from the records, or named as a gap. The files lie in a ZIP with their SHA-256 in its manifest.
"""

from collections.abc import Mapping

from sqlmodel import Session

from traceability.diligence.reports.model import Cell, Column, Report, Section, Table
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.reports import due_diligence, recycled, risks, smelters, system, volumes
from traceability.services.reports.records import LAW, Records, read
from traceability.services.reports.registry import Query, report
from traceability.services.reports.remedial import remedial, remedial_gaps
from traceability.services.reports.render import render
from traceability.services.reports.render.csv_file import one_table
from traceability.services.reports.render.manifest import MANIFEST, manifest

TITLE = "Bundle for an authority's check"
ARTICLE = f"{LAW} Art. 7(1), 11; German implementing act, section 6(2)"
_PACKS = (
    Column("batch", "Batch"), Column("shipment", "Shipment record"), Column("entry", "Ledger entry of the record"),
    Column("address", "Its evidence pack"),
)  # fmt: skip
_DECISIONS = (
    Column("date", "Date"), Column("about", "About"), Column("measure", "Measure"), Column("steps", "Measurable steps"),
    Column("review", "Review on"), Column("entry", "Ledger entry"),
)  # fmt: skip


def files(service: Service, actor: Actor, query: Query) -> Mapping[str, bytes]:
    """Return the files of the ZIP in their order; the manifest comes last and names the hash of each of the others."""
    with service.store.read() as session:
        had = read(session, actor, query)
        parts = _parts(session, had, query)
    main = of(had, parts["annual-volume"], query)
    found = {
        "report.pdf": render(main, "pdf"), "report.docx": render(main, "docx"), "report.json": render(main, "json"),
        **{f"{name}.{form}": render(parts[name], form) for name, forms in _FORMS.items() for form in forms},
        "list-versions.csv": one_table(_lists(had)), "evidence-packs.csv": one_table(_packs(had)),
    }  # fmt: skip
    return found | {MANIFEST: manifest(main, found)}


_FORMS: Mapping[str, tuple[str, ...]] = {
    "due-diligence": ("pdf", "docx", "json"), "annual-volume": ("csv", "xlsx", "json"),
    "recycled-metal": ("pdf", "json"), "smelters": ("csv", "xlsx", "json"),
}  # fmt: skip


def _parts(session: Session, had: Records, query: Query) -> dict[str, Report]:
    found = smelters.lines(session, had, query.as_of)
    return {
        "due-diligence": due_diligence.of(had, query),
        "annual-volume": volumes.of(had, volumes.row_volumes(session, had, query.first.year, query.as_of), query),
        "recycled-metal": recycled.of(had, recycled.claims(session, had), query),
        "smelters": smelters.of(had, found, query, smelters.known_version(session, query.as_of)),
    }


@report(
    "authority-bundle", TITLE, ARTICLE, audience="authority", parameters=("year",),
    formats=("json", "pdf", "docx", "zip"), files=files,
)  # fmt: skip
def authority_bundle(service: Service, actor: Actor, query: Query) -> Report:
    """Return the report that opens the bundle: ten items in order, with what is missing of each."""
    with service.store.read() as session:
        had = read(session, actor, query)
        volume = volumes.of(had, volumes.row_volumes(session, had, query.first.year, query.as_of), query)
    return of(had, volume, query)


def of(had: Records, volume: Report, query: Query) -> Report:
    """Return the ten items of records that were read."""
    gaps = (
        *system.policy_gaps(had), *system.overseer_gaps(had), *system.grievance_gaps(had), *had.limits,
        *risks.mitigation_gaps(had), *system.audit_gaps(had), *system.disclosure_gaps(had, query.first.year),
        *remedial_gaps(had),
        *(gap for gap in volume.gaps if gap not in had.limits),
    )  # fmt: skip
    sections = tuple(_numbered(number, one) for number, one in enumerate(_items(had), start=1))
    return Report(
        kind="authority-bundle", title=TITLE, law=ARTICLE, party_id=had.party.did, party_name=had.party.name,
        period=query.period, as_of=query.as_of, sections=(*sections, *volume.sections), gaps=gaps,
        list_versions=had.list_versions, audience="authority",
    )  # fmt: skip


def _items(had: Records) -> tuple[Section, ...]:
    """Return the ten items of the list, in its order."""
    return (
        system.policy(had), system.overseers(had, named=True), risks.identification(had), system.grievances(had),
        risks.assessment(had), _mitigation(had), _traceability(had), system.audit(had), system.disclosures(had),
        remedial(had),
    )  # fmt: skip


def _numbered(number: int, one: Section) -> Section:
    return Section(f"Item {number} of 10: {one.heading}", one.paragraphs, one.tables, one.bars, one.law)


def _mitigation(had: Records) -> Section:
    """Return the counts and, for an authority, each decision with its steps; reasons and persons stand in the packs."""
    counted = risks.mitigation(had)
    lines = tuple(
        (
            (one.confirmed_at or one.proposed_at).date(), f"{one.subject_kind} {one.subject}",
            one.disposition.replace("_", " "), "; ".join(map(_step, one.steps)) or "none stated", one.review_on,
            one.confirmed_index if one.confirmed_index is not None else one.entry_index,
        )
        for one in had.decisions
    )  # fmt: skip
    note = "The reason of each decision and who made it stand in the evidence pack of its batch."
    table = Table("decisions", "Decisions", _DECISIONS, lines, note)
    return Section(counted.heading, counted.paragraphs, (*counted.tables, table), counted.bars, counted.law)


def _step(step: Mapping[str, object]) -> str:
    return ", ".join(str(value) for _, value in sorted(step.items()))


def _traceability(had: Records) -> Section:
    said = (
        "Custody events are signed by the parties that did them (EPCIS 2.0, JOSE) and kept in an append-only log with "
        "signed heads. The evidence pack of a batch can be checked without this service and without a network."
    )
    return Section("Traceability system", (said,), (_packs(had),), law=f"{LAW} Art. 4(f), (g)")


def _packs(had: Records) -> Table:
    lines: list[tuple[Cell, ...]] = [
        (batch, one.shipment_id, one.entry_index, f"GET /v1/batches/{batch}/evidence")
        for one in had.covered
        for batch in one.record.get("batch_ids", [])
    ]
    unlinked = tuple(
        (None, one.shipment_id, one.entry_index, None) for one in had.covered if not one.record.get("batch_ids")
    )
    note = "Ask for a pack with the command `traceability evidence BATCH`; each is bound to a signed head of the log."
    return Table("evidence_packs", "Evidence packs of the period", _PACKS, (*lines, *unlinked), note)


def _lists(had: Records) -> Table:
    columns = (Column("list", "List"), Column("version", "Version used"))
    return Table("list_versions", "Versions of lists used", columns, tuple(had.list_versions.items()))
