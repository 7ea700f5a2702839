"""Lets people do once what pages are about that an untouched world does not have: cases, a decision, keys.

Everything goes the way its people go: forms of the console, proofs of possession, a capture signed with a wrong key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask.testing import FlaskClient
from lxml import html

from console_tour.pages import Found, NotToured
from traceability import strict_json
from traceability.errors import TraceabilityError
from traceability.events import sheet
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.possession import challenge_payload
from traceability.services import keys, lost_keys, parties
from traceability.services.access import Actor
from traceability.services.capture import CaptureRequest, capture
from traceability.services.context import Service
from traceability.services.worker import HANDLERS, load_handlers
from traceability.storage.jobs import Runner

_SAID = "string(//*[@role='alert'])"
_WHY = "Seen on a visit, and written down with the foreman."
_LETTER = "Your name is like that of a firm we have to look at. Tell us where we are mistaken."


@dataclass(frozen=True, slots=True)
class World:
    """Whom and what the cases are about: sign-in names by part, two parties' DIDs, a batch and a shipment record."""

    service: Service
    readers: Mapping[str | None, FlaskClient]
    names: Mapping[str, str]
    supplier: str
    trader: str
    batch: str
    shipment: str


def signed_in(client: FlaskClient, name: str, password: str, chosen: str | None = None) -> FlaskClient:
    """Sign somebody in, and let the owner of a one-time password choose one; return the client.

    Raises:
        NotToured: the console refused it.

    """
    send(client, "/sign-in", name=name, password=password)
    if chosen is not None:
        send(client, "/password", old=password, new=chosen, again=chosen)
    return client


def send(client: FlaskClient, address: str, **said: str | list[str]) -> str:
    """Post a form with the token of the session; return where it led, or the page it answered with.

    Raises:
        NotToured: the console refused it; with what it said.

    """
    form = html.fromstring(client.get("/sign-in").get_data(as_text=True))
    token = form.xpath("string(//input[@name='token']/@value)")
    answer = client.post(address, data={"token": token, **said})
    text = answer.get_data(as_text=True)
    if answer.status_code not in {HTTPStatus.OK, HTTPStatus.SEE_OTHER}:
        raise NotToured(f"{address}: {html.fromstring(text).xpath(_SAID)}")
    return answer.headers.get("Location", text)


def tell(world: World) -> list[Found]:
    """Do everything once; return the pages that nobody is led to by a link of the console."""
    secret = _cases(world)
    _decision(world)
    _parties(world)
    _refused_capture(world)
    send(world.readers[world.names["dpo"]], "/retention")
    load_handlers()
    while Runner(world.service, HANDLERS).run_once(limit=100):
        pass
    return [Found("web.contest_link", None, secret)]


def _cases(world: World) -> str:
    """Record a plan, a grievance, a notice and a request, hand the plan on; return the address of a contest's link."""
    officer, about = world.readers[world.names["officer"]], f"party {world.supplier}"
    plan = send(officer, "/plans", **{
        "risk_code": "A2-3", "adopted_on": "2026-09-10", "review_due_on": "2027-02-01", "progress": "on_track",
        "about": about, "what-1": "an audit of the route", "measure-1": "no checkpoint", "due_on-1": "2026-12-01",
    })  # fmt: skip
    send(officer, "/grievances", kind="grievance", channel="own", received_on="2026-11-10", status="open", about=about,
         text="Wages were withheld at the washing plant.", reporter="A worker")  # fmt: skip
    send(officer, "/notices", kind="CMR remedial_notice", authority="BGR", authority_country="DE",
         issued_on="2026-11-16", text="A plan with a timetable.")  # fmt: skip
    send(officer, "/requests", addressee=world.supplier, about=f"batch {world.batch}",
         question="Which pit was it dug in?", papers_wanted="certificate_of_origin", due_on="2027-01-30")  # fmt: skip
    work = [f"plan|{plan.rpartition('/')[2]}"]
    admin, names = world.readers[world.names["admin"]], world.names
    send(admin, "/users/work", user=names["officer"], to=names["second"], work=work)
    shown = officer.get(f"/decide.json?kind=shipment&id={world.shipment}").get_json()["findings"][0]["code"]
    told = send(
        officer, "/contests", name="Lake Metals", finding=shown, about=f"shipment {world.shipment}", told=_LETTER
    )
    found = re.search(r"/contested/[\w-]+", send(officer, f"{told}/link"))
    if found is None:
        raise NotToured(f"{told}/link gave no address for a party without an account")
    return found.group()


def _decision(world: World) -> None:
    officer = world.readers[world.names["officer"]]
    form = html.fromstring(officer.get(f"/decide?kind=shipment&id={world.shipment}").get_data(as_text=True))
    named, seen_of = (
        form.xpath("//input[@name='finding']/@value"),
        form.xpath("string(//*[@name='inputs_hash']/@value)"),
    )
    send(officer, "/decide", kind="shipment", id=world.shipment, inputs_hash=seen_of, finding=named, go="record",
         disposition="suspended", reason_code="other", reason=_WHY)  # fmt: skip


def _parties(world: World) -> None:
    """Propose a merge, register a further key, and let a stranger apply after a lost one and a firm for admission."""
    send(world.readers[world.names["admin"]], "/merges", kept=world.supplier, merged=world.trader, reason=_WHY)
    service, supplier = world.service, Actor("console", "sender", "supplier", _party_id(world, world.supplier))
    keys.register(service, supplier, _proof(service, world.supplier, "further"), "a second machine")
    lost = _proof(service, world.trader, "new")
    lost_keys.apply(service, parties.SELF_REGISTRATION, world.trader, lost, "The laptop with the key was stolen.")


def _party_id(world: World, did: str) -> str:
    with world.service.store.read() as session:
        return next(row.id for row in parties.parties(session) if row.did == did)


def _proof(service: Service, did: str, name: str) -> keys.ProofOfPossession:
    key = PrivateKey.generate("EdDSA", kid=f"{did}#{name}")
    nonce = keys.make_nonce(service, did)
    body = challenge_payload(did, key.kid, key.public.jwk, nonce, service.settings.log_origin)
    return keys.ProofOfPossession(body, sign_detached(body, key, kid=key.kid), nonce)


def _refused_capture(world: World) -> None:
    """Let events be refused, because another key signed them than the one they name: an incident."""
    service, did = world.service, world.supplier
    rows = f"what,when,zone,batch,quantity\nloss,2026-10-01T08:00,Z,{world.batch},1\n".encode()
    events, _ = sheet.read_rows(rows, "rows.csv", party=did)
    body = strict_json.dumps(sheet.document(events, service.clock()))
    with service.store.read() as session:
        party = next(row for row in parties.parties(session) if row.did == did)
    own = keys.listed(service, Actor("console", "sender", "supplier", party.id), "active")[0]
    wrong = PrivateKey.generate("EdDSA", kid=own.kid)
    sender = Actor("console", "sender", "supplier", party.id)
    try:
        capture(service, sender, CaptureRequest(body, "application/json", sign_detached(body, wrong, kid=own.kid)))
    except TraceabilityError as error:
        if error.status != HTTPStatus.FORBIDDEN:  # another refusal is no incident
            raise
