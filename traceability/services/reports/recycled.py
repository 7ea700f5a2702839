"""The statement on recycled metals, and the due diligence done on them (Reg. (EU) 2017/821 Art. 7(4))."""

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlmodel import Session

from traceability.diligence.definitions.annex_i import annex_row, recycled_proofs
from traceability.diligence.definitions.items import Item
from traceability.diligence.reports.model import Column, Gap, Report, Section, Table
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.facts.papers import documents, papers
from traceability.services.reports.records import LAW, PROFILE, Records, number, read
from traceability.services.reports.registry import Query, report

TITLE = "Statement on recycled metals"
ARTICLE = f"{LAW} Art. 1(6), 2(s), 7(4)"
_COLUMNS = (
    Column("metal", "Metal"), Column("row_id", "Row of Annex I"), Column("claimed", "Consignments declared recycled"),
    Column("proved", "Of them with papers that support it"), Column("papers", "Kinds of papers"),
)  # fmt: skip


@report("recycled-metal", TITLE, ARTICLE, audience="public", formats=("json", "pdf", "docx"))
def recycled_metal(service: Service, actor: Actor, query: Query) -> Report:
    """Return the draft; it names no supplier and no weight."""
    with service.store.read() as session:
        had = read(session, actor, query)
        return of(had, claims(session, had), query)


Claim = tuple[str, str, tuple[str, ...]]  # metal, row, kinds of the papers that support it


def claims(session: Session, had: Records) -> list[Claim]:
    """Return the consignments of the period declared as recycled metal of Annex I, with what supports each."""
    return list(_claims(session, had))


def _claims(session: Session, had: Records) -> Iterator[Claim]:
    for one in had.covered:
        row = annex_row(one.record)
        if row is None or one.record.get("material_class") != "recycled":
            continue
        found = documents(papers(session, one.importer_id, {("shipment", one.shipment_id)}))
        known = {entry["document_id"]: Item("", entry) for entry in found}
        proofs = recycled_proofs(one.record, row, known)
        yield row.metal, row.row_id, tuple(sorted({str(known[proof].value["type"]) for proof in proofs}))


def of(had: Records, found: list[Claim], query: Query) -> Report:
    """Return the draft of claims that were read."""
    table = Table("recycled", "Metals declared recycled", _COLUMNS, tuple(_lines(found)))
    said = (
        f"Released in the period and declared recycled: {number(len(found), 'consignment')} of metals of Annex I, of "
        f"which {sum(bool(proof) for _, _, proof in found)} with papers other than a supplier's own letter."
    )
    done = (
        "Due diligence done: each declaration is compared with the papers that name it as proof. Ores, concentrates, "
        "partly processed minerals and by-products of another ore are not recycled metal, and a letter of the supplier "
        "alone proves nothing."
    )
    return Report(
        kind="recycled-metal", title=TITLE, law=ARTICLE, party_id=had.party.did, party_name=had.party.name,
        period=query.period, as_of=query.as_of, sections=(Section("Recycled metals", (said, done), (table,)),),
        gaps=(*_gaps(had, found), *had.limits), audience="public",
    )  # fmt: skip


def _lines(found: Iterable[Claim]) -> Iterator[tuple[str, str, int, int, str | None]]:
    rows = sorted({(metal, row_id) for metal, row_id, _ in found})
    for metal, row_id in rows:
        own = [proofs for name, row, proofs in found if (name, row) == (metal, row_id)]
        kinds = Counter(kind.replace("_", " ") for proofs in own for kind in proofs)
        said = ", ".join(f"{kind} ({times})" for kind, times in sorted(kinds.items()))
        yield metal, row_id, len(own), sum(bool(proofs) for proofs in own), said or None


def _gaps(had: Records, found: list[Claim]) -> Iterator[Gap]:
    unproved = sum(not proofs for _, _, proofs in found)
    if unproved:
        said = f"papers that support the declaration of {number(unproved, 'consignment')} as recycled"
        yield Gap(said, f"{LAW} Art. 1(6), 2(s)", "the shipment record: recycled_evidence, and the papers themselves")
    if found:
        said = "the conclusion in words: a person draws it"
        yield Gap(said, f"{LAW} Art. 7(4)", "the statement itself (DOCX), by the person who answers for it")
        if not had.system.get("recycled_statement_url"):
            yield Gap("that the statement was made public", f"{LAW} Art. 7(4)", f"{PROFILE}: recycled_statement_url")
