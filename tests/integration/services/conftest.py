"""A small supply chain to tell stories with: signed captures, records, papers and lists, and the worker run dry."""

import csv
import dataclasses
import hashlib
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlmodel import col, select

from tests.beside import same_both_ways
from traceability.documents.report import Declared, DeclaredOrigin, Finding, Page, Report
from traceability.ledger.jose import sign_detached
from traceability.services import documents, judging, lists, review, shipments, sites, touched  # noqa: F401  # handlers
from traceability.services.access import Actor
from traceability.services.batches import BatchState, batch_state
from traceability.services.capture import CaptureRequest, capture
from traceability.services.context import Service
from traceability.services.recording import Captured
from traceability.services.states import SubjectState, state_of
from traceability.services.worker import HANDLERS
from traceability.storage.jobs import Runner
from traceability.storage.tables import AssessmentRow, Decision

REASON = "Looked at the papers and called the supplier about it."
ADMIN = Actor("root", "root", "admin")
_CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"crm": "https://ref.example.org/crm/"}]
_SHIPMENT = {
    "shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
    "trade_name": "tin ore", "material_type": "cassiterite", "net_weight_kg": "1000",
    "origins": [{"country": "RW"}],
}  # fmt: skip


class Papers:
    """Stands in for the sandbox: a document says what a test put in its mouth."""

    def __init__(self) -> None:
        self.reports: dict[bytes, Report] = {}

    def screen(self, data: bytes, _filename: str) -> Report:
        return self.reports[data]

    def close(self) -> None:
        """Nothing to stop."""


def report(data: bytes, **fields: Any) -> Report:
    """Return a report of a paper that was read."""
    base = {
        "sha256": hashlib.sha256(data).hexdigest(), "outcome": "parsed", "reason": None, "document_type": "letter",
        "facts_type": "certificate_of_origin", "language": "en", "pages": (Page(1, "text"),), "text_sha256": None,
        "ruleset": "1",
    }  # fmt: skip
    return Report(**(base | fields))


def passage(topic: str, assertion: str = "affirmed", start: int = 0, **fields: Any) -> Finding:
    """Return a passage that an officer must see."""
    base = {
        "rule": "r", "rule_version": 1, "kind": topic, "topic": topic, "assertion": assertion, "actor": "supplier",
        "severity": "major", "quote": "quoted words", "page": 1, "start": start, "end": start + 12,
        "sentence": (start, start + 20),
    }  # fmt: skip
    return Finding(**(base | fields))


def origin(country: str, lot: str | None = None) -> DeclaredOrigin:
    """Return a labelled origin."""
    return DeclaredOrigin(country, f"Origin: {country}", 1, 0, 10, lot)


class World:
    """Parties, places, lists and what happens between them, in one service."""

    def __init__(self, service: Service, make_party: Callable[..., Any], folder: Path) -> None:
        self.service, self._make_party, self._folder = service, make_party, folder
        self.papers = Papers()
        service.__dict__["sandbox"] = self.papers
        self.mine = self.party("Mine", ["mine"], "RW")
        self.importer = self.party("Importer", ["importer"], "NL")
        self.site(self.mine, "pit", "RW")
        self.site(self.importer, "yard", "NL")

    def party(self, name: str, roles: Sequence[str], country: str, did: str | None = None) -> Any:
        """Register a party."""
        return self._make_party(
            name, roles=roles, country=country, service=self.service, **({"did": did} if did else {})
        )

    def _signed(self, party: Any, data: Any) -> tuple[bytes, str]:
        body = orjson.dumps(data)
        return body, sign_detached(body, party.key, kid=party.key.kid)

    def site(self, party: Any, name: str, country: str, /, **more: Any) -> None:
        """Register a site by its party's signature."""
        data = {"sites": [{"uri": uri(party, "site", name), "country": country, **more}]}
        body, jws = self._signed(party, data)
        sites.register(self.service, party.actor("importer"), body, "application/json", jws)

    def capture(self, party: Any, *events: dict[str, Any]) -> Captured:
        """Post events, signed by a party."""
        document = {
            "@context": _CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0",
            "creationDate": "2026-11-20T08:00:00Z", "epcisBody": {"eventList": list(events)},
        }  # fmt: skip
        body, jws = self._signed(party, document)
        return capture(self.service, party.actor("importer"), CaptureRequest(body, "application/json", jws))

    def chain(self, lot: str, kg: float = 1000, day: str = "2026-11-01") -> None:
        """Let a lot be mined and go to the importer, every event signed by the party that acted."""
        self.capture(
            self.mine, extraction(self.mine, lot, kg, day), hand("shipping", self.mine, self.importer, lot, kg)
        )
        self.capture(self.importer, hand("receiving", self.mine, self.importer, lot, kg))

    def shipment(self, lots: Sequence[str], party: Any = None, **fields: Any) -> str:
        """Post a shipment record of the importer and return its id."""
        party = party or self.importer
        record = {name: value for name, value in (_SHIPMENT | fields).items() if value is not None}
        body, jws = self._signed(party, record | {"batch_ids": list(lots)})
        return shipments.post(self.service, party.actor("importer"), body, "application/json", jws).shipment_id

    def paper(self, data: bytes, links: Sequence[tuple[str, str]], party: Any = None, **fields: Any) -> Any:
        """Upload a document that the sandbox will read as a test says."""
        self.papers.reports[data] = report(data, **fields)
        actor = (party or self.importer).actor("importer")
        return documents.upload(self.service, actor, data, "paper.pdf", "application/pdf", links)

    def load(
        self, list_id: str, *rows: dict[str, str], published: str = "2026-11-20", dropping: bool = True, **manifest: Any
    ) -> None:
        """Load a version of a list, whatever it leaves out unless ``dropping`` is False."""
        folder = self._folder / uuid.uuid4().hex
        folder.mkdir()
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with (folder / "list.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
        sha = hashlib.sha256((folder / "list.csv").read_bytes()).hexdigest()
        line = {
            "list_id": list_id, "file": "list.csv", "publisher": "P", "title": list_id, "version": published,
            "published_at": published, "retrieved_at": published, "source_url": "https://list.example/",
            "source_sha256": "0" * 64, "rows": len(rows), "expected_min": 1, "expected_max": 100, "coverage": "full",
            "max_age_days": 365, "terms": "facts", "table_sha256": sha,
        } | manifest  # fmt: skip
        with (folder / "manifest.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(line))
            writer.writeheader()
            writer.writerow(line)
        lists.load_folder(self.service, ADMIN, folder, [list_id] if dropping else ())

    def lists(self, *names: dict[str, str]) -> None:
        """Load every list a tin shipment to the Union needs; ``names`` are further rows of the UN list."""
        self.load("un-sc", listed("UN.1", "Nobody Of That Name Inc"), *names)
        self.load(
            "eu-cahra", {"entry_key": "CD-NK", "kind": "area", "primary": "Kivu", "country": "CD", "code": "CD-NK"}
        )
        self.load("transit-watch", {"entry_key": "AE", "kind": "area", "primary": "UAE", "country": "AE", "code": "AE"})
        self.load(
            "forced-labour-areas",
            {"entry_key": "XJ", "kind": "area", "primary": "Xinjiang", "country": "CN", "code": "CN-XJ"},
        )

    def work(self) -> None:
        """Run the worker until nothing waits."""
        while Runner(self.service, HANDLERS).run_once():
            pass

    def state(self, kind: str, subject: str, party: Any = None) -> SubjectState:
        """Return a subject's state for the importer; a page of thousands sees the same."""
        with self.service.store.read() as session:
            same_both_ways(session, (party or self.importer).id, kind, subject)
            return state_of(self.service, session, (party or self.importer).id, kind, subject)

    def batch(self, lot: str, party: Any = None) -> BatchState:
        """Return a batch's state for the importer."""
        with self.service.store.read() as session:
            return batch_state(self.service, session, (party or self.importer).id, lot)

    def facts(self, kind: str, subject: str) -> dict[str, Any]:
        """Return the facts of the newest assessment."""
        row = self.state(kind, subject).assessment
        assert row is not None
        return row.facts

    def rows(self, table: Any) -> list[Any]:
        """Return every row of a table."""
        with self.service.store.read() as session:
            return list(session.exec(select(table)))

    def runs(self) -> int:
        """Return how many assessments are stored."""
        return len(self.rows(AssessmentRow))

    def sql(self, table: Any, where: Any, **values: Any) -> None:
        """Change rows behind the service's back."""

        def change(tx: Any) -> None:
            for row in tx.session.exec(select(table).where(where)):
                row.sqlmodel_update(values)
                tx.session.add(row)

        self.service.store.write(change)

    def officer(self, name: str = "anna", party: Any = None) -> Actor:
        """Return an officer of the importer."""
        return dataclasses.replace((party or self.importer).actor("officer", name), id=name)

    def decide(self, disposition: str, kind: str, subject: str, *, by: str = "anna", **fields: Any) -> Decision:
        """Decide, naming every finding unless ``findings`` says otherwise."""
        state = self.state(kind, subject)
        fields = {"findings": tuple(item.digest for item in state.findings)} | fields
        proposal = review.Proposal(kind, subject, disposition, fields.pop("reason", REASON), **fields)
        return review.decide(self.service, self.officer(by), proposal)

    def judge(self, kind: str, subject: str, verdict: str, by: str = "anna") -> Decision:
        """Judge a hit, signal, document or correction."""
        return review.judge(self.service, self.officer(by), kind, subject, verdict, REASON)

    def confirm(self, decision: Decision, by: str = "bert") -> Decision:
        """Confirm as the second person."""
        return review.confirm(self.service, self.officer(by), decision.id, REASON)

    def hit(self, shipment: str, number: int = 0) -> str:
        """Return what a decision on a hit of a shipment names."""
        hits = sorted(self.facts("shipment", shipment)["entity_hits"], key=lambda hit: hit["party_name"])
        of = (hits[number]["list_code"], hits[number]["entry_id"], hits[number]["party_name"])
        return judging.hit_key(self.service, self.officer(), ("shipment", shipment), of)


def uri(party: Any, *path: str) -> str:
    """Return a URI of a party."""
    return f"https://{party.did.rsplit(':', 1)[1]}/{'/'.join(path)}"


def listed(key: str, name: str, **more: str) -> dict[str, str]:
    """Return a row of a name list."""
    return {"entry_key": key, "kind": "party", "primary": name, **more}


def event(kind: str, at: str, step: str, **more: Any) -> dict[str, Any]:
    """Return an EPCIS event; one with the same content has the same id."""
    number = uuid.uuid5(uuid.NAMESPACE_URL, repr((kind, at, step, sorted(more.items(), key=str))))
    base = {"type": kind, "eventID": f"urn:uuid:{number}", "eventTime": at, "eventTimeZoneOffset": "+00:00"}
    return {**base, "bizStep": step, **more}


def quantity(lot: str, kg: float) -> dict[str, Any]:
    """Return a quantity in kilograms."""
    return {"epcClass": lot, "quantity": kg, "uom": "KGM"}


def extraction(party: Any, lot: str, kg: float = 1000, day: str = "2026-11-01") -> dict[str, Any]:
    """Return the birth of a lot at a party's pit."""
    ends = [{"type": f"{end}_party", "destination": party.did} for end in ("owning", "possessing")]
    return event(
        "ObjectEvent", f"{day}T08:00:00Z", "commissioning", action="ADD", quantityList=[quantity(lot, kg)],
        readPoint={"id": uri(party, "site", "pit")}, destinationList=ends, ilmd={"crm:mineral": "cassiterite"},
    )  # fmt: skip


def hand(step: str, giver: Any, taker: Any, lot: str, kg: float = 1000, day: str = "2026-11-05") -> dict[str, Any]:
    """Return one side of a hand-over of possession and ownership."""
    leaving = step == "shipping"
    at, who, place = ("08", giver, "pit") if leaving else ("20", taker, "yard")
    kinds = ("owning", "possessing")
    return event(
        "ObjectEvent", f"{day}T{at}:00:00Z", step, action="OBSERVE", quantityList=[quantity(lot, kg)],
        readPoint={"id": uri(who, "site", place)},
        bizTransactionList=[{"type": "bol", "bizTransaction": f"{lot}/bol"}],
        sourceList=[{"type": f"{kind}_party", "source": giver.did} for kind in kinds],
        destinationList=[{"type": f"{kind}_party", "destination": taker.did} for kind in kinds],
    )  # fmt: skip


def blend(party: Any, inputs: dict[str, float], outputs: dict[str, float], day: str = "2026-11-10") -> dict[str, Any]:
    """Return a blending of lots at a party's yard."""
    return event(
        "TransformationEvent", f"{day}T08:00:00Z", "creating_class_instance",
        inputQuantityList=[quantity(*item) for item in inputs.items()],
        outputQuantityList=[quantity(*item) for item in outputs.items()],
        readPoint={"id": uri(party, "site", "yard")}, transformationID=f"{next(iter(outputs))}/process",
    )  # fmt: skip


def declared_wrong(wrong: dict[str, Any], *correctives: str) -> dict[str, Any]:
    """Return the repetition of an event that declares it wrong."""
    said = {"declarationTime": "2026-11-21T08:00:00Z", "reason": "incorrect_data"}
    return wrong | {"errorDeclaration": said | ({"correctiveEventIDs": list(correctives)} if correctives else {})}


class Tell:
    """The words of the stories, for test files."""

    uri, listed, event, extraction = (
        staticmethod(uri),
        staticmethod(listed),
        staticmethod(event),
        staticmethod(extraction),
    )
    quantity, hand, blend, declared_wrong = map(staticmethod, (quantity, hand, blend, declared_wrong))
    passage, origin, declared = staticmethod(passage), staticmethod(origin), staticmethod(Declared)
    report = staticmethod(report)
    reason = REASON
    context = _CONTEXT


@pytest.fixture(scope="session")
def tell() -> type[Tell]:
    return Tell


@pytest.fixture(scope="session")
def new_world() -> type[World]:
    """Return what makes a world in a service that outlives one test."""
    return World


@pytest.fixture
def world(service: Service, make_party: Callable[..., Any], tmp_path: Path) -> World:
    """Return a world on both databases."""
    return World(service, make_party, tmp_path)


@pytest.fixture
def quick(sqlite_service: Service, make_party: Callable[..., Any], tmp_path: Path) -> World:
    """Return a world on SQLite: for what does not depend on the database."""
    return World(sqlite_service, make_party, tmp_path)


def newest(table: Any) -> Any:
    """Return the order that puts the last row first."""
    return col(table.id).desc()
