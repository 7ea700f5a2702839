"""Who and what else bears a name in a chain: vessels, sites, transit places, and names in documents (screening.md 4).

They are screened as parties are. What a document names was read by machine from a labelled field: a hint, so whatever
it meets is a question to a person (`screening.entity_hit`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlmodel import Session, col, select

from traceability.custody.model import Recorded
from traceability.events.crm_terms import is_readable
from traceability.events.identifiers import normalise
from traceability.events.model import CustodyEvent
from traceability.lists.entries import Identifier
from traceability.lists.fold import fold
from traceability.lists.identifiers import problem
from traceability.services.facts.chain import People, chunks
from traceability.services.facts.papers import Papers
from traceability.services.screening import Subject, SubjectKind
from traceability.storage.tables import Site
from traceability.texts import phrase

_UNDER_WAY: Final = frozenset({"transit", "transport"})


def vessels(recorded: Iterable[Recorded]) -> list[Subject]:
    """Return the ships that events name, by IMO number (Resolution A.1117(30)) where they state one.

    A number whose check digit is wrong identifies nothing: the name alone is screened, and `vessel_notes` says so.
    """
    found = {}
    for name, imo in (_ship(entry.event) for entry in recorded):
        stated = Identifier("imo", imo) if imo else None
        usable = (stated,) if stated and problem(stated) is None else ()
        if name or usable:
            subject = Subject(name or f"IMO {imo}", identifiers=usable, kind="vessel")
            found[subject.key] = subject
    return list(found.values())


def vessel_notes(recorded: Iterable[Recorded]) -> list[dict[str, Any]]:
    """Return what is said of numbers of ships that cannot be right: a wrong check digit is a note, never a match."""
    wrong = {}
    for entry in recorded:
        _, imo = _ship(entry.event)
        if imo and (why := problem(Identifier("imo", imo))):
            message = phrase(f"the IMO number of a ship cannot be right, so it was screened by name alone: {why}")
            wrong[imo] = {
                "kind": "vessel_number", "message": message, "events": [entry.event_id], "review": False,
            }  # fmt: skip
    return list(wrong.values())


def _ship(event: CustodyEvent) -> tuple[str, str]:
    name, imo = event.crm("vesselName"), event.crm("vesselImo")
    return (
        " ".join(name.split()) if is_readable("vesselName", name) else "",
        imo if is_readable("vesselImo", imo) else "",
    )


def sites(
    session: Session, known: People, events: Sequence[Mapping[str, Any]], shipment: Mapping[str, Any]
) -> list[Subject]:
    """Return the names of the places of a chain: of its events' registered sites, and those a shipment states.

    A place passed on the way is a ``transit_place``. Its operator is screened as a party of the chain. A site that
    bears the name of its party is screened as that party.
    """
    under_way = {normalise(e["site_id"]) for e in events if e.get("site_id") and e["type"] in _UNDER_WAY}
    worked_at = {normalise(e["site_id"]) for e in events if e.get("site_id")} - under_way
    found = [*_registered(session, known, worked_at, "site"), *_registered(session, known, under_way, "transit_place")]
    mine = shipment.get("mine_of_origin", {})
    stated = [(mine, mine.get("mine_id")), *((p, p.get("site_id")) for p in shipment.get("upstream_locations", ()))]
    found += [
        Subject(place["name"], identifier, place["country"], kind="site")
        for place, identifier in stated
        if place.get("name")
    ]
    return list({subject.key: subject for subject in found}.values())


def _registered(session: Session, known: People, keys: Iterable[str], kind: SubjectKind) -> Iterator[Subject]:
    for chunk in chunks(sorted(keys)):
        for row in session.exec(select(Site).where(col(Site.key).in_(chunk)).order_by(col(Site.id))):
            party = known.by_id.get(row.party_id)
            if row.name and not (party and fold(party.name) == fold(row.name)):
                yield Subject(row.name, row.uri, row.country, kind=kind)


def in_papers(papers: Papers) -> list[Subject]:
    """Return the parties and smelters that documents name in labelled fields."""
    found = []
    for report in papers.reports.values():
        found += [Subject(p.name, country=p.country, kind="document_name") for p in report.facts.parties]
        for smelter in report.facts.smelters:
            cid = (Identifier("cid", smelter.id),) if smelter.id else ()
            found.append(Subject(smelter.name, country=smelter.country, identifiers=cid, kind="document_name"))
    return found


def beyond(subjects: Iterable[Subject], others: Iterable[Subject]) -> list[Subject]:
    """Return the ``others`` that say more than ``subjects`` do already: another name, country or identifier."""
    said = {(fold(one.name), country) for one in subjects for country in (one.country, None)}
    return [
        one
        for one in others
        if one.kind != "document_name" or one.identifiers or (fold(one.name), one.country) not in said
    ]
