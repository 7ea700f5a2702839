"""A small world for the console's tests: parties, people, a signed chain, shipment records, a document, an incident.

Companies are invented but one: a trader bears the name of an entity on the list of the UN Security Council.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from traceability import strict_json
from traceability.app import create_app
from traceability.config import Settings
from traceability.errors import TraceabilityError
from traceability.events import sheet
from traceability.ledger.jose import sign_detached
from traceability.services import documents, lists, mandates, shipments
from traceability.services.access import TERMINAL
from traceability.services.capture import CaptureRequest, capture
from traceability.services.context import Service, open_service
from traceability.services.worker import HANDLERS, load_handlers
from traceability.storage.jobs import Runner
from traceability.storage.migrate import migrate

LISTED = "UGANDA COMMERCIAL IMPEX (UCI) LTD"
ORE = "https://id.mine-one.example/lot/ORE-1"
MIX = "https://id.trader.example/lot/MIX-1"
GOLD = "https://id.listed.example/lot/AU-7"
PASSWORD = "correct horse battery staple"
LETTER = (
    b"Supplier letter\n\nCountry of origin: Democratic Republic of the Congo\n\n"
    b"During our visit in May we saw children aged 12 carrying ore at the pit. The audit confirmed child labour.\n"
)


@dataclass
class Story:
    """What a test needs to know of the world."""

    service: Service
    people: dict[str, Any] = field(default_factory=dict)
    parties: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def app(self) -> Flask:
        """Return the application of this world."""
        return create_app(service=self.service)

    def work(self) -> None:
        """Do every job that waits."""
        load_handlers()
        while Runner(self.service, HANDLERS).run_once(limit=100):
            pass

    def actor(self, name: str) -> Any:
        """Return the actor of a person."""
        return self.people[name].actor


def factories() -> ModuleType:
    """Return the factories the suite's conftest has loaded."""
    return sys.modules["traceability_factories"]


def rows(*given: dict[str, str]) -> bytes:
    """Return rows as the CSV of our template."""
    names = list(dict.fromkeys(name for row in given for name in row))
    lines = [",".join(names), *(",".join(row.get(name, "") for name in names) for row in given)]
    return "\n".join(lines).encode()


def post(service: Service, party: Any, *given: dict[str, str], signer: Any = None) -> None:
    """Let a party capture rows, signed with its key or with that of ``signer``."""
    events, errors = sheet.read_rows(rows(*given), "rows.csv", party=party.did)
    assert not errors, errors
    body = strict_json.dumps(sheet.document(events, service.clock()))
    key = (signer or party).key
    jws = sign_detached(body, key, kid=party.key.kid)
    capture(
        service,
        party.actor("supplier" if party.row.roles != ["importer"] else "importer"),
        CaptureRequest(body, "application/json", jws),
    )


def declare(service: Service, importer: Any, record: dict[str, Any]) -> None:
    """Let the importer sign a shipment record."""
    body = strict_json.dumps(record)
    jws = sign_detached(body, importer.key, kid=importer.key.kid)
    shipments.post(service, importer.actor("importer"), body, "application/json", jws)


def chain(story: Story) -> None:
    """Capture tin from North Kivu to Rotterdam, one link of it unsigned, and gold of a listed trader."""
    service, at = story.service, {"zone": "+02:00"}
    mine, trader, listed, importer = (story.parties[name] for name in ("mine", "trader", "listed", "importer"))
    post(service, mine,
         {**at, "what": "extraction", "when": "2026-09-01T08:00", "batch": ORE, "quantity": "1250.5", "mineral": "cassiterite",
          "origin_country": "CD", "origin_region": "CD-NK", "mining_method": "ASM"},
         {**at, "what": "dispatch", "when": "2026-09-03T08:00", "batch": ORE, "quantity": "1250.5", "from": mine.did, "to": trader.did})  # fmt: skip
    post(service, trader,
         {**at, "what": "receipt", "when": "2026-09-06T08:00", "batch": ORE, "quantity": "1250.5", "from": mine.did, "to": trader.did},
         {**at, "what": "blending", "when": "2026-09-10T08:00", "inputs": f"{ORE}=1250.5", "outputs": f"{MIX}=1240",
          "mineral": "cassiterite", "process_loss_kg": "10.5", "from": trader.did, "to": trader.did},
         {**at, "what": "dispatch", "when": "2026-09-20T08:00", "batch": MIX, "quantity": "1240", "from": trader.did, "to": importer.did})  # fmt: skip
    post(service, importer,
         {**at, "what": "weighing", "when": "2026-09-15T08:00", "batch": MIX, "quantity": "1240"},
         {**at, "what": "transport", "when": "2026-09-25T08:00", "batch": MIX, "quantity": "1240", "from": trader.did, "to": importer.did},
         {**at, "what": "receipt", "when": "2026-10-20T08:00", "batch": MIX, "quantity": "1240", "from": trader.did, "to": importer.did})  # fmt: skip
    post(service, listed,
         {**at, "what": "extraction", "when": "2026-09-02T08:00", "batch": GOLD, "quantity": "3.25", "mineral": "gold",
          "origin_country": "UG"},
         {**at, "what": "dispatch", "when": "2026-09-04T08:00", "batch": GOLD, "quantity": "3.25", "from": listed.did, "to": importer.did})  # fmt: skip
    post(service, importer,
         {**at, "what": "receipt", "when": "2026-09-09T08:00", "batch": GOLD, "quantity": "3.25", "from": listed.did, "to": importer.did})  # fmt: skip


def refuse(story: Story) -> None:
    """Let a capture be refused: signed with another key than it names."""
    mine, other = story.parties["mine"], story.parties["trader"]
    row = {"what": "loss", "when": "2026-10-01T08:00", "zone": "Z", "batch": ORE, "quantity": "1"}
    try:
        post(story.service, mine, row, signer=other)
    except TraceabilityError as error:
        assert error.status == 403  # noqa: PT017  # anything else is no incident


def build(service: Service) -> Story:
    """Write the whole world and do the jobs that follow from it."""
    make = factories()
    story = Story(service)
    for name, title, roles, country in PARTIES:
        did = f"did:web:{name}.example"
        story.parties[name] = make.new_party(service, title, roles=roles, country=country, did=did)
    story.parties["hopeful"] = make.new_party(service, "Hopeful Mine", did="did:web:hopeful.example", state="waiting")
    for name, role, party in PEOPLE:
        whose = story.parties[party] if party else None
        made = make.new_user(service, role, party=whose, name=name, password=PASSWORD, one_time=name == "new")
        story.people[name] = made
    permit(service, story.parties["importer"].did)
    chain(story)
    refuse(story)
    for record in RECORDS:
        declare(service, story.parties["importer"], record)
    links = [("shipment", "NL-2026-0001"), ("batch", MIX)]
    documents.upload(service, story.actor("anna"), LETTER, "letter.txt", "text/plain", links)
    story.work()
    return story


def permit(service: Service, importer: str) -> None:
    """Record the mandates of the regulator and of the auditor, who reads one importer."""
    period, article = (date(2026, 1, 1), date(2027, 12, 31)), "Regulation (EU) 2017/821, Article 11"
    mandates.grant(service, TERMINAL, "reg", "Authority of the Netherlands", article, "checks of importers", period)
    mandates.grant(service, TERMINAL, "aud", "Audit house", article, "third-party audit 2026", period, importer, period)


PARTIES = (
    ("mine", "Mine One", ["mine"], "CD"),
    ("trader", "Lakeside Trading", ["trader"], "RW"),
    ("listed", LISTED, ["trader"], "UG"),
    ("importer", "Importer One", ["importer"], "NL"),
    ("rival", "Importer Two", ["importer"], "DE"),
)
PEOPLE = (
    ("anna", "officer", "importer"), ("boris", "officer", "importer"), ("new", "officer", "importer"),
    ("rita", "officer", "rival"), ("ines", "importer", "importer"), ("sam", "supplier", "mine"),
    ("reg", "regulator", None), ("aud", "auditor", None), ("dora", "dpo", None), ("adam", "admin", None),
)  # fmt: skip
_TIN = {
    "shipment_id": "NL-2026-0001", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
    "materials": ["tin"], "origins": [{"country": "CD", "subdivision": "CD-NK"}], "batch_ids": [MIX],
}  # fmt: skip
_GOLD = {
    **_TIN, "shipment_id": "NL-2026-0002", "cn_code": "71081200", "materials": ["gold"], "origins": [{"country": "UG"}],
    "batch_ids": [GOLD],
}  # fmt: skip
RECORDS = (_TIN, _GOLD)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
_BUILT: dict[str, Any] = {}


def settings_in(folder: Path) -> Settings:
    """Return the settings of a world kept in a folder."""
    url = f"sqlite:///{folder / 'traceability.db'}"
    return Settings(database_url=url, state_dir=folder, log_origin="traceability.example/log", now=NOW)


def built(folder: Path) -> Path:
    """Return the folder of the world; it is built once in a run, with every list of the seed."""
    if "folder" not in _BUILT:
        settings = settings_in(folder)
        migrate(settings.database_url)
        service = open_service(settings)
        lists.load_folder(service, TERMINAL, settings.seed_dir / "lists")
        story = build(service)
        service.close()
        _BUILT.update(folder=folder, story=story)
    found: Path = _BUILT["folder"]
    return found


@contextmanager
def opened(built_in: Path, copy: Path) -> Iterator[Story]:
    """Open a copy of the world that a test may change."""
    shutil.copytree(built_in, copy)
    service = open_service(settings_in(copy))
    try:
        yield replace(_BUILT["story"], service=service)
    finally:
        service.close()


class Browser:
    """A reader at the console without JavaScript: opens pages, sends the forms that stand on them."""

    def __init__(self, story: Story, name: str | None = None) -> None:
        self.client: FlaskClient = story.app.test_client()
        if name is not None:
            self.send("/sign-in", name=name, password=PASSWORD)

    def get(self, address: str) -> Any:
        """Open an address."""
        return self.client.get(address)

    def token(self) -> str:
        """Return the form token of this session."""
        page = self.get("/sign-in").get_data(as_text=True)
        return page.partition('name="token" value="')[2].partition('"')[0]

    def send(self, address: str, **fields: Any) -> Any:
        """Post a form with this session's token."""
        return self.client.post(address, data={"token": self.token(), **fields})
