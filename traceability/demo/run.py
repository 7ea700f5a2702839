"""Runs the demonstration on an empty database: lists, parties, people, five chains, assessment, result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from traceability import strict_json
from traceability.app import create_app
from traceability.demo import concern, keep
from traceability.demo.accounts import Account, Setup
from traceability.demo.api import Api
from traceability.demo.cast import GOMA, IMPORTER
from traceability.demo.chains import stories
from traceability.demo.members import Member, join_all
from traceability.demo.profile import statement
from traceability.demo.state import MOMENT, has_data
from traceability.demo.story import Story, document
from traceability.errors import Conflict
from traceability.services.access import TERMINAL
from traceability.services.context import Service
from traceability.services.lists import load_folder
from traceability.services.worker import HANDLERS, load_handlers
from traceability.storage.jobs import Runner, all_jobs


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one chain: its batch, the state people see, the codes above info, and which lists fell short."""

    batch: str
    state: str
    codes: tuple[str, ...]
    coverage: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the shape of cli.md."""
        return {"batch": self.batch, "state": self.state, "codes": list(self.codes), "coverage": list(self.coverage)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the demonstration made: its rows, who can sign in, and the folder with keys, API keys and receipts."""

    rows: tuple[Row, ...]
    accounts: tuple[Account, ...]
    folder: Path


def run(service: Service) -> Outcome:
    """Run the demonstration.

    Args:
        service: opened with ``pinned`` settings; its database has this program's schema and nothing else.

    Raises:
        Conflict: there is data already; the demonstration would stand among it.
        DemoRefused: the API refused a step.

    """
    if has_data(service):
        raise Conflict("the database holds data already; the demonstration needs an empty one (`make clean`)")
    folder = keep.make_folder(service.settings.state_dir)
    load_handlers()
    for name in ("lists", "tables"):
        load_folder(service, TERMINAL, service.settings.seed_dir / name)
    api = Api(create_app(service=service), service)
    setup = Setup(api, service)
    members = join_all(api, setup)
    importer = members[IMPORTER.slug]
    api.detached("/v1/profile", strict_json.dumps(statement()), importer.key, importer.auth)
    told = stories()
    for story in told:
        keep.receipts(folder, story.name, _tell(api, members, story))
    finish_jobs(service)
    for story in told:
        _hand_in(api, importer, story, service.settings.seed_dir / "demo")
    finish_jobs(service)
    concern.tell(api, setup, next(story.shipment["shipment_id"] for story in told if GOMA.slug in story.batch))
    rows = tuple(_row(api, importer, story) for story in told)
    accounts = tuple(setup.people())
    setup.mandate("regulator")
    reader = setup.machine("regulator-software", "regulator", None, ("read",))
    setup.mandate("regulator-software")
    setup.close()
    keep.secrets(folder, members, reader)
    keep.policy(folder, service.log_key.vkey)
    return Outcome(rows, accounts, folder)


def finish_jobs(service: Service) -> None:
    """Run jobs until none is left.

    Raises:
        Conflict: a job has failed, so that some state would stay pending.

    """
    runner = Runner(service, HANDLERS)
    while runner.run_once(limit=100):
        pass
    with service.store.read() as session:
        left = all_jobs(session)
    if left:
        raise Conflict(f"the job {left[0].name} failed: {left[0].error}")


def _tell(api: Api, members: Mapping[str, Member], story: Story) -> list[Any]:
    """Post the captures of a chain, each by its company; return the receipts."""
    created = MOMENT.isoformat().replace("+00:00", "Z")
    receipts: list[Any] = []
    for company, events in story.captures():
        member = members[company.slug]
        body = strict_json.dumps(document(events, created))
        post = api.credential if company.alg == "ES256" else api.detached
        done = post("/epcis/capture", body, member.key, member.auth)
        receipts += [found["receipt"] for found in api.get(done["receipts"], member.auth)]
    return receipts


def _hand_in(api: Api, importer: Member, story: Story, papers: Path) -> None:
    """Post the documents of a chain, which the importer sees by now, then the shipment record that names them."""
    record = story.shipment
    uploaded: dict[str, str] = {}
    for paper in story.papers:
        links = [("batch", batch) for batch in paper.batches]
        links += [("shipment", record["shipment_id"])] if paper.shipment else []
        done = api.upload(paper.filename, (papers / paper.filename).read_bytes(), links, importer.auth)
        uploaded[paper.filename] = f"sha256:{done['sha256']}"
    for path, filename in story.proofs.items():
        _put(record, path, uploaded[filename])
    api.detached("/v1/shipments", strict_json.dumps(record), importer.key, importer.auth)


def _put(record: Any, path: Sequence[str | int], value: str) -> None:
    for part in path[:-1]:
        record = record[part]
    record[path[-1]] = value


def _row(api: Api, importer: Member, story: Story) -> Row:
    found = api.get(f"/v1/batches/{quote(story.batch, safe='')}/state", importer.auth)
    limited = [item for subject in found["subjects"] for item in subject["coverage"] if item["required"]]
    said = tuple(item["sentence"] for item in limited if item["state"] != "full")
    return Row(found["batch"], found["state"], tuple(found["codes"]), said)
